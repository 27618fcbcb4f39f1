/**
 * Steps of a report without measurements.
 * @module
 */
import type { Step } from "./report.ts";

export function step(name: string, status: Step["status"], note?: string): Step {
  const unmeasured = { durationMs: null, rowsRead: null, rowsWritten: null };
  return { name, status, ...unmeasured, ...(note !== undefined && { note }) };
}

/** Milliseconds, rounded to tenths. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
