/**
 * Verifies that the database has the schema that its applied migrations create. d1ops replays them in memory, in the order of the
 * ledger, and compares both schemas by meaning.
 * @module
 */
import type { D1Database, Database } from "../database/port.ts";
import { compareSchemas, type Difference } from "../schema/compare.ts";
import {
  countIdentical,
  type DefinitionRow,
  definitionsStatement,
  definitionTexts,
} from "../schema/identical.ts";
import { readSchema } from "../schema/introspect.ts";
import type { ReplayFailure } from "../schema/replay.ts";
import { type History, replayHistory } from "./history.ts";
import { type Applied, OWN_TABLES } from "./ledger.ts";
import { type Migration, mentions } from "./migration.ts";

export type Verification =
  | {
      readonly outcome: "compared";
      readonly differences: readonly Difference[];
      readonly objects: number;
    }
  /** A migration fails after the earlier ones, so there is no schema to compare with. */
  | ({ readonly outcome: "not replayed"; readonly migration: Migration } & ReplayFailure);

export interface VerifyRequest extends History {
  readonly d1: D1Database;
  readonly applied: readonly Applied[];
  /** The definitions of the live database, if they were read already. */
  readonly definitions?: readonly DefinitionRow[];
  /** The migrations that ran on an empty database that no one else has written to. A replay would only repeat them. */
  readonly ranFromNothing?: readonly string[] | undefined;
  /** Opens an empty in-memory database with D1's rules. */
  readonly openMemory: () => Database;
}

/** Reads the live schema and compares it. Writes nothing. */
export async function verifySchema(request: VerifyRequest): Promise<Verification> {
  const { d1, table, folder, applied, openMemory } = request;
  const files = new Map(folder.map((migration) => [migration.name, migration]));
  const ledgers = [table, ...OWN_TABLES];
  if (request.definitions !== undefined && isReplay(request, files)) {
    const { length } = definitionTexts(request.definitions, ledgers);
    return { outcome: "compared", differences: [], objects: length };
  }
  const memory = openMemory();
  try {
    const replayed = await replayHistory(memory.d1, { table, folder, applied });
    if (!replayed.ok) {
      const migration = files.get(replayed.name);
      if (migration === undefined)
        throw new Error(`the replay names ${replayed.name}, which is not in the folder`);
      const { index, place, message } = replayed;
      return { outcome: "not replayed", migration, index, place, message };
    }
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

/**
 * True if the run was itself the replay of the whole history. A migration that mentions a ledger is replayed: the replay tolerates
 * that its statements about the ledger fail.
 */
function isReplay(
  { table, applied, ranFromNothing }: VerifyRequest,
  files: ReadonlyMap<string, Migration>,
): boolean {
  if (ranFromNothing === undefined || ranFromNothing.length !== applied.length) return false;
  return applied.every(({ name }, i) => {
    const migration = files.get(name);
    if (migration === undefined || name !== ranFromNothing[i]) return false;
    return !mentions(migration, table) && !mentions(migration, "d1ops_");
  });
}

async function definitions(d1: D1Database): Promise<DefinitionRow[]> {
  return (await definitionsStatement(d1).all()).results;
}
