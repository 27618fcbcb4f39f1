/**
 * The one way to say that a config file cannot be used.
 * @module
 */
import { OpsError } from "../report/error.ts";

/** A config file that cannot be used as it stands. Line and column count from one; left out where the text itself is fine. */
export function invalidConfig(
  path: string,
  problem: string,
  hint: string,
  at?: { readonly line: number; readonly column: number },
): OpsError<"CONFIG_INVALID"> {
  const place = at === undefined ? path : `${path}:${at.line}:${at.column}`;
  return new OpsError(
    "CONFIG_INVALID",
    { path, line: at?.line ?? null, column: at?.column ?? null, problem },
    { message: `${place}: ${problem}`, hint },
  );
}
