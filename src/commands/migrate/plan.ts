/** @module `migrate plan`: what an apply would do, and what would stop it. Only reads. */
import { planBody } from "../../migrations/plan-report.ts";
import { optionsOf } from "../../options/check-options.ts";
import { localStateFindings } from "../../project/local-state.ts";
import { withFindingsFirst } from "../../report/report-body.ts";
import { openDatabase } from "../../project/open-database.ts";
import { withProject } from "../../project/project.ts";
import type { Report } from "../../report/report.ts";
import { type MigratePlanOptions, PLAN } from "./plan-options.ts";
import { readPlan, readScope } from "./read-plan.ts";

const readOptions = optionsOf<MigratePlanOptions>("migratePlan", PLAN);

export type { MigratePlanOptions } from "./plan-options.ts";

/** Returns outcome `problems` (exit 1) if something stops the run. */
export async function migratePlan(given: MigratePlanOptions = {}): Promise<Report> {
  return withProject("migrate plan", readOptions(given), async (project) => {
    const scope = await readScope(project);
    const { d1 } = await openDatabase(project, "read");
    const { plan, allow, warnings, unreadable } = await readPlan(project, d1, scope);
    const body = planBody(plan, allow, [...unreadable, ...warnings()]);
    return withFindingsFirst(body, localStateFindings(project, project.settings.database));
  });
}
