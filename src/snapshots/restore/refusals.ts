/** @module What D1 would refuse of the planned writes. Found before the first of them, because a refusal later leaves a part of them. */
import type { D1Database } from "../../database/port.ts";
import { refusalOf } from "../../failure/kind.ts";
import type { SchemaObject } from "../store/manifest.ts";
import { type Refusal, unwritableIndex } from "./refusal.ts";
import { readSource } from "../rows/read-source.ts";
import { findLargeRows } from "./large-rows.ts";
import { statementsOf } from "./row-statements.ts";
import type { TableShape } from "../rows/table-shape.ts";
import type { PlanRequest } from "./wanted.ts";
import { planSchemaWrites, type SchemaStep, type SchemaWrites } from "./write-schema.ts";
import { STATISTICS, writableOf, type WritePlan } from "./write-plan.ts";

/** Empty: D1 would accept everything, as far as d1ops knows its rules. Writes nothing. @throws those of the copy */
export async function findRefusals(request: PlanRequest, plan: WritePlan): Promise<Refusal[]> {
  const shapes = await writtenShapes(request, plan);
  return [
    ...plan.virtual.unwritable.map(unwritableIndex),
    ...(await rehearse(request, plan, shapes)),
    ...(await findLargeRows(request.wanted, shapes)),
  ];
}

/** Of the tables whose rows would be written. D1 has made its own statistics. */
async function writtenShapes(
  { wanted }: PlanRequest,
  { tables, virtual }: WritePlan,
): Promise<TableShape[]> {
  const written = new Set(tables.map(({ name }) => name).filter((name) => name !== STATISTICS));
  const own = written.size === 0 ? [] : (await readSource(wanted.copy)).tables;
  return [
    ...own.filter(({ name }) => written.has(name)),
    ...virtual.rows.map(({ shape }) => shape),
  ];
}

/**
 * Carries the changes of the schema out in memory, on empty tables, and compiles the statements that would write rows. SQLite finds a
 * foreign key without a key when it compiles a statement.
 */
async function rehearse(
  request: PlanRequest,
  { schema }: WritePlan,
  shapes: readonly TableShape[],
): Promise<Refusal[]> {
  const { wanted, present, keeps, openMemory } = request;
  const { d1, close } = openMemory();
  try {
    // Foreign keys may refer to tables that are not written.
    const before = creationOf(writableOf(present, { keeps, only: null }).schema);
    // D1 has these objects, so it need not accept them again. But nothing more can be said without one of them.
    if ((await runEach(d1, before, [])).length > 0) return await create(request, schema);
    const { schema: objects } = writableOf(wanted.database, request);
    const refusals = await runEach(d1, schema.before, objects);
    if (refusals.length > 0) return refusals;
    for (const shape of shapes) refusals.push(...(await compile(d1, shape)));
    return [...refusals, ...(await runEach(d1, schema.after, objects))];
  } finally {
    close();
  }
}

/** Creates the wanted schema alone. What the database has already need not be accepted again. */
async function create(
  { wanted, keeps, only, openMemory }: PlanRequest,
  schema: SchemaWrites,
): Promise<Refusal[]> {
  const { d1, close } = openMemory();
  try {
    const { schema: objects } = writableOf(wanted.database, { keeps, only });
    const sent = new Set([...schema.before, ...schema.after].flatMap((one) => one.statements));
    const created = objects.filter(({ sql }) => sent.has(sql));
    const refusals = await runEach(d1, creationOf(objects), created);
    return refusals.filter(({ kind }) => kind === "schema");
  } finally {
    close();
  }
}

function creationOf(schema: readonly SchemaObject[]): SchemaStep[] {
  const { before, after } = planSchemaWrites([], schema, {
    writesRows: false,
    unfit: new Set(),
    foreignKeys: [],
  });
  return [...before, ...after];
}

/** `created`: the objects whose texts are part of the steps. The other statements are about the present. */
async function runEach(
  d1: D1Database,
  steps: readonly SchemaStep[],
  created: readonly SchemaObject[],
): Promise<Refusal[]> {
  const objects = new Map(created.map((one) => [one.sql, one]));
  const refusals: Refusal[] = [];
  for (const { what, statements } of steps) {
    for (const sql of statements) {
      const reason = await refusalFor(d1, sql);
      if (reason === null) continue;
      const { type, name } = objects.get(sql) ?? {};
      refusals.push(
        name === undefined
          ? { kind: "present", table: null, what, reason }
          : { kind: "schema", table: name, what: `the ${type} ${name}`, reason },
      );
    }
  }
  return refusals;
}

async function compile(d1: D1Database, shape: TableShape): Promise<Refusal[]> {
  const reason = await firstRefusal(d1, shape);
  if (reason === null) return [];
  const { name } = shape;
  return [{ kind: "schema", table: name, what: `the rows of ${name}`, reason }];
}

async function firstRefusal(d1: D1Database, shape: TableShape): Promise<string | null> {
  const row = [shape.columns.map(() => "NULL")];
  const hasKey = shape.key.length > 0;
  const statements = statementsOf(shape, {
    removed: hasKey ? row : [],
    changed: hasKey && shape.key.length < shape.columns.length ? row : [],
    added: row,
  });
  for (const { sql } of statements) {
    const reason = await refusalFor(d1, `EXPLAIN ${sql}`);
    if (reason !== null) return reason;
  }
  return null;
}

async function refusalFor(d1: D1Database, sql: string): Promise<string | null> {
  try {
    await d1.prepare(sql).run();
    return null;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return refusal.reason;
  }
}
