/**
 * What schema a database has. PRAGMAs say what they know; the rest is read from the text of CREATE.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { makeSchema } from "./make.ts";
import type { Schema } from "./model.ts";
import { readRows } from "./rows.ts";

/**
 * Reads with one request. Leaves out what is no business of a migration: `_cf_*`, `sqlite_*`, the shadow tables of
 * virtual ones, and `ignore`, by name. A broken view does not stand in the way.
 */
export async function readSchema(db: D1Database, ignore: readonly string[] = []): Promise<Schema> {
  return makeSchema(await readRows(db), ignore);
}
