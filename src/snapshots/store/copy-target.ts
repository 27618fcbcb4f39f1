/** @module The target of a copy: what it has, and which of its packs a copy may rely on. Decision 0059 has the argument. */
import type { Codec } from "./codec.ts";
import { nullIfUnreadable } from "../errors.ts";
import { FRESH_MS } from "./grace.ts";
import { readManifest, type Snapshot } from "./manifests.ts";
import { newestOfEach } from "../take/previous.ts";
import type { Store, StoredObject } from "./store.ts";

export interface CopyTarget {
  /** Not later than the look. */
  readonly at: Date;
  readonly hasManifest: (id: string) => boolean;
  readonly findPack: (name: string) => StoredObject | null;
  /** True if no prune deletes this pack before a copy that begins now has written its manifest. */
  readonly keeps: (pack: StoredObject) => boolean;
}

/** Looks at the target. It reads each manifest once. */
export type LookAtTarget = () => Promise<CopyTarget>;

/** `known`: snapshots of the source, whose manifests need not be read from the target. */
export function copyTargetOf(
  store: Store,
  codec: Codec,
  known: readonly Snapshot[],
  now: () => Date,
): LookAtTarget {
  const read = new Map<string, Snapshot | null>(known.map((one) => [one.id, one]));
  const snapshotOf = async (id: string): Promise<Snapshot | null> => {
    // One that cannot be read protects no packs.
    const found = read.get(id) ?? (await readManifest(store, codec, id).catch(nullIfUnreadable));
    read.set(id, found);
    return found;
  };
  return async () => {
    const at = now();
    const manifests = new Set((await store.list("snapshots")).map(({ name }) => name));
    const packs = new Map((await store.list("packs")).map((one) => [one.name, one]));
    const snapshots: Snapshot[] = [];
    for (const id of manifests) {
      const snapshot = await snapshotOf(id);
      if (snapshot !== null) snapshots.push(snapshot);
    }
    const kept = new Set(newestOfEach(snapshots).flatMap(({ manifest }) => manifest.packs));
    const fresh = at.getTime() - FRESH_MS;
    return {
      at,
      hasManifest: (id) => manifests.has(id),
      findPack: (name) => packs.get(name) ?? null,
      keeps: ({ name, writtenAt }) => kept.has(name) || Date.parse(writtenAt) > fresh,
    };
  };
}
