/** @module `migrate apply`: applies the pending migrations, one transaction per migration, and reports what is applied. */
import { knownAccount } from "../../cloudflare/account.ts";
import type { Database } from "../../database/port.ts";
import { acceptancesOf } from "../../migrations/acceptance.ts";
import { destructionFindings } from "../../migrations/destruction.ts";
import { planBody } from "../../migrations/plan-report.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { earlyBookmark } from "../../project/way-back.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import { leaseSecondsFrom } from "../../project/run-lease.ts";
import { localStateFindings } from "../../project/local-state.ts";
import { withFindingsFirst } from "../../report/report-body.ts";
import { openDatabase } from "../../project/open-database.ts";
import {
  BOOKMARK,
  type BookmarkOptions,
  WRITE,
  type WriteOptions,
} from "../../project/project-options.ts";
import { type Project, withWritingProject } from "../../project/project.ts";
import { command, offer } from "../../report/command.ts";
import type { OnProgress } from "../../report/progress.ts";
import type { Report } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import { acceptOnly } from "./apply-accept.ts";
import { executePlan } from "./apply-run.ts";
import { type MigratePlanOptions, PLAN } from "./plan-options.ts";
import { type PlanRead, readPlan, readScope } from "./read-plan.ts";

export interface MigrateApplyOptions extends MigratePlanOptions, WriteOptions, BookmarkOptions {
  /** Called before each migration. */
  readonly onProgress?: OnProgress;
}

const readOptions = optionsOf<MigrateApplyOptions>("migrateApply", {
  ...WRITE,
  ...PLAN,
  ...BOOKMARK,
  onProgress: kinds.optional(kinds.listener<OnProgress>()),
});

/**
 * Applies the pending migrations. The outcome is one of:
 *
 * - `changed`: applied. `ok`: nothing to do.
 * - `problems`: the plan was stopped and nothing was changed (exit 3).
 * - `failed`: a migration failed and nothing was changed (exit 3).
 * - `partial`: earlier migrations of this run are applied (exit 4).
 * @throws OpsError if the run could not start; nothing was changed then
 */
export async function migrateApply(given: MigrateApplyOptions = {}): Promise<Report> {
  return withWritingProject("migrate apply", readOptions(given), async (project) => {
    const { dryRun = false } = project.options;
    const leaseSeconds = leaseSecondsFrom(project.variables);
    const scope = await readScope(project);
    // Before opening the database, which creates a missing local file.
    const elsewhere = localStateFindings(project, project.settings.database);
    const database = await openDatabase(project, dryRun ? "read" : "write", "close");
    const bookmark = dryRun ? null : earlyBookmark(project, database);
    const read = await readPlan(project, database.d1, scope);
    const { plan, allow, warnings, unreadable } = read;
    if (dryRun) {
      const body = planBody(plan, allow, [...unreadable, ...warnings()]);
      // A stopped apply is a failure, unlike a stopped plan.
      const exit = plan.obstacles.length > 0 ? ({ exitCode: 3 } as const) : {};
      return { ...withFindingsFirst(body, elsewhere), ...exit };
    }
    const accepts = acceptancesOf(plan, allow);
    if (plan.steps.length === 0 && accepts.length > 0) {
      return acceptOnly(project, database, read, accepts);
    }
    await confirmPlan(project, database, read);
    const request = { ...read, database, bookmark, leaseSeconds, accepts };
    const run = await executePlan(project, request);
    const findings = [...(run.body.findings ?? []), ...warnings(run.applied)];
    return withFindingsFirst({ ...run.body, findings }, elsewhere);
  });
}

async function confirmPlan(
  project: Project<MigrateApplyOptions>,
  { target }: Database,
  { plan: { steps, obstacles }, warnings }: PlanRead,
): Promise<void> {
  if (steps.length === 0 || obstacles.length > 0) return;
  await requireConfirmation(project, {
    action: `apply ${count(steps.length, "migration")}`,
    target,
    account: knownAccount(project.settings.accountId, project.variables)?.id ?? null,
    steps: steps.map(({ name }) => name),
    notes: warnings().map(({ message }) => message),
    destructive: () => destructionFindings(steps),
    preview: offer("To see what it would do", command("migrate plan")),
  });
}
