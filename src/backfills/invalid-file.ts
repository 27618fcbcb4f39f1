/**
 * The error for a file that is no valid backfill.
 * @module
 */
import { OpsError } from "../report/error.ts";

/** `line` is one-based; null if the problem concerns the whole file. */
export function invalid(
  file: string,
  line: number | null,
  problem: string,
  hint = "See the format: docs/backfills.md of the package d1ops",
): OpsError {
  return new OpsError(
    "BACKFILL_INVALID",
    { path: file, line, problem },
    { message: `${file}${line === null ? "" : `:${line}`}: ${problem}`, hint },
  );
}
