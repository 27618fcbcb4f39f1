/** @module What has to be written so that a database equals another one. Reads both, and writes nothing. */
import type { D1Database } from "../../database/port.ts";
import { missingIn } from "../../failure/kind.ts";
import { readRows } from "../../schema/rows.ts";
import { quoteString, upperCase } from "../../sql/quote.ts";
import type { SchemaObject, SnapshotTable } from "../store/manifest.ts";
import type { TableShape } from "../rows/table-shape.ts";
import { virtualTablesOf } from "../rows/virtual-tables.ts";
import type { DatabaseContent, PlanRequest, Wanted } from "./wanted.ts";
import { isInteger } from "../rows/join-rows.ts";
import { differingObjects, otherRowsText, schemaDifferences } from "../compare/difference-texts.ts";
import { planCreations, planSchemaWrites, type SchemaWrites } from "./write-schema.ts";
import { planVirtual, type VirtualWrites } from "./plan-virtual.ts";

export interface WritePlan {
  readonly schema: SchemaWrites;
  /** Those of the wanted tables whose rows differ. */
  readonly tables: readonly SnapshotTable[];
  readonly virtual: VirtualWrites;
  /** Of the wanted tables. */
  readonly triggers: readonly SchemaObject[];
  /** Those of the differences that concern neither the rows of a table nor an object of the schema. */
  readonly others: readonly string[];
  /** Each difference as the end of a sentence: `the table users has other rows`. Empty if there is nothing to write. */
  readonly differences: readonly string[];
}

const SEQUENCE = "sqlite_sequence";

/** The statistics of ANALYZE. */
export const STATISTICS = "sqlite_stat1";

export const STATISTICS_SHAPE: TableShape = {
  name: STATISTICS,
  columns: ["rowid", "tbl", "idx", "stat"],
  key: ["rowid"],
  numbered: true,
};

/** @throws OpsError of the database */
export async function planWrites(request: PlanRequest): Promise<WritePlan> {
  const { d1, present, wanted, only } = request;
  const now = writableOf(present, request);
  const whole = writableOf(wanted.database, request);
  const then = only === null ? whole : { ...whole, schema: withMissing(now.schema, whole.schema) };
  const objects = differingObjects(then.schema, now.schema);
  const tables = [...differingTables(then, now, objects), ...withoutStatistics(now, then)];
  const virtual = await planVirtual(request, { tables: tables.map(({ name }) => name), objects });
  const writesRows = tables.length + virtual.rows.length > 0;
  const others = othersOf(virtual, await sequenceStatements(d1, wanted, request));
  return {
    schema: await planSchema(request, now.schema, then.schema, writesRows),
    tables,
    virtual,
    triggers: then.schema.filter(({ type }) => type === "trigger"),
    others,
    differences: [
      ...schemaDifferences(then.schema, now.schema),
      ...tables.map(({ name }) => otherRowsText(`table ${name}`)),
      ...[...virtual.rows.map(({ shape }) => shape), ...virtual.unwritable].map(({ name }) =>
        otherRowsText(`virtual table ${name}`),
      ),
      ...others,
    ],
  };
}

/** `objects`: those whose definition differs. A table of them has no rows after it is created. */
function differingTables(
  then: DatabaseContent,
  now: DatabaseContent,
  objects: readonly SchemaObject[],
): SnapshotTable[] {
  const found = new Map(now.tables.map((table) => [table.name, table]));
  const created = new Set(objects.filter(({ type }) => type === "table").map(({ name }) => name));
  return then.tables.filter(({ name, rows, digest }) => {
    const present = found.get(name);
    if (created.has(name)) return rows > 0;
    return present?.digest !== digest && rows + (present?.rows ?? 0) > 0;
  });
}

async function planSchema(
  { d1, only, unfit }: PlanRequest,
  present: readonly SchemaObject[],
  wanted: readonly SchemaObject[],
  writesRows: boolean,
): Promise<SchemaWrites> {
  if (only !== null) return planCreations(wanted.slice(present.length));
  const { foreignKeys } = await readRows(d1);
  return planSchemaWrites(present, wanted, { writesRows, unfit, foreignKeys });
}

function othersOf({ rebuilt, settings }: VirtualWrites, sequence: readonly string[]): string[] {
  return [
    ...rebuilt.map(({ name }) => `the index ${name} does not fit its table`),
    ...(settings.length === 0 ? [] : ["an FTS5 table has other settings"]),
    ...(sequence.length === 0 ? [] : [otherRowsText(`table ${SEQUENCE}`)]),
  ];
}

/** Tables that exist keep their definition, their indexes and their triggers. */
function withMissing(
  now: readonly SchemaObject[],
  wanted: readonly SchemaObject[],
): readonly SchemaObject[] {
  const tables = new Set(now.map(({ table }) => table));
  return [...now, ...wanted.filter(({ table }) => !tables.has(table))];
}

/** What d1ops writes. */
export type Scope = Pick<PlanRequest, "keeps" | "only">;

/** Without the tables of the place, the shadow tables, and the sequence, which are compared in another way. */
export function writableOf({ schema, tables }: DatabaseContent, scope: Scope): DatabaseContent {
  const { keeps } = scope;
  // A trigger keeps the name of its table as its text spells it.
  const only = scope.only === null ? null : new Set(Array.from(scope.only, upperCase));
  const shadows = new Set(virtualTablesOf(schema).flatMap((one) => one.shadows));
  const isOwn = (name: string): boolean =>
    (only === null || only.has(upperCase(name))) && !keeps.has(name) && !shadows.has(name);
  return {
    schema: schema.filter(({ table }) => isOwn(table)),
    tables: tables.filter(
      ({ name, rows }) =>
        isOwn(name) && (!name.startsWith("sqlite_") || (name === STATISTICS && rows > 0)),
    ),
  };
}

/** Statistics that are not wanted are deleted: their table stays, without rows. */
function withoutStatistics(now: DatabaseContent, then: DatabaseContent): SnapshotTable[] {
  const isStatistics = ({ name }: SnapshotTable): boolean => name === STATISTICS;
  const found = now.tables.find(isStatistics);
  if (found === undefined || found.rows === 0 || then.tables.some(isStatistics)) return [];
  return [{ ...found, rows: 0, digest: "", chunks: [] }];
}

/**
 * The statements that give `sqlite_sequence` the wanted numbers. Each row that is written to an AUTOINCREMENT table changes them, so they
 * come last. If only some tables are written, no number goes back: other tables may refer to rows that were created since then, and a new row
 * must not get the id of one of them.
 */
export async function sequenceStatements(
  d1: D1Database,
  { copy }: Wanted,
  { keeps, only }: Scope,
): Promise<string[]> {
  const [now, then] = [await sequenceOf(d1), (await sequenceOf(copy)) ?? new Map<string, string>()];
  const isOwn = (name: string): boolean => (only === null || only.has(name)) && !keeps.has(name);
  const extra =
    only === null
      ? [...(now?.keys() ?? [])].filter((name) => !then.has(name) && !keeps.has(name))
      : [];
  const other = [...then].filter(([name, seq]) => {
    const present = now?.get(name);
    const differs = only === null ? present !== seq : isLess(present, seq);
    return isOwn(name) && differs;
  });
  return [
    ...(now === null && other.length > 0 ? CREATE_SEQUENCE : []),
    ...[...extra, ...other.map(([name]) => name)].map(
      (name) => `DELETE FROM ${SEQUENCE} WHERE name = ${quoteString(name)}`,
    ),
    ...other.map(
      ([name, seq]) => `INSERT INTO ${SEQUENCE}(name, seq) VALUES (${quoteString(name)}, ${seq})`,
    ),
  ];
}

function isLess(present: string | undefined, seq: string): boolean {
  if (present === undefined) return true;
  return isInteger(present) && isInteger(seq) && BigInt(present) < BigInt(seq);
}

/** No other statement creates `sqlite_sequence`. It stays if all AUTOINCREMENT tables are dropped. */
const CREATE_SEQUENCE = [
  "CREATE TABLE d1ops_sequence(id INTEGER PRIMARY KEY AUTOINCREMENT)",
  "DROP TABLE d1ops_sequence",
];

/** Null if the table does not exist. */
async function sequenceOf(d1: D1Database): Promise<Map<string, string> | null> {
  try {
    const { results } = await d1
      .prepare(`SELECT name, quote(seq) AS seq FROM ${SEQUENCE}`)
      .all<{ name: string; seq: string }>();
    return new Map(results.map(({ name, seq }) => [name, seq]));
  } catch (error) {
    if (missingIn(error)?.name === SEQUENCE) return null;
    throw error;
  }
}
