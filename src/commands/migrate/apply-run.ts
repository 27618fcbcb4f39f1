/**
 * Carries out the plan of an apply: the lease, the migrations, the look at what stands, the way back.
 * @module
 */
import type { MigrateApplyOptions } from "./apply-options.ts";
import { openMemory } from "../../database/memory.ts";
import type { Database } from "../../database/port.ts";
import { readAuthor } from "../../files/author.ts";
import { type Acceptance, recordAcceptances } from "../../migrations/acceptance.ts";
import {
  applyMigrations,
  type ApplyRequest,
  type ApplyResult,
  type MigrationOutcome,
} from "../../migrations/apply.ts";
import type { Applied } from "../../migrations/ledger.ts";
import { countOffending, locateFailure } from "../../migrations/locate.ts";
import type { Plan } from "../../migrations/plan.ts";
import { unreadableFindings } from "../../migrations/findings.ts";
import type { OpsError } from "../../report/error.ts";
import { applyBody, lookAfterwards, withAftermath } from "../../migrations/apply-report.ts";
import { costText } from "../../project/cost.ts";
import { toolName } from "../../project/envelope.ts";
import type { Project } from "../../project/project.ts";
import type { Body } from "../../report/report-body.ts";
import { type Held, holdLease } from "../../project/held-lease.ts";
import { withAcceptances } from "./apply-accept.ts";
import { withWayBack } from "../../project/way-back.ts";

/** A plan that is confirmed, and what it is carried out on. */
export interface RunRequest extends Pick<
  ApplyRequest,
  "folder" | "to" | "allow" | "ledger" | "gate" | "unready" | "accepts"
> {
  readonly database: Database;
  readonly plan: Plan;
  /** The bookmark, where it was asked for early. */
  readonly bookmark: Promise<string | null> | null;
}

/** Takes the lease, applies, lets go, and looks at what stands. @throws OpsError where nothing could be begun */
export async function carryOut(
  project: Project<MigrateApplyOptions>,
  request: RunRequest,
): Promise<Body> {
  const { settings, options, clock } = project;
  const { database, allow, plan } = request;
  const { d1, target } = database;
  const table = settings.database.migrationsTable;
  const author = { ...readAuthor(settings.projectPath), tool: toolName() };
  const writes = plan.steps.length > 0 && plan.obstacles.length === 0;
  const held = writes ? await holdLease(project, database, author, request.bookmark) : NOTHING_HELD;
  const { lease } = held;
  try {
    const result = await applyMigrations({
      ...request,
      d1,
      table,
      author,
      lease,
      now: () => clock.now(),
      sleep: project.sleep,
      before: async ({ name }, done, total, { rows, billed }) => {
        const cost = done === 0 ? {} : { cost: costText(target, billed, rows) };
        options.onProgress?.(done, total, name, { unit: "migrations", ...cost });
        // The local engine is synchronous: without a pause of its own the loop would never hear a signal.
        await new Promise((resume) => setImmediate(resume));
        return project.stopping() ? "stop" : "go on";
      },
    });
    const located = await locate(result, table, request);
    const body = applyBody(located, allow);
    const began = wasBegun(result);
    const aftermath = began
      ? await lookAfterwards({
          d1,
          table,
          folder: request.folder,
          openMemory,
          lease,
          ending: endingOf(result),
          sleep: async (ms) => clock.sleep(ms),
        })
      : null;
    const unable = inability(result);
    if (unable !== null) throw unable;
    const left = acceptancesLeft(result, request.accepts);
    if (left.length > 0) await recordAcceptances(d1, table, left, author, project.sleep);
    const whole = withAcceptances(aftermath === null ? body : withAftermath(body, aftermath), left);
    if (lease === null) return whole;
    const { run, bookmark } = lease;
    const data = { ...whole.data, run: { id: run, bookmark } };
    const stands = whole.outcome === "changed" || whole.outcome === "partial";
    if (!stands) return { ...whole, data };
    return withWayBack({ ...whole, data }, project, target, bookmark);
  } finally {
    held.stop();
  }
}

const NOTHING_HELD: Held = { lease: null, stop() {} };

/** D1's API does not say which statement of a batch it refuses. */
async function locate(
  result: ApplyResult,
  table: string,
  { folder, ledger, database }: RunRequest,
): Promise<ApplyResult> {
  const outcomes: MigrationOutcome[] = [];
  const applied: Pick<Applied, "name" | "appliedAt">[] = [...ledger];
  // What leads up to the failure cannot be replayed where one of its files is not text.
  if (unreadableFindings(folder, { applied: ledger }).length > 0) return result;
  for (const outcome of result.outcomes) {
    if (outcome.status !== "failed") {
      if (outcome.status === "done") applied.push({ name: outcome.migration.name, appliedAt: "" });
      outcomes.push(outcome);
      continue;
    }
    const { migration } = outcome;
    const history = { table, folder, applied };
    const located = await locateFailure(outcome.failure, migration, history, openMemory);
    const failure = await countOffending(database.d1, located, migration, history, openMemory);
    outcomes.push({ ...outcome, failure });
  }
  return { ...result, outcomes };
}

/** They are recorded with a migration of this run. If somebody else has applied all of them, there is none. */
function acceptancesLeft(
  { stopped, outcomes }: ApplyResult,
  accepts: readonly Acceptance[] = [],
): readonly Acceptance[] {
  const applied = outcomes.some(({ status }) => status === "done");
  return stopped !== "no" || applied ? [] : accepts;
}

function endingOf({ stopped }: ApplyResult): string {
  return { no: "done", obstacles: "stopped", failure: "failed", interrupt: "interrupted" }[stopped];
}

/** The very first write met a lock, a full disk, a file that is no database: nothing was begun, so there is nothing to report. */
function inability({ outcomes }: ApplyResult): OpsError | null {
  if (outcomes.some(({ status }) => status === "done")) return null;
  const failed = outcomes.find((outcome) => outcome.status === "failed");
  return failed?.failure.kind === "error" ? failed.failure.error : null;
}

/** A plan that was stopped touched nothing, so there is nothing to look at afterwards. */
function wasBegun({ stopped, outcomes }: ApplyResult): boolean {
  return stopped !== "obstacles" || outcomes.some(({ status }) => status !== "skipped");
}
