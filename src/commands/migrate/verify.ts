/**
 * `migrate verify`: checks that the database has the schema that its applied migrations create. Only reads.
 * @module
 */
import { openMemory } from "../../database/memory.ts";
import { openNameCheck } from "../../database/name-check.ts";
import { acceptedFindings, problemFinding, unreadableFindings } from "../../migrations/findings.ts";
import { readLedger } from "../../migrations/ledger.ts";
import { planMigrations } from "../../migrations/plan.ts";
import { compareWithLedger } from "../../migrations/comparison.ts";
import { appliedTextNames } from "../../migrations/text-names.ts";
import { filesCheck, verification, verifySummary } from "../../migrations/verify-report.ts";
import type { Report } from "../../report/report.ts";
import { optionsOf } from "../../options/check-options.ts";
import { readMigrations } from "../../project/read-migrations.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";
import { openDatabase } from "../../project/open-database.ts";
import { withProject } from "../../project/project.ts";

const readOptions = optionsOf<ProjectOptions>("migrateVerify", PROJECT);

/** Returns outcome `problems` (exit 1) on any difference, and if the files cannot be replayed. */
export async function migrateVerify(given: ProjectOptions = {}): Promise<Report> {
  return withProject("migrate verify", readOptions(given), async (project) => {
    const { settings } = project;
    const table = settings.database.migrationsTable;
    const folder = await readMigrations(settings.projectPath, settings.database);
    const { d1 } = await openDatabase(project, "read");
    const applied = await readLedger(d1, table);
    const comparison = compareWithLedger(folder, applied);
    // Pending files do not affect the expected schema. `migrate status` reports late and new ones.
    const { problems } = planMigrations(
      { comparison: { ...comparison, pending: [], outOfOrder: [] }, to: null, allow: new Set() },
      folder,
    );
    const { check, findings, differences } = await verification(
      { d1, table, folder, applied, openMemory },
      "error",
    );
    const names = new Map(folder.map((migration) => [migration.name, migration]));
    const files = applied.flatMap(({ name }) => names.get(name) ?? []);
    const bad = check.outcome !== "pass" || problems.length > 0;
    return {
      outcome: bad ? "problems" : "ok",
      summary: verifySummary(check, differences.length, applied.length, problems),
      findings: [
        ...problems.map((problem) => problemFinding(problem, false)),
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
