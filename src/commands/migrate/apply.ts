/**
 * `migrate apply`: brings the database up to the folder, one transaction a migration, and says what stands.
 * @module
 */
import { knownAccount } from "../../cloudflare/account.ts";
import type { Database } from "../../database/port.ts";
import { acceptancesOf } from "../../migrations/acceptance.ts";
import { destructionFindings } from "../../migrations/destruction.ts";
import type { Plan } from "../../migrations/plan.ts";
import { command, offer } from "../../report/command.ts";
import type { Finding, Report } from "../../report/report.ts";
import { acceptOnly } from "./apply-accept.ts";
import { type MigrateApplyOptions, readMigrateApply } from "./apply-options.ts";
import { carryOut } from "./apply-run.ts";
import { readBookmark } from "../../project/bookmark.ts";
import { demandConfirmation } from "../../project/confirm.ts";
import { readFolder } from "../../project/folder.ts";
import { leaseSeconds } from "../../project/held-lease.ts";
import { localStateFindings } from "../../project/local-state.ts";
import { withFindingsFirst } from "../../report/report-body.ts";
import { planBody } from "../../migrations/plan-report.ts";
import { lastOf, readPlan } from "./read-plan.ts";
import { openDatabase } from "../../project/open.ts";
import { type Project, withProject } from "../../project/project.ts";
import { count } from "../../report/wording.ts";

export type { MigrateApplyOptions } from "./apply-options.ts";

/**
 * Applies what is pending. Outcome `changed`, `ok` (nothing to do), `problems` (the plan was stopped, exit 3),
 * `failed` (nothing changed, exit 3), `partial` (earlier migrations of this run stand, exit 4).
 * @throws OpsError for what made it impossible to begin: nothing was changed then
 */
export async function migrateApply(given: MigrateApplyOptions = {}): Promise<Report> {
  return withProject("migrate apply", readMigrateApply(given), { place: true }, async (project) => {
    const { settings, options } = project;
    const dry = options.dryRun === true;
    leaseSeconds(project);
    const folder = await readFolder(settings.projectPath, settings.database);
    const to = lastOf(folder, options.to);
    // Before the file is made: then it is there.
    const elsewhere = localStateFindings(project, settings.database);
    const database = await openDatabase(project, dry ? "read" : "write");
    const bookmark = earlyBookmark(project, database);
    const { plan, allow, warnings, unreadable, ...read } = await readPlan(
      project,
      database.d1,
      folder,
      to,
    );
    if (dry) {
      const body = planBody(plan, allow, [...unreadable, ...warnings]);
      return { ...withFindingsFirst(body, elsewhere), ...stopCode(plan.obstacles.length) };
    }
    const accepts = acceptancesOf(plan, allow);
    if (plan.steps.length === 0 && accepts.length > 0) {
      return acceptOnly(project, database, plan, allow);
    }
    await confirmPlan(project, database, plan, warnings);
    const request = { ...read, database, folder, to, allow, plan, bookmark, accepts };
    const body = await carryOut(project, request);
    return withFindingsFirst(
      { ...body, findings: [...(body.findings ?? []), ...warnings] },
      elsewhere,
    );
  });
}

/** Where nobody is going to be asked, it is read at the same time as the ledger: the write comes right after. */
function earlyBookmark(
  project: Project<MigrateApplyOptions>,
  database: Database,
): Promise<string | null> | null {
  const { yes, dryRun } = project.options;
  if (database.bookmark === null || yes !== true || dryRun === true) return null;
  const asked = readBookmark(project, database);
  // Whoever needs it meets the failure; where nothing is pending nobody does.
  asked.catch(() => {});
  return asked;
}

async function confirmPlan(
  project: Project<MigrateApplyOptions>,
  { target }: Database,
  { steps, obstacles }: Plan,
  warnings: readonly Finding[],
): Promise<void> {
  if (steps.length === 0 || obstacles.length > 0) return;
  await demandConfirmation(project, {
    action: `apply ${count(steps.length, "migration")}`,
    target,
    account: knownAccount(project.settings.accountId, project.variables)?.id ?? null,
    steps: steps.map(({ name }) => name),
    notes: warnings.map(({ message }) => message),
    destructive: destructionFindings(steps),
    look: offer("To see what would be done", command("migrate plan")),
  });
}

/** A stopped run changed nothing: that is a failure of the order to apply, not only an answer. */
function stopCode(obstacles: number): { exitCode: 3 } | Record<string, never> {
  return obstacles > 0 ? { exitCode: 3 } : {};
}
