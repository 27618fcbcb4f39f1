/** @module Reads a file of a snapshot and proves it. Restoring and verifying both read through this module. */
import { concatenated } from "../store/bytes.ts";
import type { Codec } from "../store/codec.ts";
import type { SnapshotFile } from "../store/manifest.ts";
import type { ReadChunk } from "../rows/read-chunk.ts";
import type { Store } from "../store/store.ts";
import { damage } from "../store/unreadable.ts";

/** @throws as {@link ReadChunk} */
export async function fileContent(
  { store, codec }: { readonly store: Store; readonly codec: Codec },
  { path, chunks, sha256 }: SnapshotFile,
  read: ReadChunk,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const chunk of chunks) parts.push(await read(chunk));
  const content = concatenated(parts);
  if (codec.digest(content) === sha256) return content;
  throw damage(store, "the manifest", `contradicts its own digest of the file ${path}`);
}
