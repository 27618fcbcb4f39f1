/** @module `migrate status`: lists applied and pending migrations, and reports problems. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { planProblems } from "../../migrations/plan.ts";
import { statusBody } from "../../migrations/status-report.ts";
import type { Report } from "../../report/report.ts";
import { readComparison } from "../../project/read-migrations.ts";
import { localStateFindings } from "../../project/local-state.ts";
import { withFindingsFirst } from "../../report/report-body.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";
import { withProject } from "../../project/project.ts";

export interface MigrateStatusOptions extends ProjectOptions {
  /** Exit code 1 when migrations are pending, as `git diff --exit-code`. */
  readonly exitCode?: boolean;
}

const readOptions = optionsOf<MigrateStatusOptions>("migrateStatus", {
  ...PROJECT,
  exitCode: kinds.optional(kinds.flag),
});

/** Only reads. Returns outcome `problems` (exit 1) if a migration is changed, renamed, missing or late. */
export async function migrateStatus(given: MigrateStatusOptions = {}): Promise<Report> {
  return withProject("migrate status", readOptions(given), async (project) => {
    const { settings, options } = project;
    const { folder, comparison } = await readComparison(project, settings.database);
    const problems = planProblems(comparison, folder);
    const body = statusBody(folder, comparison, problems, options.exitCode === true);
    return withFindingsFirst(body, localStateFindings(project, settings.database));
  });
}
