/**
 * A backfill's file that cannot be one.
 * @module
 */
import { OpsError } from "../report/error.ts";

/** `line` is one-based; null where it is about the whole file. */
export function invalid(
  file: string,
  line: number | null,
  problem: string,
  hint = "The format has a page: docs/backfills.md of the package d1ops",
): OpsError {
  return new OpsError(
    "BACKFILL_INVALID",
    { path: file, line, problem },
    {
      message: `${file}${line === null ? "" : `:${line}`}: ${problem}`,
      hint,
    },
  );
}
