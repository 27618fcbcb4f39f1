/** @module Which virtual tables differ, and how they can be made equal: D1 does not let anyone write their shadow tables. */
import type { D1Database } from "../../database/port.ts";
import { readRows } from "../../schema/rows.ts";
import { quoteIdentifier, quoteString, sameIdentifier } from "../../sql/quote.ts";
import type { SchemaObject, SnapshotTable } from "../store/manifest.ts";
import { isAmong } from "./named-table.ts";
import { measureTable } from "../take/measure.ts";
import { type TableShape, virtualShapeOf } from "../rows/table-shape.ts";
import { type IndexOfTable, type VirtualTable, virtualTablesOf } from "../rows/virtual-tables.ts";
import type { DatabaseContent, PlanRequest } from "./wanted.ts";

export interface VirtualWrites {
  /** Tables that have rows of their own, which differ. */
  readonly rows: readonly VirtualRows[];
  /** Indexes of other tables, which FTS5 builds again. */
  readonly rebuilt: readonly VirtualTable[];
  /** Statements that change settings of FTS5 tables. */
  readonly settings: readonly string[];
  /** Indexes without content that differ. No statement can make them equal. */
  readonly unwritable: readonly VirtualTable[];
}

/** What else will be written. */
export interface OtherWrites {
  /** The names of the tables whose rows differ. */
  readonly tables: readonly string[];
  /** The objects of the schema that differ. */
  readonly objects: readonly SchemaObject[];
}

export interface VirtualRows {
  readonly shape: TableShape;
  /** Null: the table is missing, or is created again. */
  readonly present: SnapshotTable | null;
  readonly wanted: SnapshotTable;
}

/**
 * Equal shadow tables are equal virtual tables. If they differ, the rows may still be equal, because an index can be stored in several ways.
 */
export async function planVirtual(
  request: PlanRequest,
  writes: OtherWrites,
): Promise<VirtualWrites> {
  const { present, wanted, built } = request;
  const now = new Map(virtualTablesOf(present.schema).map((one) => [one.name, one]));
  const rows: VirtualRows[] = [];
  const rebuilt: VirtualTable[] = [];
  const settings: string[] = [];
  const unwritable: VirtualTable[] = [];
  for (const table of virtualTablesOf(wanted.database.schema)) {
    const exists = now.get(table.name)?.sql === table.sql;
    const differing = differingShadows(table, present, wanted.database);
    const isEqual = exists && differing.length === 0;
    if (table.rowsOf === "other table") {
      const stale = (!exists || differing.some(hasRows)) && !built.has(table.name);
      if (stale || showsWritten(table, wanted.database, writes)) rebuilt.push(table);
    } else if (!isEqual && table.rowsOf === "nowhere") {
      unwritable.push(table);
    } else if (!isEqual && table.rowsOf === "own") {
      rows.push(...(await differingRows(request, table, exists)));
    }
    if (table.module === "FTS5" && differing.some(hasSettings)) {
      settings.push(...(await differingSettings(request, table, exists)));
    }
  }
  return { rows, rebuilt, settings, unwritable };
}

/** Only its text says which rows a view shows. */
function showsWritten(
  { source }: IndexOfTable,
  { schema }: DatabaseContent,
  { tables, objects }: OtherWrites,
): boolean {
  const isView = schema.some((one) => one.type === "view" && sameIdentifier(one.name, source));
  return isView ? tables.length + objects.length > 0 : isAmong(tables, source);
}

function differingShadows(
  { shadows }: VirtualTable,
  one: DatabaseContent,
  other: DatabaseContent,
): string[] {
  const digestIn = ({ tables }: DatabaseContent, name: string): string | undefined =>
    tables.find((table) => table.name === name)?.digest;
  return shadows.filter((name) => digestIn(one, name) !== digestIn(other, name));
}

/** The other shadow tables of an index depend on the order in which its rows were written. */
function hasRows(shadow: string): boolean {
  return shadow.endsWith("_docsize");
}

function hasSettings(shadow: string): boolean {
  return shadow.endsWith("_config");
}

async function differingRows(
  { d1, codec, wanted }: PlanRequest,
  { name, module }: VirtualTable,
  exists: boolean,
): Promise<VirtualRows[]> {
  const shape = virtualShapeOf(name, await readRows(wanted.copy), module !== "FTS5");
  const then = await measureTable(codec, { d1: wanted.copy, place: "local" }, shape);
  const now = exists ? await measureTable(codec, { d1, place: "remote" }, shape) : null;
  const isEqual =
    (now?.rows ?? 0) === then.rows && (then.rows === 0 || now?.digest === then.digest);
  return isEqual ? [] : [{ shape, present: now, wanted: then }];
}

async function differingSettings(
  { d1, wanted }: PlanRequest,
  { name }: VirtualTable,
  exists: boolean,
): Promise<string[]> {
  const [now, then] = [
    exists ? await settingsOf(d1, name) : new Map(),
    await settingsOf(wanted.copy, name),
  ];
  const table = quoteIdentifier(name);
  return [...then]
    .filter(([key, value]) => key !== "version" && now.get(key) !== value)
    .map(
      ([key, value]) =>
        `INSERT INTO ${table}(${table}, rank) VALUES (${quoteString(key)}, ${value})`,
    );
}

async function settingsOf(d1: D1Database, name: string): Promise<Map<string, string>> {
  const { results } = await d1
    .prepare(`SELECT k, quote(v) AS v FROM ${quoteIdentifier(`${name}_config`)}`)
    .all<{ k: string; v: string }>();
  return new Map(results.map(({ k, v }) => [k, v]));
}
