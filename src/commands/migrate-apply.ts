/**
 * `migrate apply`: brings the database up to the folder, one transaction a migration, and says what stands.
 * @module
 */
import { pause, realClock } from "../cloudflare/clock.ts";
import type { Settings } from "../config/settings.ts";
import { openMemory } from "../database/memory.ts";
import type { Database } from "../database/port.ts";
import { readAuthor } from "../files/author.ts";
import type { Lease } from "../lease/lease.ts";
import {
  applyMigrations,
  type ApplyRequest,
  type ApplyResult,
  type MigrationOutcome,
} from "../migrations/apply.ts";
import { destructionFindings } from "../migrations/destruction.ts";
import { readLedger } from "../migrations/ledger.ts";
import { locateFailure } from "../migrations/locate.ts";
import { type Plan, planMigrations } from "../migrations/plan.ts";
import { compareWithLedger } from "../migrations/standing.ts";
import type { OpsError } from "../report/error.ts";
import type { Report, Target } from "../report/report.ts";
import { applyBody, lookAfterwards, withAftermath } from "./apply-report.ts";
import { demandConfirmation } from "./confirm.ts";
import { type Body, report, start, toolName } from "./envelope.ts";
import { readFolder } from "./folder.ts";
import { type Held, holdLease } from "./hold.ts";
import { lastOf, type MigratePlanOptions, planBody } from "./migrate-plan.ts";
import type { WriteOptions } from "./options.ts";
import { demandEnvironment, demandPlace, findProject, openDatabase } from "./project.ts";
import { wayBackCommand, wayBackFinding } from "./way-back.ts";

export interface MigrateApplyOptions extends MigratePlanOptions, WriteOptions {
  /** Called before each migration. */
  readonly onProgress?: (done: number, total: number, name: string) => void;
}

/**
 * Applies what is pending. Outcome `changed`, `ok` (nothing to do), `problems` (the plan was stopped, exit 3),
 * `failed` (nothing changed, exit 3), `partial` (earlier migrations of this run stand, exit 4).
 * @throws OpsError for what made it impossible to begin: nothing was changed then
 */
export async function migrateApply(options: MigrateApplyOptions = {}): Promise<Report> {
  const started = start();
  demandPlace("migrate apply", options);
  const project = await findProject(options);
  const { settings } = project;
  demandEnvironment("migrate apply", options, settings);
  const folder = await readFolder(settings.projectPath, settings.database);
  const to = lastOf(folder, options.to);
  const allow = new Set(options.allow);
  const database = await openDatabase(project, options.dryRun === true ? "read" : "write", options);
  try {
    const ledger = await readLedger(database.d1, settings.database.migrationsTable);
    const standing = compareWithLedger(folder, ledger);
    const plan = planMigrations({ standing, to, allow }, folder);
    if (options.dryRun === true) {
      return report("migrate apply", database.target, started, {
        ...planBody(plan, allow, options),
        ...stopCode(plan.obstacles.length),
      });
    }
    await confirmPlan(plan, database, settings, options);
    const body = await run({ database, settings, folder, to, allow, ledger, plan }, options);
    return report("migrate apply", database.target, started, body);
  } finally {
    database.close();
  }
}

/** A local database is the developer's own: nobody is asked there. */
async function confirmPlan(
  { steps, obstacles }: Plan,
  { target }: Database,
  { accountId }: Settings,
  options: WriteOptions,
): Promise<void> {
  if (target.place === "local" || steps.length === 0 || obstacles.length > 0) return;
  const count = steps.length === 1 ? "1 migration" : `${steps.length} migrations`;
  const intent = {
    action: `apply ${count}`,
    target,
    account: accountId,
    steps: steps.map(({ name }) => name),
    destructive: destructionFindings(steps),
  };
  await demandConfirmation("migrate apply", intent, options);
}

interface RunRequest extends Pick<ApplyRequest, "folder" | "to" | "allow" | "ledger"> {
  readonly database: Database;
  readonly settings: Settings;
  readonly plan: Plan;
}

async function run(request: RunRequest, options: MigrateApplyOptions): Promise<Body> {
  const { database, settings, allow, plan } = request;
  const { d1, target } = database;
  const table = settings.database.migrationsTable;
  const author = { ...readAuthor(settings.projectPath), tool: toolName() };
  const writes = plan.steps.length > 0 && plan.obstacles.length === 0;
  const { lease, stop } = writes
    ? await holdLease("migrate apply", database, author, options)
    : NOTHING_HELD;
  try {
    const result = await applyMigrations({
      ...request,
      d1,
      table,
      author,
      lease,
      now: () => performance.now(),
      pause: (attempt) => pause(options.clock ?? realClock, 250 * 2 ** attempt, options.signal),
      before: async ({ name }, done, total) => {
        options.onProgress?.(done, total, name);
        // The local engine is synchronous: without a pause of its own the loop would never hear a signal.
        await new Promise((resume) => setImmediate(resume));
        return options.signal?.aborted === true ? "stop" : "go on";
      },
    });
    const located = await locate(result, request);
    const body = applyBody(located, allow, options);
    const began = wasBegun(result);
    const aftermath = began
      ? await lookAfterwards({
          d1,
          table,
          folder: request.folder,
          openMemory,
          lease,
          ending: endingOf(result),
        })
      : null;
    const unable = inability(result);
    if (unable !== null) throw unable;
    const whole = aftermath === null ? body : withAftermath(body, aftermath, options);
    return lease === null ? whole : withWayBack(whole, target, lease, options);
  } finally {
    stop();
  }
}

const NOTHING_HELD: Held = { lease: null, stop() {} };

/** D1's API does not say which statement of a batch it refuses. */
async function locate(result: ApplyResult, { folder, ledger }: RunRequest): Promise<ApplyResult> {
  const outcomes: MigrationOutcome[] = [];
  const files = new Map(folder.map((migration) => [migration.name, migration]));
  const before = ledger.flatMap(({ name }) => files.get(name) ?? []);
  for (const outcome of result.outcomes) {
    if (outcome.status !== "failed") {
      if (outcome.status === "done") before.push(outcome.migration);
      outcomes.push(outcome);
      continue;
    }
    const { migration } = outcome;
    const failure = await locateFailure(outcome.failure, migration, before, openMemory);
    outcomes.push({ ...outcome, failure });
  }
  return { ...result, outcomes };
}

function endingOf({ stopped }: ApplyResult): string {
  return { no: "done", obstacles: "stopped", failure: "failed", interrupt: "interrupted" }[stopped];
}

function withWayBack(body: Body, target: Target, lease: Lease, options: WriteOptions): Body {
  const { run, bookmark } = lease;
  const data = { ...body.data, run: { id: run, bookmark } };
  if (bookmark === null) return { ...body, data };
  return {
    ...body,
    data,
    findings: [...(body.findings ?? []), wayBackFinding(target, bookmark)],
    next: [...(body.next ?? []), wayBackCommand(target, bookmark, options)],
  };
}

/** The very first write met a lock, a full disk, a file that is no database: nothing was begun, so there is nothing to report. */
function inability({ outcomes }: ApplyResult): OpsError | null {
  if (outcomes.some(({ status }) => status === "done")) return null;
  const failed = outcomes.find((outcome) => outcome.status === "failed");
  return failed?.failure.kind === "error" ? failed.failure.error : null;
}

/** A stopped run changed nothing: that is a failure of the order to apply, not only an answer. */
function stopCode(obstacles: number): { exitCode: 3 } | Record<string, never> {
  return obstacles > 0 ? { exitCode: 3 } : {};
}

/** A plan that was stopped touched nothing, so there is nothing to look at afterwards. */
function wasBegun({ stopped, outcomes }: ApplyResult): boolean {
  return stopped !== "obstacles" || outcomes.some(({ status }) => status !== "skipped");
}
