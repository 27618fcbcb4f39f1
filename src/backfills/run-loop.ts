/** @module The loop of a run: `walk.ts` decides the next act, and this file carries it out. */
import { refusalOf } from "../failure/kind.ts";
import { untilKnown } from "../failure/retry.ts";
import { costOfAll } from "../report/billing.ts";
import { hasCode, OpsError } from "../report/error.ts";
import { type Progress, progressOf } from "./backfill-state.ts";
import { signOfLife } from "./begin.ts";
import { faultOfOthers, faultOfStatements } from "./blame.ts";
import type { MakeWindow, Window, WindowBatch } from "./make-window.ts";
import type { Ending, Failed, RunRequest } from "./run-request.ts";
import { sendWindow } from "./send-window.ts";
import {
  firstState,
  step,
  type WalkAct,
  type WalkEvent,
  type WalkLimits,
  type WalkState,
} from "./walk.ts";
import { nextWindow, restsOf } from "./window-pace.ts";

export function limitsOf(request: RunRequest): WalkLimits {
  return { ...request, checksAtEnd: request.backfill.kind === "rows" };
}

/** The last window that was sent, and what makes the one after it. */
interface Windows {
  sent: Window | null;
  make: MakeWindow;
}

/** Keeps the state, and carries out one act after the other. */
export class RunLoop {
  state: WalkState;
  readonly #request: RunRequest;
  readonly #limits: WalkLimits;

  constructor(request: RunRequest, progress: Progress) {
    this.#request = request;
    this.#limits = limitsOf(request);
    this.state = firstState(this.#limits, progress);
  }

  async toTheEnd(prepareMaker: () => Promise<MakeWindow | Failed>): Promise<Ending> {
    try {
      const make = await prepareMaker();
      if ("kind" in make) return make;
      const windows: Windows = { sent: null, make };
      let event: WalkEvent = { kind: "started" };
      for (;;) {
        const { state, act } = step(this.#limits, this.state, event);
        this.state = state;
        if (event.kind === "written") this.#request.onWindow(state.progress, state.rows);
        if (act.kind === "end") return act.ending;
        event = await this.#perform(act, windows);
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
    windows: Windows,
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
        const window = await windows.make(state, ahead);
        windows.sent = window;
        windows.make = window.makeAgain;
        return this.#send(act, window, { windows, tookMs: () => now() - started });
      }
      case "set aside":
        return this.#send(act, sentOf(windows).setAside(act), { windows, tookMs: () => 0 });
      case "try statements": {
        const window = sentOf(windows);
        const fault = await untilKnown(sleep, async () =>
          faultOfStatements(d1, progress, window.withoutRows()),
        );
        return { kind: "tried statements", message: act.message, fault };
      }
      case "try other rows": {
        const { message } = act;
        const window = sentOf(windows);
        const result = await untilKnown(sleep, async () =>
          faultOfOthers(d1, progress, await window.otherRows(), message),
        );
        return { kind: "tried other rows", message, ...result };
      }
      case "rest":
        return { kind: "rested", rate: await rest(this.#request, progress, act.ms) };
    }
  }

  async #send(
    act: WalkAct,
    batch: WindowBatch,
    { windows, tookMs }: { readonly windows: Windows; readonly tookMs: () => number },
  ): Promise<WalkEvent> {
    const sent = await sendWindow(this.#request, this.state.progress, batch.statements);
    if (sent.kind === "refused") return { ...sent, act };
    if (sent.kind !== "done") return sent;
    const { row, makeNext } = batch.read(sent.answers);
    if (row === undefined) throw new Error("the answer of a window has no state");
    windows.make = makeNext;
    const result = { progress: progressOf(row), cost: costOfAll(sent.answers) };
    return act.kind === "window"
      ? { kind: "written", ...result, tookMs: tookMs() }
      : { kind: "set aside", ...result };
  }
}

/** The window that D1 rejected: the last one that was sent. */
function sentOf({ sent }: Windows): Window {
  if (sent === null) throw new Error("no window was sent");
  return sent;
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
