/**
 * The limits that end a run before its source does. Pure.
 * @module
 */
import { type Cost, costOf } from "../report/billing.ts";
import type { Progress } from "./backfill-state.ts";
import type { Limit, RunRequest } from "./run-request.ts";

/** The limit that a run has reached; null: none. `cost` is that of this run. */
export function limitReached(
  {
    maxRowsWritten,
    budget,
    maxQuarantined,
  }: Pick<RunRequest, "maxRowsWritten" | "budget" | "maxQuarantined">,
  { conflict, invalid }: Progress["counts"],
  { read, written }: Cost,
): Limit | null {
  if (maxQuarantined !== null && conflict + invalid > maxQuarantined) return "max-quarantined";
  if (maxRowsWritten !== null && written >= maxRowsWritten) return "max-rows-written";
  return budget !== null && costOf(read, written) >= budget ? "budget" : null;
}
