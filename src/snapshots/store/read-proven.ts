/** @module Reads an object of the store as a whole and proves it: its name is the hash of its bytes. */
import type { Codec } from "./codec.ts";
import type { Store, StoreFolder } from "./store.ts";
import { damage, HAS_OTHER_BYTES, IS_MISSING } from "./unreadable.ts";

export interface ObjectSource {
  readonly store: Store;
  readonly codec: Pick<Codec, "digest">;
}

/** @throws OpsError SNAPSHOT_DAMAGED, and those of the store */
export async function readProven(
  { store, codec }: ObjectSource,
  folder: StoreFolder,
  name: string,
): Promise<Uint8Array> {
  const bytes = await store.read(folder, name);
  if (bytes === null) throw damage(store, `${folder}/${name}`, IS_MISSING);
  if (codec.digest(bytes) === name) return bytes;
  throw damage(store, `${folder}/${name}`, HAS_OTHER_BYTES);
}
