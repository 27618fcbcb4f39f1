/** @module The digests that prove what a snapshot contains. Equal contents have equal digests, wherever their chunks are. */
import type { Codec } from "../store/codec.ts";
import type { Chunk, SnapshotDatabase, SnapshotFile } from "../store/manifest.ts";

/** SHA-256 of the ids of the chunks of a table, one per line. */
export function digestOfChunks(codec: Codec, chunks: readonly Pick<Chunk, "id">[]): string {
  return codec.digest(new TextEncoder().encode(chunks.map(({ id }) => `${id}\n`).join("")));
}

/** The digest of the content, see `digest` of the manifest. */
export function digestOf(
  codec: Codec,
  database: Pick<SnapshotDatabase, "schema" | "tables"> | null,
  files: readonly SnapshotFile[],
): string {
  const content = {
    schema: database?.schema ?? null,
    tables:
      database?.tables.map(({ name, columns, digest }) => ({ name, columns, digest })) ?? null,
    files: files.map(({ path, mode, sha256 }) => ({ path, mode, sha256 })),
  };
  return codec.digest(new TextEncoder().encode(JSON.stringify(content)));
}
