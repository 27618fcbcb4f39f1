/** @module Plans how the objects of a schema become those of a snapshot. D1's `sqlite_schema` cannot be written, so objects are dropped and created. */
import type { ForeignKeyRow } from "../../schema/rows.ts";
import { quoteIdentifier, upperCase } from "../../sql/quote.ts";
import type { SchemaObject } from "../store/manifest.ts";
import { isVirtual } from "../rows/virtual-tables.ts";
import { parentsFirst } from "./write-order.ts";

/** Statements of one batch. */
export interface SchemaStep {
  readonly what: string;
  readonly statements: readonly string[];
  /** The table with rows that the index is of. Rows of the present may violate it, but those that are wanted do not. */
  readonly indexed?: string;
}

/** What else determines the writes of a schema. */
export interface SchemaNeeds {
  readonly writesRows: boolean;
  /** See {@link PlanRequest.unfit}. */
  readonly unfit: ReadonlySet<string>;
  /** Of the present. */
  readonly foreignKeys: readonly Pick<ForeignKeyRow, "owner" | "table">[];
}

export interface SchemaWrites {
  /** Before any row is written: drops what is not wanted, then creates tables and their indexes. */
  readonly before: readonly SchemaStep[];
  /** After the last row: views and triggers. */
  readonly after: readonly SchemaStep[];
  /** The names of tables that are dropped. Some of them are created again, without rows. */
  readonly dropped: ReadonlySet<string>;
}

/**
 * Objects with the same text stay. Triggers would fire for every row that is written, and for every row that a foreign key deletes, so all
 * of them are dropped if rows are written or tables dropped.
 */
export function planSchemaWrites(
  present: readonly SchemaObject[],
  wanted: readonly SchemaObject[],
  { writesRows, unfit, foreignKeys }: SchemaNeeds,
): SchemaWrites {
  const texts = new Map(wanted.map((one) => [nameOf(one), one.sql]));
  const differs = (one: SchemaObject): boolean => texts.get(nameOf(one)) !== one.sql;
  const tables = present.filter(
    (one) => one.type === "table" && (differs(one) || unfit.has(one.name)),
  );
  const dropped = new Set(tables.map(({ name }) => name));
  const firesNone = writesRows || tables.length > 0;
  const triggers = present.filter((one) => one.type === "trigger" && (firesNone || differs(one)));
  const views = present.filter((one) => one.type === "view" && differs(one));
  const tableOfIndex = new Map(
    wanted.filter((one) => one.type === "index").map(({ name, table }) => [upperCase(name), table]),
  );
  // The other indexes of a dropped table go with it.
  const isTaken = ({ name, table }: SchemaObject): boolean =>
    (tableOfIndex.get(upperCase(name)) ?? table) !== table;
  const indexes = present.filter(
    (one) => one.type === "index" && (dropped.has(one.table) ? isTaken(one) : differs(one)),
  );
  const gone = new Set([...triggers, ...views, ...indexes, ...tables].map(nameOf));
  const owners = new Set([...dropped, ...views.map(({ name }) => name)]);
  const stays = new Set(
    present.filter((one) => !gone.has(nameOf(one)) && !owners.has(one.table)).map(nameOf),
  );
  const missing = wanted.filter((one) => !stays.has(nameOf(one)));
  const created = (type: SchemaObject["type"]): SchemaObject[] =>
    missing.filter((one) => one.type === type);
  const [plain, virtual] = parted(created("table"), ({ sql }) => !isVirtual(sql));
  const [old, oldVirtual] = parted(tables, ({ sql }) => !isVirtual(sql));
  const oldNames = new Set(old.map(({ name }) => upperCase(name)));
  const [again, added] = parted(plain, ({ name }) => oldNames.has(upperCase(name)));
  const isNew = new Set([...plain, ...virtual].map(({ name }) => name));
  // An index of a table with rows takes long.
  const [quick, slow] = parted(created("index"), ({ table }) => isNew.has(table));
  const withIndexes = (some: readonly SchemaObject[]): string[] => [
    ...some.map(({ sql }) => sql),
    ...some.flatMap(({ name }) => quick.filter((one) => one.table === name)).map(({ sql }) => sql),
  ];
  return {
    before: [
      ...together("triggers", triggers.map(drop)),
      ...together("views and indexes", [...views, ...indexes].map(drop)),
      // A virtual table may show the rows of another one.
      ...oldVirtual.map((one) => ({ what: `the table ${one.name}`, statements: [drop(one)] })),
      ...together("tables", withIndexes(added)),
      // To drop a table, SQLite deletes its rows, and those that refer to them. It needs every other table to which these refer.
      ...parentsFirst(old, foreignKeys)
        .toReversed()
        .map((one) => ({
          what: `the table ${one.name}`,
          statements: [
            drop(one),
            ...withIndexes(again.filter(({ name }) => upperCase(name) === upperCase(one.name))),
          ],
        })),
      ...together("tables", withIndexes(virtual)),
      ...slow.map(({ name, table, sql }) => ({
        what: `the index ${name}`,
        statements: [sql],
        indexed: table,
      })),
    ],
    after: together(
      "views and triggers",
      [...created("view"), ...created("trigger")].map(({ sql }) => sql),
    ),
    dropped,
  };
}

/**
 * Only creates tables with their indexes and triggers, all in one batch: a killed restore of some tables begins again with the schema that
 * it finds.
 */
export function planCreations(missing: readonly SchemaObject[]): SchemaWrites {
  const ordered = ["table", "index", "trigger"].flatMap((type) =>
    missing
      .filter((one) => one.type === type)
      .toSorted((a, b) => Number(isVirtual(a.sql)) - Number(isVirtual(b.sql))),
  );
  const statements = ordered.map(({ sql }) => sql);
  const before = statements.length === 0 ? [] : [{ what: "tables", statements }];
  return { before, after: [], dropped: new Set() };
}

export function nameOf({ type, name }: SchemaObject): string {
  return `${type} ${name}`;
}

function parted<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

function drop({ type, name }: SchemaObject): string {
  return `DROP ${type.toUpperCase()} ${quoteIdentifier(name)}`;
}

const MOST = 100;

function together(what: string, statements: readonly string[]): SchemaStep[] {
  const steps: SchemaStep[] = [];
  for (let at = 0; at < statements.length; at += MOST) {
    steps.push({ what, statements: statements.slice(at, at + MOST) });
  }
  return steps;
}
