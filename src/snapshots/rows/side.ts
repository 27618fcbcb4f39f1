/** @module One side of a comparison. `present-side.ts` makes the present a side. */
import { chunkText } from "./chunk-text.ts";
import type {
  Manifest,
  SnapshotDatabase,
  SnapshotFile,
  SnapshotTable,
  TableChunk,
} from "../store/manifest.ts";
import type { ReadChunk } from "./read-chunk.ts";

/** Returns the SQL text of a chunk. */
export type ReadText = (chunk: TableChunk) => Promise<string>;

export interface Side {
  /** Null if this side has no database to compare. */
  readonly database: Pick<SnapshotDatabase, "schema" | "tables"> | null;
  /** Null if no files were chosen for this side. */
  readonly files: readonly SnapshotFile[] | null;
  /** Reads chunks of this table. `planned`: those that may be read, in this order. Some of them may be left out. */
  readonly reader: (table: SnapshotTable, planned: readonly TableChunk[]) => ReadText;
}

export function snapshotSide(
  manifest: Pick<Manifest, "database" | "files" | "globs">,
  read: ReadChunk,
): Side {
  const text = chunkText(read);
  return {
    database: manifest.database,
    files: hasChosenFiles(manifest) ? manifest.files : null,
    reader: () => text,
  };
}

/** False if the snapshot is of a database alone. A pattern that matches no file has chosen files. */
export function hasChosenFiles({ files, globs }: Pick<Manifest, "files" | "globs">): boolean {
  return files.length + globs.length > 0;
}
