/** @module Runs a backfill, window by window, each one exactly once: from the first check to the state that the run leaves. */
import { refusalOf } from "../failure/kind.ts";
import { untilKnown } from "../failure/retry.ts";
import { OpsError } from "../report/error.ts";
import { createTables, foundNothing, type Progress } from "./backfill-state.ts";
import { endRun, beginRun } from "./begin.ts";
import { faultOfStatements } from "./blame.ts";
import { type MakeWindow, rowWindows, sqlWindows } from "./make-window.ts";
import { prepare } from "./prepare.ts";
import { backfillNotReady, requireKey } from "./ready.ts";
import { limitsOf, RunLoop } from "./run-loop.ts";
import type { Failed, RunRequest, RunResult } from "./run-request.ts";
import { firstState, type WalkState } from "./walk.ts";

export type { RunRequest, RunResult } from "./run-request.ts";

/** @throws OpsError BACKFILL_HELD, BACKFILL_NOT_READY, and those of the database before the run has begun */
export async function runBackfill(given: RunRequest): Promise<RunResult> {
  const request = { ...given, windowRows: Math.max(1, Math.floor(given.windowRows)) };
  const { d1, backfill, runner, sleep } = request;
  const columns = await requireKey(d1, backfill);
  const tried = await tryFromStart(request, columns);
  const progress = await untilKnown(sleep, async () => beginRun(d1, backfill, runner, request));
  const run = new RunLoop(request, progress);
  try {
    const ending = await run.toTheEnd(async () => tried ?? makerOf(request, columns));
    const { read, written } = run.state.total;
    const last = await finish(request, run.state);
    return { ending, progress: last, rowsRead: read, rowsWritten: written };
  } catch (error) {
    await finish(request, run.state);
    throw error;
  }
}

async function makerOf(
  request: RunRequest,
  columns: readonly string[],
): Promise<MakeWindow | Failed> {
  const { d1, backfill } = request;
  const made = await prepare(request);
  if ("kind" in made) return made;
  return backfill.kind === "sql"
    ? sqlWindows(d1, backfill, columns)
    : rowWindows(d1, backfill, made.prepared);
}

/**
 * Tries the statements without rows before a run deletes the counts and the quarantine of an earlier run.
 * Returns what makes the first window; null if this run does not begin again. @throws OpsError BACKFILL_NOT_READY
 */
async function tryFromStart(
  request: RunRequest,
  columns: readonly string[],
): Promise<MakeWindow | null> {
  const { d1, backfill, sleep, before, anew } = request;
  if (before === undefined || !(anew || before.state === "cancelled")) return null;
  const state = firstState(limitsOf(request), { ...before, windows: 0, cursor: null });
  const { name } = backfill;
  const fault = (message: string): OpsError => backfillNotReady(name, message, EARLIER_RUN_IS_KEPT);
  try {
    const make = await makerOf(request, columns);
    if ("kind" in make) throw fault(make.message);
    const window = await make(state, state.rows);
    const refused = await untilKnown(sleep, async () =>
      faultOfStatements(d1, before, [...createTables(d1), ...window.withoutRows()]),
    );
    if (refused !== null) throw fault(refused);
    return window.makeAgain;
  } catch (error) {
    const refusal = error instanceof OpsError ? null : refusalOf(error);
    throw refusal === null ? error : fault(refusal.reason);
  }
}

const EARLIER_RUN_IS_KEPT =
  "Correct the file. Nothing was written: the state, the counts and the quarantine of the earlier run are kept.";

/** Records the cost of the last batch, and ends the run. If the database is unreachable, another run takes over later. */
async function finish(
  { d1, sleep, before }: RunRequest,
  { progress, spent }: WalkState,
): Promise<Progress> {
  const rowsRead = progress.rowsRead + spent.read;
  const rowsWritten = progress.rowsWritten + spent.written;
  const last = { ...progress, rowsRead, rowsWritten };
  try {
    return (
      (await untilKnown(sleep, async () =>
        endRun(d1, last, foundNothing(before, last) ? before.updatedAt : null),
      )) ?? last
    );
  } catch {
    return last;
  }
}
