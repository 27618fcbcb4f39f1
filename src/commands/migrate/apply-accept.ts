/** @module `migrate apply --allow-changed` if nothing is pending: only records the acceptances. */
import type { Database } from "../../database/port.ts";
import { type Acceptance, recordAcceptances } from "../../migrations/acceptance.ts";
import { withAcceptances } from "../../migrations/apply-report.ts";
import { problemFindings } from "../../migrations/plan-report.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import type { WriteOptions } from "../../project/project-options.ts";
import type { Project } from "../../project/project.ts";
import { authorOf } from "../../project/runner.ts";
import type { Body } from "../../report/report-body.ts";
import { command, offer } from "../../report/command.ts";
import { count } from "../../report/wording.ts";
import type { PlanRead } from "./read-plan.ts";

/** @throws OpsError NOT_CONFIRMED, and errors of the database */
export async function acceptOnly(
  project: Project<WriteOptions>,
  { d1, target }: Database,
  { plan, allow }: Pick<PlanRead, "plan" | "allow">,
  accepts: readonly Acceptance[],
): Promise<Body> {
  await requireConfirmation(project, {
    action: `accept ${count(accepts.length, "change")} of applied files`,
    target,
    steps: accepts.map(({ name }) => name),
    preview: offer("To see what was changed", command("migrate status")),
  });
  const { sleep, settings } = project;
  const table = settings.database.migrationsTable;
  await recordAcceptances(accepts, { d1, table, author: authorOf(project), sleep });
  const body: Body = {
    outcome: "ok",
    summary: "Nothing to apply",
    findings: problemFindings(plan, allow),
    data: { applied: [], byOthers: [], pending: [] },
  };
  return withAcceptances(body, accepts);
}
