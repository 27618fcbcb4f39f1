/**
 * Steps of a report without measurements.
 * @module
 */
import type { Step } from "./report.ts";

export function step(name: string, status: Step["status"], note?: string): Step {
  const unmeasured = { durationMs: null, rowsRead: null, rowsWritten: null };
  return { name, status, ...unmeasured, ...(note !== undefined && { note }) };
}
