/**
 * `migrate plan`: what an apply would do, and what would stop it. Reads only.
 * @module
 */
import { planBody } from "../../migrations/plan-report.ts";
import type { Report } from "../../report/report.ts";
import { optionsOf } from "../../options/check-options.ts";
import { readFolder } from "../../project/folder.ts";
import { localStateFindings } from "../../project/local-state.ts";
import { withFindingsFirst } from "../../report/report-body.ts";
import { PLAN, type MigratePlanOptions } from "./plan-options.ts";
import { lastOf, readPlan } from "./read-plan.ts";
import { openDatabase } from "../../project/open.ts";
import { withProject } from "../../project/project.ts";

const readOptions = optionsOf<MigratePlanOptions>("migratePlan", PLAN);

export type { MigratePlanOptions } from "./plan-options.ts";

/** Outcome `problems` (exit 1) where something stops the run. */
export async function migratePlan(given: MigratePlanOptions = {}): Promise<Report> {
  return withProject("migrate plan", readOptions(given), {}, async (project) => {
    const { settings, options } = project;
    const folder = await readFolder(settings.projectPath, settings.database);
    const to = lastOf(folder, options.to);
    const { d1 } = await openDatabase(project, "read");
    const { plan, allow, warnings, unreadable } = await readPlan(project, d1, folder, to);
    const body = planBody(plan, allow, [...unreadable, ...warnings]);
    return withFindingsFirst(body, localStateFindings(project, settings.database));
  });
}
