/**
 * Verifies that the database has the schema that its applied migrations create. d1ops replays them in memory, in the order of the
 * ledger, and compares both schemas by meaning.
 * @module
 */
import type { D1Database, Database } from "../database/port.ts";
import { compareSchemas, type Difference } from "../schema/compare.ts";
import { countIdentical, type DefinitionRow, definitionsStatement } from "../schema/identical.ts";
import { readSchema } from "../schema/introspect.ts";
import { replayHistory } from "./history.ts";
import { type Applied, OWN_TABLES } from "./ledger.ts";
import type { Migration } from "./migration.ts";

export type Verification =
  | {
      readonly outcome: "compared";
      readonly differences: readonly Difference[];
      readonly objects: number;
    }
  /** A migration fails after the earlier ones, so there is no schema to compare with. */
  | {
      readonly outcome: "not replayed";
      readonly migration: Migration;
      readonly index: number | null;
      readonly place: number | null;
      readonly message: string;
    };

export interface VerifyRequest {
  readonly d1: D1Database;
  readonly table: string;
  readonly folder: readonly Migration[];
  readonly applied: readonly Applied[];
  /** The definitions of the live database, if they were read already. */
  readonly definitions?: readonly DefinitionRow[];
  /** Opens an empty in-memory database with D1's rules. */
  readonly openMemory: () => Database;
}

/** Reads the live schema and compares it. Writes nothing. */
export async function verifySchema(request: VerifyRequest): Promise<Verification> {
  const { d1, table, folder, applied, openMemory } = request;
  const files = new Map(folder.map((migration) => [migration.name, migration]));
  const memory = openMemory();
  try {
    const replayed = await replayHistory(memory.d1, { table, folder, applied });
    if (!replayed.ok) {
      const migration = files.get(replayed.name);
      if (migration === undefined)
        throw new Error(`the replay names ${replayed.name}, which is not in the folder`);
      return {
        outcome: "not replayed",
        migration,
        index: replayed.index,
        place: replayed.place,
        message: replayed.message,
      };
    }
    const ledgers = [table, ...OWN_TABLES];
    const live = request.definitions ?? (await definitions(d1));
    const identical = countIdentical(await definitions(memory.d1), live, ledgers);
    if (identical !== null) return { outcome: "compared", differences: [], objects: identical };
    const left = await readSchema(memory.d1, ledgers);
    const right = await readSchema(d1, ledgers);
    const objects =
      left.tables.length + left.indexes.length + left.triggers.length + left.views.length;
    return { outcome: "compared", differences: compareSchemas(left, right), objects };
  } finally {
    memory.close();
  }
}

async function definitions(d1: D1Database): Promise<DefinitionRow[]> {
  return (await definitionsStatement(d1).all()).results;
}
