/**
 * The limits that end a run before its source does. Pure.
 * @module
 */
import { costOf } from "./window-pace.ts";
import type { RunRequest } from "./run-request.ts";
import type { Progress } from "./backfill-state.ts";

export type Limit = "max-rows-written" | "budget" | "max-quarantined";

/** The limit that a run has reached; null: it may go on. */
export function limitReached(
  { maxRowsWritten, budget, maxQuarantined }: RunRequest,
  { conflict, invalid }: Progress["counts"],
  { rowsRead, rowsWritten }: { readonly rowsRead: number; readonly rowsWritten: number },
): Limit | null {
  if (maxQuarantined !== null && conflict + invalid > maxQuarantined) return "max-quarantined";
  if (maxRowsWritten !== null && rowsWritten >= maxRowsWritten) return "max-rows-written";
  return budget !== null && costOf(rowsRead, rowsWritten) >= budget ? "budget" : null;
}
