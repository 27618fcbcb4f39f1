/**
 * Whether the source of a backfill can be read just before the migration that requires it. Pending migrations may create it. SQLite
 * decides: they run in memory, on the schema of the database without its rows.
 * @module
 */
import type { Backfill } from "../backfills/backfill.ts";
import { type Readiness, readinessOf } from "../backfills/gate.ts";
import type { D1Database, Database } from "../database/port.ts";
import {
  type DefinitionRow,
  definitionsInOrder,
  definitionsStatement,
} from "../schema/identical.ts";
import { replay } from "../schema/replay.ts";
import { createLedgers } from "./ledger.ts";
import type { Migration } from "./migration.ts";

export interface FutureSource {
  readonly d1: D1Database;
  /** The name of wrangler's ledger. */
  readonly table: string;
  /** The pending migrations before the one that requires the backfill, in their order. */
  readonly earlier: readonly Migration[];
  readonly backfill: Backfill;
  /** Opens an empty in-memory database with D1's rules. */
  readonly openMemory: () => Database;
}

/** Why it cannot be read. Null if it can, or if memory cannot tell, because earlier migrations need rows: then the run finds out. */
export async function futureRefusal({
  d1,
  table,
  earlier,
  backfill,
  openMemory,
}: FutureSource): Promise<Extract<Readiness, { kind: "unreadable" }> | null> {
  const { results } = await definitionsStatement(d1).all();
  const memory = openMemory();
  try {
    const statements = definitionsInOrder(results);
    // A virtual table creates its shadow tables itself, so their own definitions fail.
    await replay(memory.d1, [{ name: "", statements }], () => true);
    const made = new Set((await definitionsStatement(memory.d1).all()).results.map(nameOf));
    // Memory may lack a module of the database.
    if (!results.every((row) => made.has(nameOf(row)))) return null;
    await memory.d1.batch(createLedgers(memory.d1, table));
    const replayed = await replay(
      memory.d1,
      earlier.map((one) => ({
        name: one.name,
        statements: one.statements.map(({ text }) => text),
      })),
    );
    if (!replayed.ok) return null;
    const readiness = await readinessOf(memory.d1, backfill);
    return readiness.kind === "unreadable" ? readiness : null;
  } finally {
    memory.close();
  }
}

function nameOf({ name }: DefinitionRow): string {
  return String(name);
}
