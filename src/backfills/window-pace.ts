/** @module How large the next window is, how long the run waits before it, and which limit ends the run before its source does. Pure. */
import { type Cost, costOf } from "../report/billing.ts";
import { type Progress, quarantinedRows } from "./backfill-state.ts";

export interface PaceLimits {
  /** Milliseconds that a window should take. */
  readonly targetMs: number;
  readonly maxRows: number;
}

/** Between half as large and twice as large, so that one slow window does not slow the run down for long. */
export function nextWindow(
  rows: number,
  tookMs: number,
  { targetMs, maxRows }: PaceLimits,
): number {
  const factor = Math.min(2, Math.max(0.5, targetMs / Math.max(tookMs, 0.1)));
  return Math.max(1, Math.min(maxRows, Math.round(rows * factor)));
}

/** After a rejection: one of the halves contains the bad row. */
export function smallerWindow(rows: number): number {
  return Math.max(1, Math.floor(rows / 2));
}

/** After several bad rows, one after the other: the more there were, the likelier the next row is bad too. */
export function windowAfterBadRows(rows: number, badInARow: number): number {
  return Math.max(1, Math.floor(rows / 2 ** badInARow));
}

/** At most the rows of one second, so that pauses are frequent and short. */
export function cutToRate(rows: number, rate: number | null): number {
  return rate === null || rate <= 0 ? rows : Math.min(rows, Math.max(1, Math.floor(rate)));
}

/**
 * Milliseconds to wait so that the run processes at most `rate` rows per second; null: no limit. A window of more than a second's
 * rows began before the rate was set, so it does not lengthen the wait.
 */
export function restAfter(
  rows: number,
  tookMs: number,
  rate: number | null,
  pauseMs: number,
): number {
  const due = rate === null || rate <= 0 ? 0 : (cutToRate(rows, rate) / rate) * 1000 - tookMs;
  return Math.max(0, due, pauseMs);
}

/** Milliseconds: shorter than the silence after which a run counts as dead. */
const REST = 20_000;

/** Splits a long wait into parts, so that the run can show a sign of life between them. */
export function restsOf(ms: number): number[] {
  const whole = Math.floor(ms / REST);
  const last = ms - whole * REST;
  return [...Array.from({ length: whole }, () => REST), ...(last > 0 ? [last] : [])];
}

export type Limit = "max-rows-written" | "budget" | "max-quarantined";

export interface RunLimits {
  readonly maxRowsWritten: number | null;
  /** US dollars. */
  readonly budget: number | null;
  readonly maxQuarantined: number | null;
}

/** The limit that a run has reached; null: none. `cost` is that of this run. */
export function limitReached(
  { maxRowsWritten, budget, maxQuarantined }: RunLimits,
  counts: Progress["counts"],
  { read, written }: Cost,
): Limit | null {
  if (maxQuarantined !== null && quarantinedRows(counts) > maxQuarantined) return "max-quarantined";
  if (maxRowsWritten !== null && written >= maxRowsWritten) return "max-rows-written";
  return budget !== null && costOf(read, written) >= budget ? "budget" : null;
}
