/** @module Loads the rows of a snapshot into the tables of a new file, with one statement per chunk. */
import type { DatabaseSync } from "node:sqlite";
import { OpsError } from "../snapshots/errors.ts";
import type { SnapshotTable, TableChunk } from "../snapshots/store/manifest.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import { interrupted } from "./load-errors.ts";
import { isSystemTable } from "./schema-entries.ts";
import { isStatementError } from "./sqlite-error.ts";

export interface LoadRowsOptions {
  readonly onRows?: (rows: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What the rows of a table need. */
export type TableRows = Pick<SnapshotTable, "name" | "columns" | "rows" | "chunks">;

/** Returns the content of a chunk after it has proved it. */
export type ChunkText = (chunk: TableChunk) => Promise<string>;

/** Chunks that are being read while one is written. */
const AHEAD = 4;

/** @throws OpsError SNAPSHOT_INCOMPLETE, INTERRUPTED, what `read` throws, and errors of `node:sqlite` that concern the file */
export async function loadRows(
  db: DatabaseSync,
  tables: readonly TableRows[],
  read: ChunkText,
  { onRows = () => {}, signal }: LoadRowsOptions,
): Promise<void> {
  const total = tables.reduce((sum, { rows }) => sum + rows, 0);
  const changes = db.prepare("SELECT changes() AS n");
  let loaded = 0;
  // A row of an AUTOINCREMENT table changes `sqlite_sequence`, so SQLite's own tables come last.
  const ordered = tables.toSorted(
    (a, b) => Number(isSystemTable(a.name)) - Number(isSystemTable(b.name)),
  );
  for (const table of ordered) {
    if (isSystemTable(table.name)) db.exec(`DELETE FROM ${quoteIdentifier(table.name)}`);
    const insert = `${insertInto(table)} VALUES `;
    for await (const [chunk, text] of readAhead(table.chunks, read)) {
      if (signal?.aborted === true) throw interrupted();
      write(db, table, insert + text);
      const rows = Number(changes.get()?.["n"]);
      if (rows !== chunk.rows) throw rejected(table, `${rows} rows instead of ${chunk.rows}`);
      onRows((loaded += rows), total);
    }
  }
}

/** ON CONFLICT of a table does not apply: rows that exclude one another are an error, and the whole file is then discarded. */
function insertInto({ name, columns }: TableRows): string {
  return `INSERT OR FAIL INTO ${quoteIdentifier(name)}(${columns.map(quoteIdentifier).join(",")})`;
}

/** @yields {[TableChunk, string]} Each chunk with its content, in the given order. */
async function* readAhead(
  chunks: readonly TableChunk[],
  read: ChunkText,
): AsyncGenerator<[TableChunk, string], void, undefined> {
  const begun: Promise<string>[] = [];
  for (const [i, chunk] of chunks.entries()) {
    for (const next of chunks.slice(i + begun.length, i + AHEAD + 1)) {
      const text = read(next);
      // If an earlier chunk fails, no one waits for this one.
      text.catch(() => {});
      begun.push(text);
    }
    const text = await begun.shift();
    if (text !== undefined) yield [chunk, text];
  }
}

function write(db: DatabaseSync, table: TableRows, sql: string): void {
  try {
    db.exec(sql);
  } catch (error) {
    if (!isStatementError(error)) throw error;
    throw rejected(table, error.message, error);
  }
}

function rejected({ name }: TableRows, reason: string, cause?: unknown): OpsError {
  const text = {
    message: `SQLite does not accept the rows of the table ${name}: ${reason}.`,
    hint: "Restore an earlier snapshot, or restore the other tables by their names.",
  };
  return new OpsError("SNAPSHOT_INCOMPLETE", { table: name, reason }, text, { cause });
}
