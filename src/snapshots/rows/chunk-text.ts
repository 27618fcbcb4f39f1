/** @module The text of a table's chunk. */
import type { Chunk } from "../store/manifest.ts";
import type { ReadChunk } from "./read-chunk.ts";

/** Returns the SQL text of a chunk. @throws as {@link ReadChunk} */
export function chunkText(read: ReadChunk): (chunk: Chunk) => Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return async (chunk) => decoder.decode(await read(chunk));
}
