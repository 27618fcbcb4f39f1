/** @module Gives a store its key: a new one for its first snapshot, or that of the store from which snapshots are copied. */
import {
  type KeyWrapping,
  readWrappedKeys,
  type WayToUnlock,
  wrapKey,
  type WrappedKeys,
} from "./store-key.ts";
import type { Store } from "./store.ts";

/** A new key that no store has yet. */
export interface NewKey {
  /** 32 random bytes. */
  readonly key: Uint8Array;
  /** One copy per way to unlock it. */
  readonly files: readonly Uint8Array[];
}

export async function newKey(wrapping: KeyWrapping, ways: readonly WayToUnlock[]): Promise<NewKey> {
  const key = wrapping.randomKey();
  const files: Uint8Array[] = [];
  for (const way of ways) files.push(await wrapKey(wrapping, key, way));
  return { key, files };
}

/**
 * A store that gets the key just before its first manifest. Until then, a killed or failed take leaves the store without a key, so the same
 * command can be repeated. Copies of the key that the store has already stay. `taken` returns the error to throw if another process has given the store a key meanwhile.
 */
export function storeWithNewKey(
  store: Store,
  wrapping: KeyWrapping,
  { files }: Pick<NewKey, "files">,
  taken: () => Error,
): Store {
  let stored = false;
  return {
    ...store,
    async write(folder, name, bytes) {
      if (folder === "snapshots" && !stored) {
        if (!(await storeKey(store, wrapping, files))) throw taken();
        stored = true;
      }
      await store.write(folder, name, bytes);
    },
  };
}

/** False if the store has another key: then nothing was changed. */
async function storeKey(
  store: Store,
  wrapping: KeyWrapping,
  files: readonly Uint8Array[],
): Promise<boolean> {
  const own = files.map((file) => ({ name: wrapping.digest(file), file }));
  const names = new Set(own.map(({ name }) => name));
  const before = new Set((await store.list("keys")).map(({ name }) => name));
  const isOwn = async (): Promise<boolean> =>
    (await store.list("keys")).every(({ name }) => names.has(name));
  if (!(await isOwn())) return false;
  for (const { name, file } of own) await store.write("keys", name, file);
  // Both processes write before they read, so at least one of them sees the key of the other.
  if (await isOwn()) return true;
  for (const { name } of own) if (!before.has(name)) await store.remove("keys", name);
  return false;
}

/** Why a store cannot be the target of copies. */
export type KeyConflict = "target is plain" | "target is encrypted" | "another key";

/**
 * The store as the target of copies from a store with these keys: it gets the same copies of the key just before its first manifest. A store
 * whose keys have a copy in common has the same key. `conflict` returns the error to throw.
 * @throws OpsError as {@link readWrappedKeys}
 */
export async function storeForCopies(
  keys: WrappedKeys | null,
  to: Store,
  wrapping: KeyWrapping,
  conflict: (why: KeyConflict) => Error,
): Promise<Store> {
  const own = await readWrappedKeys(to, wrapping);
  if (keys === null) {
    if (own !== null) throw conflict("target is encrypted");
    return to;
  }
  if (own === null) {
    if ((await to.list("snapshots")).length > 0) throw conflict("target is plain");
  } else {
    const names = new Set(keys.files.map(({ name }) => name));
    const shared = own.files.filter(({ name }) => names.has(name));
    if (shared.length === 0) throw conflict("another key");
    // The source has lost a copy of its key. The target needs nothing.
    if (shared.length < own.files.length) return to;
  }
  const files = keys.files.map(({ file }) => file);
  return storeWithNewKey(to, wrapping, { files }, () => conflict("another key"));
}
