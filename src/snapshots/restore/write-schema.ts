/** @module Plans how the objects of a schema become those of a snapshot. D1's `sqlite_schema` cannot be written, so objects are dropped and created. */
import type { ForeignKeyRow } from "../../schema/rows.ts";
import { quoteIdentifier, upperCase } from "../../sql/quote.ts";
import { nameOf } from "../compare/difference-texts.ts";
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
  needs: SchemaNeeds,
): SchemaWrites {
  const drops = planDrops(present, wanted, needs);
  const missing = missingAfter(drops, present, wanted);
  const [views, triggers] = [ofType(missing, "view"), ofType(missing, "trigger")];
  return {
    before: [
      ...together("triggers", drops.triggers.map(drop)),
      ...together("views and indexes", [...drops.views, ...drops.indexes].map(drop)),
      ...tableSteps(drops, missing, needs.foreignKeys),
    ],
    after: together(
      "views and triggers",
      [...views, ...triggers].map(({ sql }) => sql),
    ),
    dropped: new Set(drops.tables.map(({ name }) => name)),
  };
}

/** The objects that a statement drops. The other indexes of a dropped table go with it. */
type Drops = Readonly<Record<"tables" | "triggers" | "views" | "indexes", readonly SchemaObject[]>>;

function planDrops(
  present: readonly SchemaObject[],
  wanted: readonly SchemaObject[],
  { writesRows, unfit }: SchemaNeeds,
): Drops {
  const texts = new Map(wanted.map((one) => [nameOf(one), one.sql]));
  const differs = (one: SchemaObject): boolean => texts.get(nameOf(one)) !== one.sql;
  const tables = ofType(present, "table").filter((one) => differs(one) || unfit.has(one.name));
  const dropped = new Set(tables.map(({ name }) => name));
  const owners = new Map(
    ofType(wanted, "index").map(({ name, table }) => [upperCase(name), table]),
  );
  // Another table needs its name.
  const isTaken = ({ name, table }: SchemaObject): boolean =>
    (owners.get(upperCase(name)) ?? table) !== table;
  const firesNone = writesRows || tables.length > 0;
  return {
    tables,
    triggers: ofType(present, "trigger").filter((one) => firesNone || differs(one)),
    views: ofType(present, "view").filter(differs),
    indexes: ofType(present, "index").filter((one) =>
      dropped.has(one.table) ? isTaken(one) : differs(one),
    ),
  };
}

/** Those of the wanted objects that do not exist after the drops. */
function missingAfter(
  { tables, triggers, views, indexes }: Drops,
  present: readonly SchemaObject[],
  wanted: readonly SchemaObject[],
): SchemaObject[] {
  const gone = new Set([...triggers, ...views, ...indexes, ...tables].map(nameOf));
  const owners = new Set([...tables, ...views].map(({ name }) => name));
  const stays = new Set(
    present.filter((one) => !gone.has(nameOf(one)) && !owners.has(one.table)).map(nameOf),
  );
  return wanted.filter((one) => !stays.has(nameOf(one)));
}

/** Drops and creates the tables, and creates the indexes. */
function tableSteps(
  { tables }: Drops,
  missing: readonly SchemaObject[],
  foreignKeys: SchemaNeeds["foreignKeys"],
): SchemaStep[] {
  const created = ofType(missing, "table");
  const [plain, virtual] = parted(created, ({ sql }) => !isVirtual(sql));
  const [old, oldVirtual] = parted(tables, ({ sql }) => !isVirtual(sql));
  const oldNames = new Set(old.map(({ name }) => upperCase(name)));
  const [again, added] = parted(plain, ({ name }) => oldNames.has(upperCase(name)));
  const isNew = new Set(created.map(({ name }) => name));
  // An index of a table with rows takes long.
  const [quick, slow] = parted(ofType(missing, "index"), ({ table }) => isNew.has(table));
  const withIndexes = (some: readonly SchemaObject[]): string[] => [
    ...some.map(({ sql }) => sql),
    ...some.flatMap(({ name }) => quick.filter((one) => one.table === name)).map(({ sql }) => sql),
  ];
  return [
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
  ];
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

function ofType(all: readonly SchemaObject[], type: SchemaObject["type"]): SchemaObject[] {
  return all.filter((one) => one.type === type);
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
