/** @module The error for a config file that cannot be used. */
import { OpsError } from "../report/error.ts";

/** `at` is the position of a syntax error. Line and column count from 1. */
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
