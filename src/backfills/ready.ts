/** @module Whether a backfill can run, as far as d1ops can tell before the first write: what its file says, and its key. */
import type { D1Database } from "../database/port.ts";
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { type Backfill, invalid } from "./backfill.ts";
import { BACKFILL_TABLES, type Progress, readProgressOf } from "./backfill-state.ts";
import { missingIn, refusalOf } from "../failure/kind.ts";
import { quoteIdentifier, quoteString, sameIdentifier } from "../sql/quote.ts";
import { keyList } from "./window-keys.ts";
import type { RunRequest } from "./run-request.ts";
import { isQuery, sourceOf } from "./slice.ts";

export interface ReadyRequest extends Pick<RunRequest, "d1" | "backfill" | "anew"> {
  /** Reads the names of the applied migrations. */
  readonly applied: () => Promise<readonly string[]>;
  /** Lists the names of the project's migrations. */
  readonly migrations: () => Promise<readonly string[]>;
}

/** Returns the progress of earlier runs. @throws OpsError BACKFILL_NOT_READY */
export async function requireReady(request: ReadyRequest): Promise<Progress | undefined> {
  const { d1, anew, applied, migrations } = request;
  const { name, file, after, checksum } = request.backfill;
  const progress = await readProgressOf(d1, name);
  if (isEdited({ checksum }, progress) && !anew) {
    throw backfillNotReady(name, "its file was edited after it began", restoreOrBeginAgain(name));
  }
  if (after === null || (await applied()).includes(after)) return progress;
  const reason = `it comes after ${after}, which is not applied`;
  if ((await migrations()).includes(after)) {
    throw backfillNotReady(name, reason, offer("To apply it", command("migrate apply")));
  }
  const hint = `Correct the name that comes after \`after\` in ${file}.`;
  throw backfillNotReady(name, `${reason}: no migration has this name`, hint);
}

function hasBegun(progress: Progress | undefined): progress is Progress {
  return progress !== undefined && progress.windows > 0 && progress.state !== "cancelled";
}

/** Whether the file was edited after the backfill began. A run then stops, unless it begins with the first row. */
export function isEdited(
  { checksum }: Pick<Backfill, "checksum">,
  progress: Progress | undefined,
): boolean {
  return hasBegun(progress) && progress.checksum !== checksum;
}

/** The command that continues a backfill. It begins again if the file was edited, or if a finished run has left rows over. */
export function nextRun(
  { name, checksum }: Pick<Backfill, "name" | "checksum">,
  progress: Progress | undefined,
): string {
  const leftRows = hasBegun(progress) && progress.state === "scanned";
  const again = leftRows || isEdited({ checksum }, progress);
  return command("backfill run", name, ...(again ? ["--anew"] : []));
}

/** The advice for a file that was edited after its backfill began. */
export function restoreOrBeginAgain(name: string): string {
  const again = command("backfill run", name, "--anew");
  return offer("Restore the file to continue, or begin again", again);
}

export function backfillNotReady(name: string, reason: string, hint: string): OpsError {
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
  const [columns = []] =
    (await runQuery(backfill, "its source", () =>
      d1.prepare(`SELECT * FROM ${source} LIMIT 0`).raw({ columnNames: true }),
    )) ?? [];
  if (reconcile !== null) {
    await runQuery(backfill, "its reconciliation", () =>
      d1.prepare(`SELECT 1 FROM (${reconcile}\n) LIMIT 0`).all(),
    );
  }
  // SQLite reads an unknown name in double quotes as a text.
  const missing = key.find((wanted) => !columns.some((column) => sameIdentifier(column, wanted)));
  if (missing !== undefined) {
    throw invalid(file, null, `the source has no column ${missing}; it has ${columns.join(", ")}.`);
  }
  const isNull = key.map((column) => `${quoteIdentifier(column)} IS NULL`).join(" OR ");
  const empty = await runQuery(backfill, "its source", () =>
    d1.prepare(`SELECT 1 AS found FROM ${source} WHERE ${isNull} LIMIT 1`).first("found"),
  );
  if (empty !== null) {
    throw backfillNotReady(
      name,
      `rows of its source have no key: ${key.join(", ")} can be NULL`,
      HINT,
    );
  }
  if (await isUniqueBySchema(d1, backfill)) return columns;
  const twice = `SELECT ${keyList(backfill)} FROM ${source} GROUP BY ${keyList(backfill)} HAVING count(*) > 1 LIMIT 1`;
  const [shared] = (await runQuery(backfill, "its source", () => d1.prepare(twice).raw())) ?? [];
  if (shared !== undefined) {
    const values = shared.map((value) => JSON.stringify(value)).join(", ");
    throw backfillNotReady(
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

async function runQuery<T>(
  { name, file }: Backfill,
  what: string,
  query: () => Promise<T>,
): Promise<T | null> {
  try {
    return await query();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    // The query may read the quarantine, which the first run creates.
    const missing = missingIn(error);
    if (BACKFILL_TABLES.includes(missing?.name ?? "")) return null;
    const names = `Nothing was written. Correct the names of tables in ${file}.`;
    const hint = missing?.kind === "table" ? names : HINT;
    throw backfillNotReady(name, `${what} cannot be read: ${refusal.reason}`, hint);
  }
}

const HINT =
  "Nothing was written. A key is made of columns that are unique together and never NULL. To exclude rows, write a SELECT as the source.";
