/** @module Runs a backfill, window by window, each one exactly once. `walk.ts` decides what comes next; this file carries it out. */
import { refusalOf } from "../failure/kind.ts";
import { untilKnown } from "../failure/retry.ts";
import { costOfAll } from "../report/billing.ts";
import { hasCode, OpsError } from "../report/error.ts";
import { createTables, type Progress, progressOf } from "./backfill-state.ts";
import { endRun, signOfLife, beginRun } from "./begin.ts";
import { faultOfOthers, faultOfStatements } from "./blame.ts";
import { notReady, requireKey } from "./ready.ts";
import { prepare } from "./prepare.ts";
import {
  rowWindows,
  sqlWindows,
  type WindowBatch,
  type WindowStrategy,
} from "./window-strategy.ts";
import type { Ending, Failed, RunRequest, RunResult } from "./run-request.ts";
import { send } from "./sent.ts";
import {
  firstState,
  step,
  type WalkAct,
  type WalkEvent,
  type WalkLimits,
  type WalkState,
} from "./walk.ts";
import { nextWindow, restsOf } from "./window-pace.ts";

export type { RunRequest, RunResult } from "./run-request.ts";

/** @throws OpsError BACKFILL_HELD, BACKFILL_NOT_READY, and those of the database before the run has begun */
export async function runBackfill(given: RunRequest): Promise<RunResult> {
  const request = { ...given, windowRows: Math.max(1, Math.floor(given.windowRows)) };
  const { d1, backfill, runner, sleep } = request;
  const columns = await requireKey(d1, backfill);
  const tried = await tryFromStart(request, columns);
  const progress = await untilKnown(sleep, async () => beginRun(d1, backfill, runner, request));
  const run = new Run(request, progress);
  try {
    const ending = await run.toTheEnd(async () => tried ?? strategyOf(request, columns));
    const { read, written } = run.state.total;
    const last = await finish(request, run.state);
    return { ending, progress: last, rowsRead: read, rowsWritten: written };
  } catch (error) {
    await finish(request, run.state);
    throw error;
  }
}

async function strategyOf(
  request: RunRequest,
  columns: readonly string[],
): Promise<WindowStrategy | Failed> {
  const { d1, backfill } = request;
  const made = await prepare(request);
  if ("kind" in made) return made;
  return backfill.kind === "sql"
    ? sqlWindows(d1, backfill, columns)
    : rowWindows(d1, backfill, made.prepared);
}

/**
 * Tries the statements without rows before a run deletes the counts and the quarantine of an earlier run.
 * Null if this run does not begin again. @throws OpsError BACKFILL_NOT_READY
 */
async function tryFromStart(
  request: RunRequest,
  columns: readonly string[],
): Promise<WindowStrategy | null> {
  const { d1, backfill, sleep, before, anew } = request;
  if (before === undefined || !(anew || before.state === "cancelled")) return null;
  const state = firstState(limitsOf(request), { ...before, windows: 0, cursor: null });
  const { name } = backfill;
  const fault = (message: string): OpsError => notReady(name, message, EARLIER_RUN_IS_KEPT);
  try {
    const strategy = await strategyOf(request, columns);
    if ("kind" in strategy) throw fault(strategy.message);
    await strategy.window(state, state.rows);
    const refused = await untilKnown(sleep, async () =>
      faultOfStatements(d1, before, [...createTables(d1), ...strategy.withoutRows(state)]),
    );
    if (refused !== null) throw fault(refused);
    return strategy;
  } catch (error) {
    const refusal = error instanceof OpsError ? null : refusalOf(error);
    throw refusal === null ? error : fault(refusal.reason);
  }
}

const EARLIER_RUN_IS_KEPT =
  "Correct the file. Nothing was written: the state, the counts and the quarantine of the earlier run are kept.";

/** Records the cost of the last batch, and ends the run. If the database is unreachable, another run takes over later. */
async function finish(
  { d1, sleep }: RunRequest,
  { progress, spent }: WalkState,
): Promise<Progress> {
  const rowsRead = progress.rowsRead + spent.read;
  const rowsWritten = progress.rowsWritten + spent.written;
  const last = { ...progress, rowsRead, rowsWritten };
  try {
    return (await untilKnown(sleep, async () => endRun(d1, last))) ?? last;
  } catch {
    return last;
  }
}

function limitsOf(request: RunRequest): WalkLimits {
  return { ...request, checksAtEnd: request.backfill.kind === "rows" };
}

/** The loop: carries out acts, and keeps the state. */
class Run {
  state: WalkState;
  readonly #request: RunRequest;
  readonly #limits: WalkLimits;

  constructor(request: RunRequest, progress: Progress) {
    this.#request = request;
    this.#limits = limitsOf(request);
    this.state = firstState(this.#limits, progress);
  }

  async toTheEnd(make: () => Promise<WindowStrategy | Failed>): Promise<Ending> {
    try {
      const strategy = await make();
      if ("kind" in strategy) return strategy;
      let event: WalkEvent = { kind: "started" };
      for (;;) {
        const { state, act } = step(this.#limits, this.state, event);
        this.state = state;
        if (event.kind === "written") this.#request.onWindow(state.progress, state.rows);
        if (act.kind === "end") return act.ending;
        event = await this.#perform(act, strategy);
      }
    } catch (error) {
      if (hasCode(error, "INTERRUPTED")) return { kind: "interrupted" };
      if (error instanceof OpsError) return { kind: "error", error };
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      return { kind: "failed", message: refusal.reason };
    }
  }

  async #perform(
    act: Exclude<WalkAct, { readonly kind: "end" }>,
    strategy: WindowStrategy,
  ): Promise<WalkEvent> {
    const { d1, sleep, now, limits, breathe, uncaught, stopping } = this.#request;
    const { state } = this;
    const { progress } = state;
    switch (act.kind) {
      case "check":
        await breathe();
        return { kind: "checked", uncaught: uncaught(), stopping: stopping() };
      case "window": {
        const started = now();
        const ahead = nextWindow(state.rows, state.rows * state.msPerRow, limits);
        return this.#send(act, await strategy.window(state, ahead), () => now() - started);
      }
      case "set aside":
        return this.#send(act, strategy.setAside(state, act.message, act.keyOnly), () => 0);
      case "try statements": {
        const fault = await untilKnown(sleep, async () =>
          faultOfStatements(d1, progress, strategy.withoutRows(state)),
        );
        return { kind: "tried statements", message: act.message, fault };
      }
      case "try other rows": {
        const { message } = act;
        const result = await untilKnown(sleep, async () =>
          faultOfOthers(d1, progress, await strategy.otherRows(state), message),
        );
        return { kind: "tried other rows", message, ...result };
      }
      case "rest":
        return { kind: "rested", rate: await rest(this.#request, progress, act.ms) };
    }
  }

  async #send(act: WalkAct, batch: WindowBatch, tookMs: () => number): Promise<WalkEvent> {
    const sent = await send(this.#request, this.state.progress, batch.statements);
    if (sent.kind === "refused") return { ...sent, act };
    if (sent.kind !== "done") return sent;
    const row = batch.read(sent.answers);
    if (row === undefined) throw new Error("the answer of a window has no state");
    const result = { progress: progressOf(row), cost: costOfAll(sent.answers) };
    return act.kind === "window"
      ? { kind: "written", ...result, tookMs: tookMs() }
      : { kind: "set aside", ...result };
  }
}

/** Waits, with signs of life. Ends early if another command stops the run or changes its rate. Returns the rate. */
async function rest(
  { d1, sleep }: RunRequest,
  progress: Progress,
  ms: number,
): Promise<number | null> {
  const parts = restsOf(ms);
  for (const part of parts) {
    await sleep(part);
    if (parts.length === 1) break;
    const alive = await untilKnown(sleep, async () => signOfLife(d1, progress));
    if (alive === null) break;
    if (alive.rate !== progress.rate) return alive.rate;
  }
  return progress.rate;
}
