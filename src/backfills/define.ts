/**
 * A backfill in TypeScript, for what SQL cannot do. The program decides about each row, and d1ops runs the writes.
 *
 * ```ts
 * import { defineBackfill } from "d1ops";
 * export default defineBackfill({
 *   source: "users",
 *   key: "id",
 *   decide: ({ id, phone }) =>
 *     typeof phone === "string"
 *       ? { outcome: "changed", writes: [["UPDATE users SET phone = ? WHERE id = ?", tidy(phone), id]] }
 *       : { outcome: "skipped", reason: "no-phone" },
 * });
 * ```
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { OpsError } from "../report/error.ts";
import { invalid, type RowBackfill, type SourceRow, type Verdict } from "./backfill.ts";
import { type BackfillFile, keyOf } from "./parse-sql.ts";
import { cut, textOfThrown, textOfValue } from "./thrown.ts";

/** The default export of a backfill's file. `P` is the type that `prepare` returns. */
export interface BackfillDefinition<P = undefined> {
  /** The migration that has to be applied before the backfill runs. */
  readonly after?: string;
  /** A table's name, or a SELECT. */
  readonly source: string;
  /** One or several columns of the source, unique together and never null. */
  readonly key: string | readonly string[];
  /** Reads what the decisions need besides the row. Called once per run. */
  readonly prepare?: (d1: D1Database) => Promise<P>;
  readonly decide: (row: SourceRow, prepared: P) => Verdict;
  /** A query that finds the rows that are not done. */
  readonly reconcile?: string;
}

/** Gives the definition its type. d1ops checks the file when it reads it. */
export function defineBackfill<P = undefined>(
  definition: BackfillDefinition<P>,
): BackfillDefinition<P> {
  return definition;
}

const ASYNC_DECIDE =
  "`decide` returned a promise. It must return its verdict synchronously: read what it needs in `prepare`.";

const KEYS = new Set(["after", "source", "key", "prepare", "decide", "reconcile"]);

/** Checks the export of a file and returns its backfill. @throws OpsError BACKFILL_INVALID */
export function backfillFrom(exported: unknown, file: BackfillFile): RowBackfill {
  try {
    return readDefinition(exported, file);
  } catch (error) {
    if (error instanceof OpsError) throw error;
    throw invalid(file.file, null, `its definition cannot be read: ${textOfThrown(error)}`);
  }
}

function readDefinition(exported: unknown, { name, file, checksum }: BackfillFile): RowBackfill {
  if (typeof exported !== "object" || exported === null) {
    throw invalid(file, null, "it exports no backfill: export default defineBackfill({ … }).");
  }
  const given = new Map<string, unknown>(Object.entries(exported));
  const unknown = [...given.keys()].find((key) => !KEYS.has(key));
  if (unknown !== undefined) {
    throw invalid(file, null, `\`${unknown}\` is not a key; the keys are ${[...KEYS].join(", ")}.`);
  }
  const decide = given.get("decide");
  if (!isFunction(decide)) throw invalid(file, null, "`decide` must be a function.");
  const prepare = given.get("prepare");
  if (prepare !== undefined && !isFunction(prepare)) {
    throw invalid(file, null, "`prepare` must be a function.");
  }
  if (decide.constructor.name === "AsyncFunction") throw invalid(file, null, ASYNC_DECIDE);
  const source = textOf(file, given, "source");
  if (source === null) throw invalid(file, null, "`source` is missing.");
  return {
    kind: "rows",
    name,
    file,
    checksum,
    after: textOf(file, given, "after"),
    source,
    key: keyOf(file, { value: keyText(file, given.get("key")), line: null }),
    prepare: prepare === undefined ? null : async (d1) => prepare(d1),
    decide: (row, prepared) => verdictOf(file, decide(row, prepared)),
    reconcile: textOf(file, given, "reconcile"),
  };
}

function isFunction(value: unknown): value is (...given: unknown[]) => unknown {
  return typeof value === "function";
}

function textOf(file: string, given: ReadonlyMap<string, unknown>, key: string): string | null {
  const value = given.get(key);
  if (value === undefined) return null;
  if (typeof value === "string" && value.trim() !== "") return value.trim().replace(/\s*;$/, "");
  throw invalid(file, null, `\`${key}\` must be a text.`);
}

function keyText(file: string, key: unknown): string {
  const columns: unknown[] = Array.isArray(key) ? key : [key];
  if (columns.length > 0 && columns.every((column) => typeof column === "string")) {
    return columns.join(",");
  }
  throw invalid(file, null, "`key` must be the name of a column, or an array of names.");
}

/** Checks what `decide` returned. @throws OpsError BACKFILL_INVALID for a promise: the program is at fault for every row */
function verdictOf(file: string, value: unknown): Verdict {
  // Nothing else handles it, so a rejection would end the process.
  if (value instanceof Promise) value.catch(() => {});
  // Also a query builder, or a promise of another realm. d1ops never calls `then`, because that may start a query.
  if (isThenable(value)) throw invalid(file, null, ASYNC_DECIDE);
  if (typeof value === "object" && value !== null && "outcome" in value) {
    const { outcome } = value;
    const reason = "reason" in value && typeof value.reason === "string" ? cut(value.reason) : null;
    if (outcome === "already" || outcome === "skipped") {
      return reason === null ? { outcome } : { outcome, reason };
    }
    if (outcome === "conflict" || outcome === "invalid") {
      return { outcome, reason: reason ?? "no reason given" };
    }
    if (outcome === "changed" && "writes" in value && Array.isArray(value.writes)) {
      return { outcome, writes: value.writes.map(writeOf) };
    }
  }
  throw new TypeError(`decide() returned ${textOfValue(value)}, which is not a verdict`);
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

function writeOf(write: unknown): string | readonly [string, ...unknown[]] {
  if (typeof write === "string") return write;
  if (Array.isArray(write)) {
    const [sql, ...params]: unknown[] = write;
    if (typeof sql === "string") return [sql, ...params];
  }
  throw new TypeError("a write must be a SQL text, or an array of a SQL text and its parameters");
}
