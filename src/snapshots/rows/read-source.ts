/** @module Reads what a database consists of: its schema, and the tables whose rows a snapshot contains. */
import type { D1Database } from "../../database/port.ts";
import { readRows, type Rows } from "../../schema/rows.ts";
import type { SchemaObject } from "../store/manifest.ts";
import { shapesOf, type TableShape } from "./table-shape.ts";

export interface Source {
  readonly schema: readonly SchemaObject[];
  readonly tables: readonly TableShape[];
}

interface ObjectRow {
  readonly type: SchemaObject["type"];
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string;
}

/** SQLite creates its own tables and indexes itself, and those of Cloudflare belong to the platform, with all indexes and triggers on them. */
const OBJECTS = String.raw`SELECT type, name, tbl_name, sql FROM sqlite_master
  WHERE sql IS NOT NULL AND name NOT LIKE '\_cf\_%' ESCAPE '\' AND tbl_name NOT LIKE '\_cf\_%' ESCAPE '\'
    AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid`;

export async function readSource(d1: D1Database): Promise<Source> {
  const { results } = await d1.prepare(OBJECTS).all<ObjectRow>();
  const schema = results.map(({ type, name, tbl_name, sql }) => ({
    type,
    name,
    table: tbl_name,
    sql,
  }));
  return { schema, tables: shapesOf(await readRows(d1)) };
}

/** What masks are planned for. */
export interface Described {
  readonly rows: Rows;
  readonly schema: readonly SchemaObject[];
}

export async function describe(d1: D1Database): Promise<Described> {
  const { schema } = await readSource(d1);
  return { rows: await readRows(d1), schema };
}
