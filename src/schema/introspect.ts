/** @module Reads a database's schema from SQLite's PRAGMAs, and the rest from the text of its CREATE statements. */
import type { D1Database } from "../database/port.ts";
import { type Definition, parseDefinition } from "./definition.ts";
import { makeTable, makeTerm, makeVirtualTable, type TableRows } from "./make-table.ts";
import type { Index, Schema, Table, Trigger, View } from "./model.ts";
import { collectNames, columnNames, type Names, statementNames } from "./names.ts";
import { fold, normalExpression } from "./normal.ts";
import { type ListRow, type ObjectRow, readRows, type Rows } from "./rows.ts";

interface Defined<T extends Definition = Definition> {
  readonly row: ObjectRow;
  readonly definition: T;
}

/** Reads the schema with one request, or a few more if a view is broken. Excludes what migrations do not own ({@link exclusion}). */
export async function readSchema(db: D1Database, ignore: readonly string[] = []): Promise<Schema> {
  return makeSchema(await readRows(db), ignore);
}

function makeSchema(rows: Rows, ignore: readonly string[]): Schema {
  const objects = rows.objects.flatMap(define);
  const isExcluded = exclusion(
    rows.list,
    objects.map(({ definition }) => definition),
    ignore,
  );
  const included = objects.filter(({ row }) => !isExcluded(row.name) && !isExcluded(row.tbl_name));
  const answers = answersByOwner(rows);
  const names = collectNames(
    rows.list.map(({ name }) => ({ name, columns: answers(name).columns.map((row) => row.name) })),
  );
  const tables = included.flatMap((object) => table(object, answers(object.row.name)));
  const shapes = new Map(tables.map((one) => [fold(one.name), one]));
  return {
    tables: byName(tables),
    indexes: byName(
      included.filter(defines("index")).flatMap((object) => {
        const owner = shapes.get(fold(object.row.tbl_name));
        return owner ? [index(object, owner, answers(object.row.tbl_name))] : [];
      }),
    ),
    triggers: byName(included.filter(defines("trigger")).map((object) => trigger(object, names))),
    views: byName(
      included
        .filter(defines("view"))
        .map((object) => view(object, answers(object.row.name), names)),
    ),
  };
}

/** Parses a definition. Indexes that SQLite creates itself have no text. */
function define(row: ObjectRow): Defined[] {
  const definition = row.sql === null ? null : parseDefinition(row.sql);
  return definition === null ? [] : [{ row, definition }];
}

type DefinedAs<K> = Defined<Extract<Definition, { readonly object: K }>>;

function defines<K>(kind: K): (object: Defined) => object is DefinedAs<K> {
  return (object): object is DefinedAs<K> => object.definition.object === kind;
}

/** What SQLite's PRAGMAs report about each table and view, by its name. */
function answersByOwner(rows: Rows): (owner: string) => TableRows {
  const list = new Map(rows.list.map((row) => [row.name, row]));
  const columns = Map.groupBy(rows.columns, ({ owner }) => owner);
  const indexes = Map.groupBy(rows.indexes, ({ owner }) => owner);
  const foreignKeys = Map.groupBy(rows.foreignKeys, ({ owner }) => owner);
  return (owner) => ({
    list: list.get(owner),
    columns: columns.get(owner) ?? [],
    indexes: indexes.get(owner) ?? [],
    foreignKeys: foreignKeys.get(owner) ?? [],
  });
}

function table({ row, definition }: Defined, answers: TableRows): Table[] {
  if (definition.object === "table") return [makeTable(row.name, definition, answers)];
  if (definition.object !== "virtual table") return [];
  return [makeVirtualTable(row.name, definition, answers)];
}

function index(
  { row, definition }: DefinedAs<"index">,
  { name, columns }: Table,
  { indexes }: TableRows,
): Index {
  const { unique, where, terms } = definition;
  const places = indexes.filter((place) => place.index === row.name);
  return {
    name: row.name,
    table: name,
    unique,
    terms: places.map((place) => makeTerm(place, columns, terms[place.seqno])),
    where: where && normalExpression(where, columnNames(columns)),
  };
}

function trigger({ row, definition }: DefinedAs<"trigger">, names: Names): Trigger {
  const { timing, event, when, body } = definition;
  const columns = definition.columns.toSorted((a, b) => order(fold(a), fold(b)));
  return {
    name: row.name,
    table: row.tbl_name,
    timing,
    event: columns.length === 0 ? event : `${event} OF ${columns.join(", ")}`,
    when: when && normalExpression(when, statementNames(names, when)),
    body: normalExpression(body, statementNames(names, body)),
  };
}

function view({ row, definition }: DefinedAs<"view">, { columns }: TableRows, names: Names): View {
  const { select } = definition;
  return {
    name: row.name,
    columns: columns.length === 0 ? null : columns.map(({ name }) => name),
    declared: definition.columns,
    select: normalExpression(select, statementNames(names, select)),
  };
}

function byName<T extends { readonly name: string }>(objects: readonly T[]): T[] {
  return objects.toSorted((a, b) => order(fold(a.name), fold(b.name)));
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Tests the names of objects that migrations do not own: tables of the platform and of SQLite, shadow tables, ledgers. */
function exclusion(
  list: readonly ListRow[],
  definitions: readonly Definition[],
  ignore: readonly string[],
): (name: string) => boolean {
  const shadows = list.filter(({ type }) => type === "shadow").map(({ name }) => name);
  const names = new Set([...ignore, ...shadows, ...definitions.flatMap(shadowNames)].map(fold));
  return (name) => {
    const folded = fold(name);
    return folded.startsWith("_cf_") || folded.startsWith("sqlite_") || names.has(folded);
  };
}

/** SQLite lists shadow tables only if it has loaded the module. */
function shadowNames(definition: Definition): string[] {
  if (definition.object !== "virtual table") return [];
  const suffixes = SUFFIXES[fold(definition.module)] ?? [];
  return suffixes.map((suffix) => `${definition.name}_${suffix}`);
}

const SUFFIXES: { readonly [module: string]: readonly string[] } = {
  fts5: ["data", "idx", "content", "docsize", "config"],
  rtree: ["node", "parent", "rowid"],
  rtree_i32: ["node", "parent", "rowid"],
};
