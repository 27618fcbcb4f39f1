/**
 * Reads a database's schema from SQLite's PRAGMAs, and the rest from the text of its CREATE statements.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { makeSchema } from "./make.ts";
import type { Schema } from "./model.ts";
import { readRows } from "./rows.ts";

/**
 * Reads the schema with one request, or a few more if a view is broken. Excludes what migrations do not own: `_cf_*`,
 * `sqlite_*`, the shadow tables of virtual tables, and the tables named in `ignore`.
 */
export async function readSchema(db: D1Database, ignore: readonly string[] = []): Promise<Schema> {
  return makeSchema(await readRows(db), ignore);
}
