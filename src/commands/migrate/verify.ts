/** @module `migrate verify`: checks that the database has the schema that its applied migrations create. Only reads. */
import { openMemory } from "../../database/memory.ts";
import { openNameCheck } from "../../database/name-check.ts";
import { acceptedFindings, problemFinding, unreadableFindings } from "../../migrations/findings.ts";
import { planProblems } from "../../migrations/plan.ts";
import { appliedTextNames } from "../../migrations/text-names.ts";
import { filesCheck, verification, verifySummary } from "../../migrations/verify-report.ts";
import type { Report } from "../../report/report.ts";
import { optionsOf } from "../../options/check-options.ts";
import { readComparison } from "../../project/read-migrations.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";
import { withProject } from "../../project/project.ts";

const readOptions = optionsOf<ProjectOptions>("migrateVerify", PROJECT);

/** Returns outcome `problems` (exit 1) on any difference, and if the files cannot be replayed. */
export async function migrateVerify(given: ProjectOptions = {}): Promise<Report> {
  return withProject("migrate verify", readOptions(given), async (project) => {
    const { database } = project.settings;
    const { d1, folder, comparison } = await readComparison(project, database);
    const { applied } = comparison;
    // Pending files do not affect the expected schema. `migrate status` reports late and new ones.
    const problems = planProblems({ ...comparison, pending: [], outOfOrder: [] }, folder);
    const { check, findings, differences } = await verification(
      { d1, table: database.migrationsTable, folder, applied, openMemory },
      "error",
    );
    const names = new Map(folder.map((migration) => [migration.name, migration]));
    const files = applied.flatMap(({ name }) => names.get(name) ?? []);
    const bad = check.outcome !== "pass" || problems.length > 0;
    return {
      outcome: bad ? "problems" : "ok",
      summary: verifySummary(check, differences.length, applied.length, problems),
      findings: [
        ...problems.map((problem) => problemFinding(problem, "error")),
        ...acceptedFindings(comparison),
        ...unreadableFindings(folder, comparison),
        ...findings,
        ...appliedTextNames(files, openNameCheck),
      ],
      checks: [filesCheck(problems), check],
      data: { differences: differences.map((difference) => ({ ...difference })) },
    };
  });
}
