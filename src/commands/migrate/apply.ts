/**
 * `migrate apply`: brings the database up to the folder, one transaction a migration, and says what stands.
 * @module
 */
import { knownAccount } from "../../cloudflare/account.ts";
import type { Settings } from "../../config/settings.ts";
import type { Database } from "../../database/port.ts";
import { acceptancesOf } from "../../migrations/acceptance.ts";
import { destructionFindings } from "../../migrations/destruction.ts";
import type { Plan } from "../../migrations/plan.ts";
import { command, offer } from "../../report/command.ts";
import type { Finding, Report } from "../../report/report.ts";
import { acceptOnly } from "./apply-accept.ts";
import { carryOut, type MigrateApplyOptions, readMigrateApply } from "./apply-run.ts";
import { readBookmark } from "../../project/bookmark.ts";
import { demandConfirmation } from "../../project/confirm.ts";
import { findWritable } from "../../project/demand.ts";
import { report, start } from "../../project/envelope.ts";
import { readFolder } from "../../project/folder.ts";
import { leaseSeconds } from "../../project/held-lease.ts";
import { localStateFindings, withFindings } from "../../project/local-state.ts";
import { lastOf, planBody, readPlan } from "./plan.ts";
import type { WriteOptions } from "../../project/options.ts";
import { openDatabase, variablesOf } from "../../project/open.ts";
import { runVerb } from "../../project/run-verb.ts";

export type { MigrateApplyOptions } from "./apply-run.ts";

/**
 * Applies what is pending. Outcome `changed`, `ok` (nothing to do), `problems` (the plan was stopped, exit 3),
 * `failed` (nothing changed, exit 3), `partial` (earlier migrations of this run stand, exit 4).
 * @throws OpsError for what made it impossible to begin: nothing was changed then
 */
export async function migrateApply(given: MigrateApplyOptions = {}): Promise<Report> {
  return runVerb("migrate apply", readMigrateApply(given), apply);
}

async function apply(options: MigrateApplyOptions): Promise<Report> {
  const started = start();
  leaseSeconds(options);
  const project = await findWritable("migrate apply", options);
  const { settings } = project;
  const folder = await readFolder(settings.projectPath, settings.database);
  const to = lastOf(folder, options.to);
  // Before the file is made: then it is there.
  const elsewhere = localStateFindings(settings, settings.database, options);
  const database = await openDatabase(project, options.dryRun === true ? "read" : "write", options);
  try {
    const bookmark = earlyBookmark(database, options);
    const read = await readPlan(database, settings, folder, to, options);
    const { ledger, unready, gate, allow, plan, warnings, unreadable } = read;
    if (options.dryRun === true) {
      return report("migrate apply", database.target, started, {
        ...withFindings(planBody(plan, allow, [...unreadable, ...warnings]), elsewhere),
        ...stopCode(plan.obstacles.length),
      });
    }
    const accepts = acceptancesOf(plan, allow);
    if (plan.steps.length === 0 && accepts.length > 0) {
      const body = await acceptOnly(database, settings, plan, accepts, allow, options);
      return report("migrate apply", database.target, started, body);
    }
    await confirmPlan(plan, warnings, database, settings, options);
    const body = await carryOut(
      { database, settings, folder, to, allow, ledger, plan, bookmark, gate, unready, accepts },
      options,
    );
    const findings = [...(body.findings ?? []), ...warnings];
    const whole = withFindings({ ...body, findings }, elsewhere);
    return report("migrate apply", database.target, started, whole);
  } finally {
    database.close();
  }
}

/** Where nobody is going to be asked, it is read at the same time as the ledger: the write comes right after. */
function earlyBookmark(
  database: Database,
  options: MigrateApplyOptions,
): Promise<string | null> | null {
  const { yes, dryRun } = options;
  if (database.bookmark === null || yes !== true || dryRun === true) return null;
  const asked = readBookmark("migrate apply", database, options);
  // Whoever needs it meets the failure; where nothing is pending nobody does.
  asked.catch(() => {});
  return asked;
}

/** A local database is the developer's own: nobody is asked there. */
async function confirmPlan(
  { steps, obstacles }: Plan,
  warnings: readonly Finding[],
  { target }: Database,
  { accountId }: Settings,
  options: WriteOptions,
): Promise<void> {
  if (target.place === "local" || steps.length === 0 || obstacles.length > 0) return;
  const count = steps.length === 1 ? "1 migration" : `${steps.length} migrations`;
  const intent = {
    action: `apply ${count}`,
    target,
    account: knownAccount(accountId, variablesOf(options))?.id ?? null,
    steps: steps.map(({ name }) => name),
    notes: warnings.map(({ message }) => message),
    destructive: destructionFindings(steps),
    look: offer("To see what would be done", command("migrate plan")),
  };
  await demandConfirmation("migrate apply", intent, options);
}

/** A stopped run changed nothing: that is a failure of the order to apply, not only an answer. */
function stopCode(obstacles: number): { exitCode: 3 } | Record<string, never> {
  return obstacles > 0 ? { exitCode: 3 } : {};
}
