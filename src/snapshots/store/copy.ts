/** @module Copies snapshots to another store, byte for byte, with every pack that they need. */
import { duration } from "../../report/wording.ts";
import type { Codec } from "./codec.ts";
import { type LookAtTarget, copyTargetOf, type CopyTarget } from "./copy-target.ts";
import { isDamage, OpsError } from "../errors.ts";
import { LONGEST_ACT_MS } from "./grace.ts";
import { newestFirst, type Snapshot } from "./manifests.ts";
import { readProven } from "./read-proven.ts";
import type { Store, StoredObject } from "./store.ts";

export interface CopyRequest {
  readonly from: Store;
  readonly to: Store;
  /** Of both stores. */
  readonly codec: Codec;
  /** All snapshots of `from` that can be read. */
  readonly known: readonly Snapshot[];
  readonly now: () => Date;
  /** Called with the bytes of each pack that was written. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What a copy of one snapshot has to write. */
export interface CopyPlan {
  readonly snapshot: Snapshot;
  /** The target has its manifest and all of its packs. */
  readonly isThere: boolean;
  /** Packs that the target lacks, or that a prune may delete there. */
  readonly packs: readonly StoredObject[];
}

export type Copied =
  | { readonly kind: "there" }
  | { readonly kind: "copied"; readonly packs: number; readonly bytes: number }
  /** A prune has deleted the snapshot from the source meanwhile. */
  | { readonly kind: "gone" }
  | { readonly kind: "damaged"; readonly error: OpsError<"SNAPSHOT_DAMAGED"> };

export interface Copier {
  /**
   * What would be written now, the oldest snapshot first. A pack that several need is part of the first plan only. Reads only.
   * @throws OpsError of the stores
   */
  plan(chosen: readonly Snapshot[]): Promise<CopyPlan[]>;
  /**
   * Copies one snapshot, its manifest last. It counts as a take that begins with this call.
   * @throws OpsError of the stores; SNAPSHOT_INCOMPLETE if it takes too long. Then the target has at most packs that no manifest names
   */
  copy(snapshot: Snapshot): Promise<Copied>;
}

export function copierOf(request: CopyRequest): Copier {
  const { from, to, codec, known, now } = request;
  const look = copyTargetOf(to, codec, known, now);
  return {
    async plan(chosen) {
      const target = await look();
      const source = await packsOf(from);
      const planned = new Set<string>();
      return chosen
        .toSorted(newestFirst)
        .toReversed()
        .map((snapshot) => {
          const plan = planOf(snapshot, target, source);
          const packs = plan.packs.filter(({ name }) => !planned.has(name));
          for (const { name } of packs) planned.add(name);
          return { ...plan, packs };
        });
    },
    async copy(snapshot) {
      try {
        return await copySnapshot(request, look, snapshot);
      } catch (error) {
        if (!isDamage(error)) throw error;
        const isGone = (await from.find("snapshots", snapshot.id)) === null;
        return isGone ? { kind: "gone" } : { kind: "damaged", error };
      }
    },
  };
}

async function copySnapshot(
  request: CopyRequest,
  look: LookAtTarget,
  snapshot: Snapshot,
): Promise<Copied> {
  const { from, to, codec, now, onBytes } = request;
  const source = { store: from, codec };
  const target = await look();
  const { isThere, packs } = planOf(snapshot, target, await packsOf(from));
  if (isThere) return { kind: "there" };
  const manifest = await readProven(source, "snapshots", snapshot.id);
  let bytes = 0;
  const copyPack = async (name: string): Promise<void> => {
    const pack = await readProven(source, "packs", name);
    await to.write("packs", name, pack);
    bytes += pack.length;
    onBytes?.(pack.length);
  };
  for (const { name } of packs) await copyPack(name);
  requireInTime(target.at, now());
  await to.write("snapshots", snapshot.id, manifest);
  // A prune may have been about to delete one of these packs when it was written again.
  for (const { name } of packs) {
    if ((await to.find("packs", name)) === null) await copyPack(name);
  }
  return { kind: "copied", packs: packs.length, bytes };
}

/**
 * If the target has the manifest and all packs, there is nothing to do. If it lacks some, a prune may just have deleted the manifest, and may
 * delete more packs.
 */
function planOf(
  snapshot: Snapshot,
  { hasManifest, findPack, keeps }: CopyTarget,
  source: ReadonlyMap<string, StoredObject>,
): CopyPlan {
  const packs = snapshot.manifest.packs.map((name) => {
    const pack = source.get(name) ?? { name, bytes: 0, writtenAt: "" };
    const found = findPack(name);
    const isWhole = found !== null && (!source.has(name) || found.bytes === pack.bytes);
    return { pack, isWhole, isSafe: isWhole && keeps(found) };
  });
  const isThere = hasManifest(snapshot.id) && packs.every(({ isWhole }) => isWhole);
  const unsafe = isThere ? [] : packs.filter(({ isSafe }) => !isSafe);
  return { snapshot, isThere, packs: unsafe.map(({ pack }) => pack) };
}

async function packsOf(store: Store): Promise<ReadonlyMap<string, StoredObject>> {
  return new Map((await store.list("packs")).map((one) => [one.name, one]));
}

/** See `requireInTime` of a take. */
function requireInTime(began: Date, now: Date): void {
  const ms = now.getTime() - began.getTime();
  if (ms <= LONGEST_ACT_MS) return;
  const reason = `took ${duration(ms)}, and the limit is ${duration(LONGEST_ACT_MS)}`;
  throw new OpsError(
    "SNAPSHOT_INCOMPLETE",
    { table: null, reason },
    {
      message: `The copy of a snapshot ${reason}, because a prune of the target may have deleted packs that it uses. The snapshot was not stored there.`,
      hint: "Run the same command again: it continues with what the target has. If the computer slept meanwhile, keep it awake.",
    },
  );
}
