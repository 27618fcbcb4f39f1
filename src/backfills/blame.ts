/**
 * Finds out whether the file or a row is at fault when the database refuses a window. d1ops decides this by trying, never by the text of the error:
 *
 * 1. If the same statements also fail without any row, the file is at fault.
 * 2. If no row was changed yet, and the statements also fail for each of many other rows, the file is at fault.
 * 3. Otherwise the row is at fault, once it is alone in its window.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import type { Progress } from "./backfill-state.ts";
import { OTHERS, tryBatch } from "./probe.ts";

/** Fewer rows prove nothing: all rows of a small table may be bad. */
const MANY = 2 * OTHERS;

/** Why the statements fail without the rows of the window; null if they do not. */
export async function faultOfStatements(
  d1: D1Database,
  progress: Progress,
  statements: readonly D1PreparedStatement[],
): Promise<string | null> {
  const result = await tryBatch(d1, progress, statements);
  return typeof result === "object" ? result.refused : null;
}

export interface FaultOfOthers {
  /** Null: the statements succeed for some row, or there are too few rows to tell. */
  readonly fault: string | null;
  /** True if trying again could give no other result. */
  readonly conclusive: boolean;
}

/** `others`: the statements for each of the other rows. `message`: why the first row was refused. */
export async function faultOfOthers(
  d1: D1Database,
  progress: Progress,
  others: readonly (readonly D1PreparedStatement[])[],
  message: string,
): Promise<FaultOfOthers> {
  if (others.length < MANY) return { fault: null, conclusive: true };
  let refused = 0;
  for (const statements of others) {
    const result = await tryBatch(d1, progress, statements);
    if (result === "changed") return { fault: null, conclusive: true };
    if (result !== "idle") refused += 1;
  }
  if (refused < MANY) return { fault: null, conclusive: false };
  const fault = `${message} (each of ${refused + 1} rows fails when d1ops tries it alone)`;
  return { fault, conclusive: true };
}
