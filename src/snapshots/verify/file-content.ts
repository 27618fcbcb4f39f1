/** @module Reads a file of a snapshot and proves it. Restoring and verifying both read through this module. */
import { release } from "../store/bytes.ts";
import type { Codec } from "../store/codec.ts";
import type { SnapshotFile } from "../store/manifest.ts";
import type { ReadChunk } from "../rows/read-chunk.ts";
import type { Store } from "../store/store.ts";
import { damage } from "../store/unreadable.ts";

/**
 * A file can be larger than the memory. Whoever writes one to the disk must not give it its name before the last part has been proven.
 * @yields {Uint8Array} The parts of the content in their order. The memory of a part is free once the caller takes the next one.
 * @throws as {@link ReadChunk}, after the last part too
 */
export async function* fileParts(
  { store, codec }: { readonly store: Store; readonly codec: Codec },
  { path, chunks, sha256 }: SnapshotFile,
  read: ReadChunk,
): AsyncGenerator<Uint8Array, void, undefined> {
  const whole = codec.digester();
  for (const chunk of chunks) {
    const part = await read(chunk);
    whole.update(part);
    yield part;
    release(part);
  }
  if (whole.digest() !== sha256)
    throw damage(store, "the manifest", `contradicts its own digest of the file ${path}`);
}

/** Reads all parts. @throws as {@link fileParts} */
export async function proveFile(...args: Parameters<typeof fileParts>): Promise<void> {
  for await (const _part of fileParts(...args));
}
