/**
 * Decides what a run does next. Pure: an event of the run and the state so far give the new state and the next act, which
 * `run-loop.ts` carries out.
 * @module
 */
import { addCosts, type Cost, NO_COST } from "../report/billing.ts";
import type { OpsError } from "../report/error.ts";
import type { FaultOfOthers } from "./blame.ts";
import type { Progress } from "./backfill-state.ts";
import type { Ending, RunRequest } from "./run-request.ts";
import {
  cutToRate,
  limitReached,
  nextWindow,
  restAfter,
  type RunLimits,
  smallerWindow,
  windowAfterBadRows,
} from "./window-pace.ts";

export interface WalkLimits
  extends RunLimits, Pick<RunRequest, "windowRows" | "limits" | "pauseMs"> {
  /** True for a program: it may leave an error behind after its last row. */
  readonly checksAtEnd: boolean;
}

export interface WalkState {
  /** As the database last returned it. */
  readonly progress: Progress;
  /** Rows of the next window, before the rate cuts it. */
  readonly rows: number;
  readonly msPerRow: number;
  /** Rows set aside one after the other, without a written window between them. */
  readonly badInARow: number;
  /** Rows that the last batch has cost: the next batch records them. */
  readonly spent: Cost;
  /** Rows that this run has cost. */
  readonly total: Cost;
  /** False after a pause: the edges that the last answer returned may then contain more rows. */
  readonly lookAhead: boolean;
  /** Reasons of rejections that do not occur without the rows. */
  readonly causedByRows: ReadonlySet<string>;
  readonly triedOthers: boolean;
}

export type WalkAct =
  | { readonly kind: "check" }
  | { readonly kind: "window" }
  | { readonly kind: "try statements"; readonly message: string }
  | { readonly kind: "try other rows"; readonly message: string }
  /** Puts the single row of the window into the quarantine; `keyOnly`: only its key. */
  | { readonly kind: "set aside"; readonly message: string; readonly keyOnly: boolean }
  | { readonly kind: "rest"; readonly ms: number }
  | { readonly kind: "end"; readonly ending: Ending };

export type WalkEvent =
  | { readonly kind: "started" }
  | { readonly kind: "checked"; readonly uncaught: OpsError | null; readonly stopping: boolean }
  | {
      readonly kind: "written";
      readonly progress: Progress;
      readonly cost: Cost;
      readonly tookMs: number;
    }
  | { readonly kind: "set aside"; readonly progress: Progress; readonly cost: Cost }
  /** The batch was written, but its answer was lost. */
  | { readonly kind: "moved"; readonly progress: Progress }
  | { readonly kind: "refused"; readonly message: string; readonly act: WalkAct }
  /** `fault`: why the statements fail without the rows of the window; null if they do not. */
  | { readonly kind: "tried statements"; readonly message: string; readonly fault: string | null }
  | ({ readonly kind: "tried other rows"; readonly message: string } & FaultOfOthers)
  | { readonly kind: "rested"; readonly rate: number | null }
  | { readonly kind: "ended"; readonly ending: Ending };

export interface WalkStep {
  readonly state: WalkState;
  readonly act: WalkAct;
}

export function firstState({ windowRows, limits }: WalkLimits, progress: Progress): WalkState {
  const rows = Math.min(limits.maxRows, progress.windowRows || windowRows);
  return {
    progress,
    rows: Math.max(1, Math.floor(rows)),
    msPerRow: 0,
    badInARow: 0,
    spent: NO_COST,
    total: NO_COST,
    lookAhead: true,
    causedByRows: new Set(),
    triedOthers: false,
  };
}

export function step(limits: WalkLimits, state: WalkState, event: WalkEvent): WalkStep {
  switch (event.kind) {
    case "started":
      return next(limits, state);
    case "checked":
      return afterCheck(state, event.uncaught, event.stopping);
    case "written":
      return afterWindow(limits, state, event);
    case "set aside": {
      const rows = Math.min(limits.limits.maxRows, limits.windowRows);
      const { badInARow } = state;
      return next(limits, {
        ...withCost(state, event.cost),
        progress: event.progress,
        rows: windowAfterBadRows(rows, badInARow),
        badInARow: badInARow + 1,
      });
    }
    case "moved":
      // The cost of a batch without an answer is not known.
      return next(limits, { ...state, progress: event.progress, spent: NO_COST });
    case "refused":
      return afterRefusal(limits, state, event);
    case "tried statements": {
      const { message, fault } = event;
      if (fault !== null) return failed(state, fault);
      const causedByRows = new Set([...state.causedByRows, message]);
      return blameRows(limits, { ...state, causedByRows }, message);
    }
    case "tried other rows":
      if (event.fault !== null) return failed(state, event.fault);
      return setAside({ ...state, triedOthers: event.conclusive }, event.message);
    case "rested":
      return next(limits, { ...state, progress: { ...state.progress, rate: event.rate } });
    case "ended":
      return end(state, event.ending);
  }
}

/** Rows of the next window, as far as the run knows the rate. */
export function sizeOf({ rows, progress }: WalkState): number {
  return cutToRate(rows, progress.rate);
}

function next(limits: WalkLimits, state: WalkState): WalkStep {
  const { progress, total } = state;
  const limit = limitReached(limits, progress.counts, total);
  // Once all rows are processed, the run can exceed no other limit.
  if (limit === "max-quarantined" || (limit !== null && progress.state !== "scanned")) {
    return end(state, { kind: "limit", limit });
  }
  if (progress.state === "scanned" && !limits.checksAtEnd) return end(state, { kind: "scanned" });
  return { state, act: { kind: "check" } };
}

function afterCheck(state: WalkState, uncaught: OpsError | null, stopping: boolean): WalkStep {
  if (uncaught !== null) return end(state, { kind: "error", error: uncaught });
  if (state.progress.state === "scanned") return end(state, { kind: "scanned" });
  if (stopping) return end(state, { kind: "interrupted" });
  return { state, act: { kind: "window" } };
}

function afterWindow(
  limits: WalkLimits,
  state: WalkState,
  { progress, cost, tookMs }: Extract<WalkEvent, { readonly kind: "written" }>,
): WalkStep {
  const scanned = progress.counts.scanned - state.progress.counts.scanned;
  const learns = scanned === state.rows || tookMs > limits.limits.targetMs;
  const rest = restAfter(scanned, tookMs, progress.rate, limits.pauseMs);
  const written: WalkState = {
    ...withCost(state, cost),
    progress,
    rows: learns ? nextWindow(state.rows, tookMs, limits.limits) : state.rows,
    msPerRow: tookMs / Math.max(1, scanned),
    badInARow: 0,
    lookAhead: rest === 0,
  };
  if (rest === 0 || progress.state !== "running") return next(limits, written);
  return { state: written, act: { kind: "rest", ms: rest } };
}

/** Halving the window finds the row that D1 rejects. Alone in its window, it goes to the quarantine, unless the file is at fault. */
function afterRefusal(
  limits: WalkLimits,
  state: WalkState,
  { message, act }: Extract<WalkEvent, { readonly kind: "refused" }>,
): WalkStep {
  if (act.kind !== "set aside") {
    return state.causedByRows.has(message)
      ? blameRows(limits, state, message)
      : { state, act: { kind: "try statements", message } };
  }
  if (act.keyOnly) return failed(state, message);
  return { state, act: { ...act, keyOnly: true } };
}

/** The statements succeed without rows, so the rows are the cause. */
function blameRows(limits: WalkLimits, state: WalkState, message: string): WalkStep {
  const size = sizeOf(state);
  if (size > 1) return next(limits, { ...state, rows: smallerWindow(size) });
  if (state.triedOthers || state.progress.counts.changed > 0) return setAside(state, message);
  return { state, act: { kind: "try other rows", message } };
}

function setAside(state: WalkState, message: string): WalkStep {
  return { state, act: { kind: "set aside", message, keyOnly: false } };
}

function failed(state: WalkState, message: string): WalkStep {
  return end(state, { kind: "failed", message });
}

function end(state: WalkState, ending: Ending): WalkStep {
  return { state, act: { kind: "end", ending } };
}

function withCost(state: WalkState, cost: Cost): WalkState {
  return { ...state, spent: cost, total: addCosts(state.total, cost) };
}
