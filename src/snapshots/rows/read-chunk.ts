/** @module Reads a chunk from the store and proves it. Restoring, verifying and the next snapshot all read through this module. */
import { release } from "../store/bytes.ts";
import type { Codec } from "../store/codec.ts";
import type { OpsError } from "../errors.ts";
import type { Chunk, Manifest, StoredChunk } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";
import { damage, HAS_OTHER_BYTES, IS_MISSING } from "../store/unreadable.ts";

/** Returns the content of a chunk. @throws OpsError SNAPSHOT_DAMAGED, and those of the store */
export type ReadChunk = (chunk: Chunk) => Promise<Uint8Array>;

export function chunkReader(
  store: Store,
  codec: Codec,
  { packs }: Pick<Manifest, "packs">,
): ReadChunk {
  const content = async (
    { id, bytes, pack, at, stored }: StoredChunk,
    dictionary: Uint8Array | null,
  ): Promise<Uint8Array> => {
    const name = packs[pack] ?? "";
    const damaged = (problem: string): OpsError =>
      damage(store, `packs/${name}`, `${problem} at byte ${at}`);
    const frame = await store.read("packs", name, { at, bytes: stored });
    if (frame === null) throw damage(store, `packs/${name}`, IS_MISSING);
    if (frame.length < stored) throw damaged("ends too early");
    const read = await codec.decompress(frame, dictionary, bytes);
    release(frame);
    if (read === null || codec.digest(read) !== id) throw damaged(HAS_OTHER_BYTES);
    return read;
  };
  return async (chunk) => {
    if (chunk.base === null) return content(chunk, null);
    const base = await content(chunk.base, null);
    const read = await content(chunk, base);
    release(base);
    return read;
  };
}
