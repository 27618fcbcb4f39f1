/** @module One side of a comparison: a snapshot in a store, or the present, which is read without storing it. */
import type { D1Database } from "../database/port.ts";
import { chunkText } from "./chunk-text.ts";
import type { Codec } from "./codec.ts";
import { OpsError } from "./errors.ts";
import type {
  Manifest,
  SnapshotDatabase,
  SnapshotFile,
  SnapshotTable,
  TableChunk,
} from "./manifest.ts";
import type { ReadChunk } from "./read-chunk.ts";
import { readSource } from "./read-source.ts";
import { readRange } from "./read-table.ts";

export interface Side {
  /** Null if this side has no database to compare. */
  readonly database: Pick<SnapshotDatabase, "schema" | "tables"> | null;
  /** Null if no files were chosen for this side. */
  readonly files: readonly SnapshotFile[] | null;
  /** Returns the SQL text of a chunk of this table. */
  readonly read: (table: SnapshotTable, chunk: TableChunk) => Promise<string>;
}

export function snapshotSide(
  { database, files }: Pick<Manifest, "database" | "files">,
  read: ReadChunk,
): Side {
  const text = chunkText(read);
  return {
    database,
    files: files.length === 0 ? null : files,
    read: async (_table, chunk) => text(chunk),
  };
}

export interface Present {
  /** All its queries must see the state that was measured. */
  readonly d1: D1Database;
  readonly codec: Codec;
  /** The manifest that a snapshot of the present would have. All its files were chosen, also if there are none. */
  readonly measured: Pick<Manifest, "database" | "files">;
}

/** Reads a chunk from the database again, and proves that it has not changed since. */
export async function presentSide({ d1, codec, measured }: Present): Promise<Side> {
  const { database, files } = measured;
  const shapes = database === null ? [] : (await readSource(d1)).tables;
  const ends = new Map(
    (database?.tables ?? []).flatMap(({ chunks }) =>
      chunks.map((chunk, i) => [chunk, chunks[i + 1]?.from ?? null] as const),
    ),
  );
  return {
    database,
    files,
    async read({ name }, chunk) {
      const shape = shapes.find((one) => one.name === name);
      const range = { from: chunk.from, to: ends.get(chunk) ?? null };
      const text = shape === undefined ? "" : (await readRange(d1, shape, range)).text;
      if (codec.digest(new TextEncoder().encode(text)) !== chunk.id) throw moved(name);
      return text;
    },
  };
}

function moved(table: string): OpsError<"SNAPSHOT_INCOMPLETE"> {
  const reason = "its rows changed while it was compared";
  const message = `The table ${table} cannot be compared: ${reason}.`;
  const hint = "Run the command again while no other process writes to the database.";
  return new OpsError("SNAPSHOT_INCOMPLETE", { table, reason }, { message, hint });
}
