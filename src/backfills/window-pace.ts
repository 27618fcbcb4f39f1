/**
 * How large the next window is, and how long to rest before it. Pure.
 * @module
 */

export interface PaceLimits {
  /** Milliseconds that a window should take. */
  readonly targetMs: number;
  readonly maxRows: number;
}

/** Twice as large at most, half as large at least: one slow window is no reason to crawl. */
export function nextWindow(
  rows: number,
  tookMs: number,
  { targetMs, maxRows }: PaceLimits,
): number {
  const factor = Math.min(2, Math.max(0.5, targetMs / Math.max(tookMs, 0.1)));
  return Math.max(1, Math.min(maxRows, Math.round(rows * factor)));
}

/** After a refusal: the bad row is in one of the halves. */
export function smallerWindow(rows: number): number {
  return Math.max(1, Math.floor(rows / 2));
}

/** After so many bad rows, one behind the other: the next one is likely to be as bad, the more of them there were. */
export function windowAfterBadRows(rows: number, badInARow: number): number {
  return Math.max(1, Math.floor(rows / 2 ** badInARow));
}

/** No more than a second of the rate: so it rests often and shortly. */
export function cutToRate(rows: number, rate: number | null): number {
  return rate === null || rate <= 0 ? rows : Math.min(rows, Math.max(1, Math.floor(rate)));
}

/**
 * Milliseconds to rest so that no more than `rate` rows a second are gone through; null: as fast as it goes. A window of more than a second's
 * rows began before the rate was this one, and is not rested for any longer.
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

/** Milliseconds: shorter than a run may be silent. */
const REST = 20_000;

/** A long rest in pieces, between which a run shows that it is alive. */
export function restsOf(ms: number): number[] {
  const whole = Math.floor(ms / REST);
  const last = ms - whole * REST;
  return [...Array.from({ length: whole }, () => REST), ...(last > 0 ? [last] : [])];
}

/** D1's prices over the allowance, in US dollars (developers.cloudflare.com/d1/platform/pricing). */
export function costOf(rowsRead: number, rowsWritten: number): number {
  return (rowsRead * 0.001 + rowsWritten * 1) / 1_000_000;
}
