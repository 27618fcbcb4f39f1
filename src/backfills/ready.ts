/**
 * Whether a backfill can run, as far as d1ops can tell before the first write: what its file says, and its key.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { type Backfill, invalid } from "./backfill.ts";
import { BACKFILL_TABLES, type Progress, readProgressOf } from "./backfill-state.ts";
import { missingIn, refusalOf } from "../failure/kind.ts";
import { quoteIdentifier, quoteString, sameIdentifier } from "../sql/quote.ts";
import { keyList } from "./keys.ts";
import type { RunRequest } from "./run-request.ts";
import { isQuery, sourceOf } from "./slice.ts";

export interface ReadyRequest extends Pick<RunRequest, "d1" | "backfill" | "anew"> {
  /** Reads the names of the applied migrations. */
  readonly applied: () => Promise<readonly string[]>;
}

/** Returns the progress of earlier runs. @throws OpsError BACKFILL_NOT_READY */
export async function requireReady(request: ReadyRequest): Promise<Progress | undefined> {
  const { d1, anew, applied } = request;
  const { name, after, checksum } = request.backfill;
  const progress = await readProgressOf(d1, name);
  const begun = progress !== undefined && progress.windows > 0 && progress.state !== "cancelled";
  if (begun && progress.checksum !== checksum && !anew) {
    throw notReady(name, "its file was edited after it began", restoreOrBeginAgain(name));
  }
  if (after === null || (await applied()).includes(after)) return progress;
  const hint = offer("To apply it", command("migrate apply"));
  throw notReady(name, `it comes after ${after}, which is not applied`, hint);
}

/** The advice for a file that was edited after its backfill began. */
export function restoreOrBeginAgain(name: string): string {
  const again = command("backfill run", name, "--anew");
  return offer("Restore the file to continue, or begin again", again);
}

export function notReady(name: string, reason: string, hint: string): OpsError {
  return new OpsError(
    "BACKFILL_NOT_READY",
    { name, reason },
    { message: `${name} cannot run: ${reason}.`, hint },
  );
}

/**
 * Checks the key: a run would never reach a row without a key, and could skip one of two rows with the same key. Returns the source's
 * columns.
 * @throws OpsError BACKFILL_INVALID if the source has no such column, BACKFILL_NOT_READY if rows have no key or share one
 */
export async function requireKey(d1: D1Database, backfill: Backfill): Promise<readonly string[]> {
  const { name, file, key, reconcile } = backfill;
  const source = sourceOf(backfill);
  if (reconcile !== null) {
    await runQuery(name, "its reconciliation", () =>
      d1.prepare(`SELECT 1 FROM (${reconcile}\n) LIMIT 0`).all(),
    );
  }
  const [columns = []] =
    (await runQuery(name, "its source", () =>
      d1.prepare(`SELECT * FROM ${source} LIMIT 0`).raw({ columnNames: true }),
    )) ?? [];
  // SQLite reads an unknown name in double quotes as a text.
  const missing = key.find((wanted) => !columns.some((column) => sameIdentifier(column, wanted)));
  if (missing !== undefined) {
    throw invalid(file, null, `the source has no column ${missing}; it has ${columns.join(", ")}.`);
  }
  const isNull = key.map((column) => `${quoteIdentifier(column)} IS NULL`).join(" OR ");
  const empty = await runQuery(name, "its source", () =>
    d1.prepare(`SELECT 1 AS found FROM ${source} WHERE ${isNull} LIMIT 1`).first("found"),
  );
  if (empty !== null) {
    throw notReady(name, `rows of its source have no key: ${key.join(", ")} can be NULL`, HINT);
  }
  if (await isUniqueBySchema(d1, backfill)) return columns;
  const twice = `SELECT ${keyList(backfill)} FROM ${source} GROUP BY ${keyList(backfill)} HAVING count(*) > 1 LIMIT 1`;
  const [shared] = (await runQuery(name, "its source", () => d1.prepare(twice).raw())) ?? [];
  if (shared !== undefined) {
    const values = shared.map((value) => JSON.stringify(value)).join(", ");
    throw notReady(
      name,
      `its key is not unique: ${key.join(", ")} is ${values} more than once`,
      HINT,
    );
  }
  return columns;
}

/**
 * Avoids a scan of a large table if its schema shows that the key is unique. An index may compare differently than its column,
 * so if the schema contains a COLLATE, d1ops checks the rows.
 */
async function isUniqueBySchema(d1: D1Database, { source, key }: Backfill): Promise<boolean> {
  if (isQuery(source)) return false;
  const table = quoteString(source);
  const names = `(${key.map(quoteString).join(", ")})`;
  const rowid = `SELECT count(*) FROM pragma_table_info(${table}) WHERE pk > 0 HAVING sum(upper(type) = 'INTEGER' AND name COLLATE NOCASE IN ${names}) = 1 AND count(*) = 1`;
  const index = `SELECT 1 FROM pragma_index_list(${table}) AS i WHERE i."unique" = 1 AND i.partial = 0
  AND NOT EXISTS (SELECT 1 FROM pragma_index_info(i.name) AS c WHERE c.name IS NULL OR c.name COLLATE NOCASE NOT IN ${names})`;
  const unique = await d1
    .prepare(
      `SELECT EXISTS (${rowid}) OR EXISTS (${index}) AS is_unique FROM sqlite_schema
WHERE type = 'table' AND name = ${table} COLLATE NOCASE
  AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE tbl_name = ${table} COLLATE NOCASE AND sql LIKE '%collate%')`,
    )
    .first("is_unique");
  return unique === 1;
}

async function runQuery<T>(name: string, what: string, query: () => Promise<T>): Promise<T | null> {
  try {
    return await query();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    // The query may read the quarantine, which the first run creates.
    if (BACKFILL_TABLES.includes(missingIn(error)?.name ?? "")) return null;
    throw notReady(name, `${what} cannot be read: ${refusal.reason}`, HINT);
  }
}

const HINT =
  "Nothing was written. A key is made of columns that are unique together and never NULL; a source can be a SELECT that leaves rows out.";
