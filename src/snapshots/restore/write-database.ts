/**
 * Makes a database of D1 equal to another one, in batches. It compares, writes what differs, and compares again until nothing differs. So
 * it ends well whatever state it finds: that of a run that was killed, rows that foreign keys deleted, writes of others.
 * @module
 */
import { refusalOf } from "../../failure/kind.ts";
import { readRows } from "../../schema/rows.ts";
import { quoteIdentifier } from "../../sql/quote.ts";
import { OpsError } from "../errors.ts";
import type { SnapshotTable } from "../store/manifest.ts";
import { measureRemote } from "../take/measure.ts";
import type { VirtualWrites } from "./plan-virtual.ts";
import { tableReader } from "../compare/present-side.ts";
import { readSource } from "../rows/read-source.ts";
import { AT_ONCE } from "../rows/read-table.ts";
import { refused } from "./refusal.ts";
import { findRefusals } from "./refusals.ts";
import type { Side } from "../rows/side.ts";
import type { TableShape } from "../rows/table-shape.ts";
import type { DatabaseContent, PlanRequest } from "./wanted.ts";
import { type Protection, protectionOf } from "./protect-tables.ts";
import { parentsFirst } from "./write-order.ts";
import {
  planWrites,
  sequenceStatements,
  STATISTICS,
  STATISTICS_SHAPE,
  type WritePlan,
} from "./write-plan.ts";
import type { SchemaStep } from "./write-schema.ts";
import { type SendBatch, type TableWrite, withoutForeignKeys, writeTable } from "./write-table.ts";

export interface WriteRequest extends Omit<PlanRequest, "present" | "built" | "unfit"> {
  readonly send: SendBatch;
  /** The present, if it is known already. It may be out of date. */
  readonly present: DatabaseContent | null;
  /** Rows that were written, and an estimate of all of them. */
  readonly onRows: (done: number, total: number) => void;
}

/** Foreign keys need two. More are for others who write meanwhile. */
const ROUNDS = 5;

/**
 * Returns what differs after all, as {@link WritePlan.differences}. Empty: the database was read again, and is equal.
 * @throws OpsError SNAPSHOT_INCOMPLETE if D1 does not accept something, and those of `send` and the database
 */
export async function writeDatabase(request: WriteRequest): Promise<readonly string[]> {
  const { d1, codec } = request;
  let present = request.present ?? (await measureRemote(codec, d1));
  // Each with the reason why it could not be built, or null.
  const built = new Map<string, string | null>();
  let unfit: ReadonlySet<string> = new Set();
  for (let round = 1; ; round += 1) {
    const planned: PlanRequest = { ...request, present, built, unfit };
    const plan = await planWrites(planned);
    if (plan.differences.length === 0 || round > ROUNDS) {
      return [...plan.differences, ...[...built.values()].filter((reason) => reason !== null)];
    }
    const refusals = await findRefusals(planned, plan);
    if (refusals.length > 0) throw refused(refusals, request.wanted.what);
    unfit = await runSteps(request, plan.schema.before);
    if (unfit.size === 0) {
      const unbuilt = await writeRound(request, present, plan);
      for (const { name } of plan.virtual.rebuilt) built.set(name, unbuilt.get(name) ?? null);
    }
    present = await measureRemote(codec, d1);
  }
}

/** Triggers are dropped before and created last, so that none of them fires. Returns why indexes could not be built, by their names. */
async function writeRound(
  request: WriteRequest,
  present: DatabaseContent,
  plan: WritePlan,
): Promise<Map<string, string>> {
  const { wanted, d1 } = request;
  const tables = present.tables.filter(({ name }) => !plan.schema.dropped.has(name));
  const protection = await protectionFor(request, plan);
  const protectedRequest = { ...request, ...protection };
  await writeRows(
    { ...protectedRequest, send: emptyingFirst(protectedRequest, plan.virtual) },
    { ...present, tables },
    plan,
  );
  const sequence = await sequenceStatements(d1, wanted, request);
  await runSteps(
    request,
    sequence.length === 0 ? [] : [{ what: "sequence", statements: sequence }],
  );
  await runSteps(request, plan.schema.after);
  // An index may be of a view.
  return writeVirtual(protectedRequest, plan.virtual);
}

/** If this run is killed before it has built an index again, the next run finds that it is empty. */
function emptyingFirst(
  { d1, send }: Pick<WriteRequest, "d1" | "send">,
  { rebuilt }: VirtualWrites,
): SendBatch {
  const emptied = rebuilt.map(({ name }) => {
    const table = quoteIdentifier(name);
    return d1.prepare(`INSERT INTO ${table}(${table}) VALUES ('delete-all')`);
  });
  return async (what, statements) => send(what, [...emptied, ...statements]);
}

/** A restore of the whole database writes again what foreign keys delete. */
async function protectionFor(
  { d1, send, only }: WriteRequest,
  { triggers }: WritePlan,
): Promise<Protection> {
  if (only === null) return { send, followed: () => [] };
  return protectionOf({ d1, send, rows: await readRows(d1), only, triggers });
}

async function writeRows(
  request: WriteRequest & Protection,
  present: DatabaseContent,
  { tables }: WritePlan,
): Promise<void> {
  const { d1, send, wanted, followed } = request;
  if (tables.length === 0) return;
  const now = new Map(present.tables.map((table) => [table.name, table]));
  if (tables.some(({ name }) => name === STATISTICS) && !now.has(STATISTICS)) {
    // No other statement creates the table. This one analyzes nothing.
    await runSteps(request, [{ what: "statistics", statements: ["ANALYZE sqlite_schema"] }]);
  }
  const shapes = [...(await readSource(wanted.copy)).tables, STATISTICS_SHAPE];
  const { foreignKeys } = await readRows(wanted.copy);
  const onRows = progressOf(request, now, tables);
  for (const table of parentsFirst(tables, foreignKeys)) {
    const shape = shapes.find(({ name }) => name === table.name);
    if (shape === undefined) throw new Error(`the copy has no table ${table.name}`);
    const found = now.get(table.name);
    await writeTable({
      d1,
      send,
      shape,
      present: found === undefined ? null : nowIn(request, shape, found),
      wanted: { table, side: wanted },
      canUpdate: true,
      followed: followed(table.name),
      onRows,
    });
  }
}

async function writeVirtual(
  request: WriteRequest,
  { rows, rebuilt, settings }: VirtualWrites,
): Promise<Map<string, string>> {
  const { d1, send } = request;
  for (const { shape, present, wanted: table } of rows) {
    await writeTable({
      d1,
      send,
      shape,
      present: present && nowIn(request, shape, present),
      wanted: { table, side: { reader: copyReader(request, shape) } },
      canUpdate: false,
      followed: [],
      onRows: () => {},
    });
  }
  const unbuilt = new Map<string, string>();
  for (const { name } of rebuilt) {
    const table = quoteIdentifier(name);
    try {
      await send(`the index ${name}`, [
        d1.prepare(`INSERT INTO ${table}(${table}) VALUES ('rebuild')`),
      ]);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      unbuilt.set(name, `the index ${name} cannot be built: ${refusal.reason}`);
    }
  }
  await runSteps(
    request,
    settings.length === 0 ? [] : [{ what: "settings", statements: settings }],
  );
  return unbuilt;
}

/** Reads the ranges of a table as they are when they are read: this run writes meanwhile. */
function nowIn(
  { d1, codec }: WriteRequest,
  shape: TableShape,
  present: SnapshotTable,
): TableWrite["present"] {
  const atOnce = AT_ONCE.remote;
  const reader: Side["reader"] = (table, planned) =>
    tableReader({ d1, codec, shape, table, atOnce, mayMove: true }, planned);
  return { table: present, side: { reader } };
}

function copyReader(
  { wanted: { copy: d1 }, codec }: WriteRequest,
  shape: TableShape,
): Side["reader"] {
  const atOnce = AT_ONCE.local;
  return (table, planned) =>
    tableReader({ d1, codec, shape, table, atOnce, mayMove: false }, planned);
}

/** Returns the names of the tables whose rows do not fit an index. Then the other steps have been carried out. */
async function runSteps(
  { d1, send }: WriteRequest,
  steps: readonly SchemaStep[],
): Promise<ReadonlySet<string>> {
  const unfit = new Set<string>();
  for (const { what, statements, indexed } of steps) {
    try {
      await send(
        what,
        withoutForeignKeys(
          d1,
          statements.map((sql) => d1.prepare(sql)),
        ),
      );
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      if (indexed === undefined) throw rejected(what, refusal.reason, error);
      unfit.add(indexed);
    }
  }
  return unfit;
}

function rejected(what: string, reason: string, cause: unknown): OpsError {
  const text = {
    message: `D1 does not accept a change of ${what}: ${reason}.`,
    hint: "Another program may have changed the schema meanwhile. Run the same command again: it continues.",
  };
  return new OpsError("SNAPSHOT_INCOMPLETE", { table: null, reason }, text, { cause });
}

/** Counts the rows of ranges that differ. */
function progressOf(
  { onRows }: WriteRequest,
  now: ReadonlyMap<string, SnapshotTable>,
  tables: readonly SnapshotTable[],
): (rows: number) => void {
  const estimate = tables.reduce((sum, { name, chunks }) => {
    const same = new Set(now.get(name)?.chunks.map(({ id }) => id));
    return sum + chunks.reduce((rows, { id, rows: n }) => (same.has(id) ? rows : rows + n), 0);
  }, 0);
  let done = 0;
  return (rows) => {
    done += rows;
    onRows(done, Math.max(done, estimate));
  };
}
