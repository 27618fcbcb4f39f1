/**
 * Runs a backfill, window by window, each one exactly once. `walk.ts` decides what comes next; this file carries it out.
 * @module
 */
import { refusalOf } from "../failure/kind.ts";
import { untilKnown } from "../failure/retry.ts";
import { costOfAll } from "../report/billing.ts";
import { hasCode, OpsError } from "../report/error.ts";
import { type Progress, progressOf } from "./backfill-state.ts";
import { endRun, signOfLife, beginRun } from "./begin.ts";
import { faultOfOthers, faultOfStatements } from "./blame.ts";
import { requireKey } from "./ready.ts";
import { prepare } from "./prepare.ts";
import {
  rowWindows,
  sqlWindows,
  type WindowBatch,
  type WindowStrategy,
} from "./window-strategy.ts";
import type { Ending, RunRequest, RunResult } from "./run-request.ts";
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
  const progress = await untilKnown(sleep, async () => beginRun(d1, backfill, runner, request));
  const run = new Run(request, columns, progress);
  try {
    const ending = await run.toTheEnd();
    const { read, written } = run.state.total;
    const last = await finish(request, run.state);
    return { ending, progress: last, rowsRead: read, rowsWritten: written };
  } catch (error) {
    await finish(request, run.state);
    throw error;
  }
}

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

/** The loop: carries out acts, and keeps the state. */
class Run {
  state: WalkState;
  readonly #request: RunRequest;
  readonly #limits: WalkLimits;
  readonly #columns: readonly string[];

  constructor(request: RunRequest, columns: readonly string[], progress: Progress) {
    this.#request = request;
    this.#limits = { ...request, checksAtEnd: request.backfill.kind === "rows" };
    this.#columns = columns;
    this.state = firstState(this.#limits, progress);
  }

  async toTheEnd(): Promise<Ending> {
    try {
      const made = await prepare(this.#request);
      if ("kind" in made) return made;
      const { d1, backfill } = this.#request;
      const strategy =
        backfill.kind === "sql"
          ? sqlWindows(d1, backfill, this.#columns)
          : rowWindows(d1, backfill, made.prepared);
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
