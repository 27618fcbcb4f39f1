/** @module How large the content of a snapshot is, and what it takes in the store. */
import type { Chunk, Manifest, SnapshotDatabase, StoredChunk } from "./manifest.ts";

export interface Sizes {
  readonly rows: number;
  /** Of all rows as SQL text, and of all files. */
  readonly bytes: number;
  /** Of the frames that this snapshot needs. Other snapshots may share them. */
  readonly storedBytes: number;
}

export function sizesOf({ database, files }: Pick<Manifest, "database" | "files">): Sizes {
  const tables = database?.tables ?? [];
  const chunks = [...tables, ...files].flatMap((one): readonly Chunk[] => one.chunks);
  const frames = new Map<string, number>();
  const add = ({ pack, at, stored }: StoredChunk): void => void frames.set(`${pack} ${at}`, stored);
  for (const chunk of chunks) {
    add(chunk);
    if (chunk.base !== null) add(chunk.base);
  }
  return {
    rows: rowsOf(database),
    bytes: bytesOf(chunks),
    storedBytes: [...frames.values()].reduce((sum, stored) => sum + stored, 0),
  };
}

export function rowsOf(database: SnapshotDatabase | null): number {
  return (database?.tables ?? []).reduce((sum, { rows }) => sum + rows, 0);
}

export function bytesOf(chunks: readonly Pick<Chunk, "bytes">[]): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes, 0);
}
