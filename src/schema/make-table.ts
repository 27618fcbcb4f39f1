/** @module Builds a table of the model from SQLite's PRAGMAs and the text of its definition. */
import type { TermDefinition, VirtualTableDefinition } from "./definition.ts";
import type {
  Check,
  Column,
  ForeignKey,
  OrdinaryTable,
  PrimaryKey,
  Term,
  Unique,
  VirtualTable,
} from "./model.ts";
import { columnNames } from "./names.ts";
import {
  fold,
  type IsName,
  normalArgument,
  normalDefault,
  normalExpression,
  normalType,
} from "./normal.ts";
import type { ColumnRow, ForeignKeyRow, IndexRow, ListRow } from "./rows.ts";
import type { ColumnDefinition, TableDefinition } from "./table-definition.ts";

export interface TableRows {
  readonly list: ListRow | undefined;
  readonly columns: readonly ColumnRow[];
  /** The terms of all its indexes, in order within each index. */
  readonly indexes: readonly IndexRow[];
  /** In the order of the text; the rows of one key are adjacent. */
  readonly foreignKeys: readonly ForeignKeyRow[];
}

export function makeTable(
  name: string,
  definition: TableDefinition,
  rows: TableRows,
): OrdinaryTable {
  const isName = columnNames(rows.columns);
  const written = new Map(definition.columns.map((column) => [fold(column.name), column]));
  // INTEGER PRIMARY KEY is the only primary key without an index of its own.
  const rowidKey = rows.indexes.every(({ origin }) => origin !== "pk");
  const columns = rows.columns.map((row) =>
    makeColumn(row, written.get(fold(row.name)), row.pk > 0 && rowidKey, isName),
  );
  const checks = definition.checks.map((check): Check => ({
    name: check.name,
    expression: normalExpression(check.expression, isName),
  }));
  return {
    kind: "table",
    name,
    strict: rows.list?.strict === 1,
    withoutRowid: rows.list?.wr === 1,
    autoincrement: definition.autoincrement,
    columns,
    primaryKey: makePrimaryKey(definition, rows, columns),
    uniques: makeUniques(definition, rows, columns),
    checks,
    foreignKeys: makeForeignKeys(definition, rows),
    unknown: definition.unknown.map((list) => normalExpression(list, isName)),
  };
}

export function makeVirtualTable(
  name: string,
  definition: VirtualTableDefinition,
  rows: TableRows,
): VirtualTable {
  return {
    kind: "virtual",
    name,
    module: fold(definition.module),
    args: definition.args.map(normalArgument),
    strict: false,
    withoutRowid: false,
    autoincrement: false,
    columns: rows.columns.map((row) => ({ ...makePlainColumn(row), hidden: row.hidden === 1 })),
    primaryKey: null,
    uniques: [],
    checks: [],
    foreignKeys: [],
    unknown: [],
  };
}

function makePlainColumn(row: ColumnRow): Column {
  return {
    name: row.name,
    type: normalType(row.type),
    notNull: row.notnull === 1,
    notNullConflict: null,
    default: row.dflt_value === null ? null : normalDefault(row.dflt_value),
    collation: "BINARY",
    generated: null,
    hidden: false,
  };
}

function makeColumn(
  row: ColumnRow,
  written: ColumnDefinition | undefined,
  isRowid: boolean,
  isName: IsName,
): Column {
  const plain = makePlainColumn(row);
  const expression = normalExpression(written?.generated ?? [], isName);
  const isGenerated = row.hidden === 2 || row.hidden === 3;
  return {
    ...plain,
    notNull: plain.notNull || isRowid,
    notNullConflict: written?.notNullConflict ?? null,
    collation: written?.collation?.toUpperCase() ?? "BINARY",
    generated: isGenerated ? { kind: row.hidden === 3 ? "stored" : "virtual", expression } : null,
  };
}

function makePrimaryKey(
  definition: TableDefinition,
  rows: TableRows,
  columns: readonly Column[],
): PrimaryKey | null {
  const first = rows.columns.find(({ pk }) => pk === 1);
  if (first === undefined) return null;
  const conflict = definition.primaryKey?.conflict ?? null;
  const places = rows.indexes.filter(({ origin }) => origin === "pk");
  if (places.length > 0) {
    const terms = places.map((place) => makeTerm(place, columns));
    return { terms, rowid: false, conflict };
  }
  const collation = columns.find(({ name }) => name === first.name)?.collation ?? "BINARY";
  const term = {
    column: first.name,
    expression: null,
    collation,
    inherited: true,
    descending: false,
  };
  return { terms: [term], rowid: true, conflict };
}

/** As in SQLite, two identical UNIQUE constraints are one index. */
function makeUniques(
  definition: TableDefinition,
  rows: TableRows,
  columns: readonly Column[],
): Unique[] {
  const places = rows.indexes.filter(({ origin }) => origin === "u");
  return [...Map.groupBy(places, ({ index }) => index).values()].map((group) => {
    const terms = group.map((place) => makeTerm(place, columns));
    const names = key(terms.map(({ column }) => column ?? ""));
    const written = definition.uniques.find((unique) => key(unique.columns) === names);
    return { terms, conflict: written?.conflict ?? null };
  });
}

/** A term of a key or an index. Only expressions need the definition. */
export function makeTerm(
  place: IndexRow,
  columns: readonly Column[],
  definition?: TermDefinition,
): Term {
  const collation = place.coll.toUpperCase();
  const descending = place.desc === 1;
  if (place.name !== null) {
    const column = columns.find(({ name }) => name === place.name);
    const inherited = column?.collation === collation;
    return { column: place.name, expression: null, collation, inherited, descending };
  }
  const expression = normalExpression(definition?.expression ?? [], columnNames(columns));
  const inherited = definition?.collation === null;
  return { column: null, expression, collation, inherited, descending };
}

function key(names: readonly string[]): string {
  return fold(JSON.stringify(names));
}

function makeForeignKeys(definition: TableDefinition, rows: TableRows): ForeignKey[] {
  const groups = [...Map.groupBy(rows.foreignKeys, ({ id }) => id).values()];
  return groups.flatMap((group, place) => {
    const [first] = group;
    if (first === undefined) return [];
    const to = group.map((row) => row.to);
    return {
      columns: group.map(({ from }) => from),
      table: first.table,
      to: to.every((name) => name !== null) ? to : null,
      onDelete: first.on_delete,
      onUpdate: first.on_update,
      deferred: definition.foreignKeys[place]?.deferred ?? false,
    };
  });
}
