/** @module Carries out the plan of a prune, and looks again at everything just before it deletes it. */
import { duration } from "../../report/wording.ts";
import type { Codec } from "../store/codec.ts";
import { nullIfUnreadable, OpsError } from "../errors.ts";
import { LONGEST_ACT_MS } from "../store/grace.ts";
import { readProof } from "../verify/proof.ts";
import type { PrunePlan, PruneRequest } from "./prune-plan.ts";
import type { Store, StoredObject, StoreFolder } from "../store/store.ts";

/** Receives the number of deleted objects, and that of the plan. */
export type OnDeleted = (done: number, total: number) => void;

/**
 * Deletes the manifests, then the packs, then the proofs. So a manifest in the store always has its packs, and a prune that was killed leaves
 * packs and proofs that the next one deletes. `now`: by the clock of the plan. Returns the plan that it has carried out: it keeps
 * snapshots that have been proven since the plan, and manifests and packs that a copy has written again.
 * @throws OpsError FILE_UNWRITABLE, STORE_REFUSED, STORE_UNREACHABLE; NOT_CONFIRMED if the plan is too old: other prunes may rely on a
 * snapshot that it deletes
 */
export async function executePrune(
  { store, codec }: Pick<PruneRequest, "store" | "codec">,
  plan: PrunePlan,
  now: () => Date,
  onDeleted: OnDeleted = () => {},
): Promise<PrunePlan> {
  const { manifests, packs, proofs } = plan;
  const total = manifests.length + packs.length + proofs.length;
  const staying = new Set<string>();
  const waiting: StoredObject[] = [];
  const isProven = laterProofs(store, codec, plan.knownProofs);
  let done = 0;
  for (const manifest of manifests) {
    const { name } = manifest;
    const stays =
      (await copiedAgain(store, "snapshots", manifest)) !== null || (await isProven(name));
    requireInTime(plan, now());
    if (stays) staying.add(name);
    else await store.remove("snapshots", name);
    onDeleted((done += 1), total);
  }
  for (const pack of packs) {
    // A snapshot that stays may need any pack, and the next prune knows which.
    const found = staying.size > 0 ? pack : await copiedAgain(store, "packs", pack);
    if (found === null) await store.remove("packs", pack.name);
    else waiting.push(found);
    onDeleted((done += 1), total);
  }
  for (const { name } of proofs) {
    await store.remove("proofs", name);
    onDeleted((done += 1), total);
  }
  const names = new Set(waiting.map(({ name }) => name));
  return {
    ...plan,
    manifests: manifests.filter(({ name }) => !staying.has(name)),
    packs: packs.filter(({ name }) => !names.has(name)),
    waiting: [...plan.waiting, ...waiting],
  };
}

/**
 * Says whether a snapshot has a proof that the plan does not know. Its last call of the store is a list without a proof that it has not read,
 * so a prune that deletes at once deletes no snapshot that has just become the last proven one.
 */
function laterProofs(
  store: Store,
  codec: Codec,
  known: ReadonlySet<string>,
): (snapshot: string) => Promise<boolean> {
  const seen = new Set(known);
  const proven = new Set<string>();
  return async (snapshot) => {
    for (;;) {
      const later = (await store.list("proofs")).filter(({ name }) => !seen.has(name));
      if (later.length === 0) return proven.has(snapshot);
      for (const object of later) {
        seen.add(object.name);
        // A proof that is damaged, of a newer format or deleted since the list proves nothing.
        const proof = await readProof(store, codec, object).catch(nullIfUnreadable);
        if (proof !== null) proven.add(proof.snapshot);
      }
    }
  };
}

/** The object, if it has been written again since the plan: another prune deleted it, and a copy brought it back. */
async function copiedAgain(
  store: Store,
  folder: StoreFolder,
  { name, writtenAt }: StoredObject,
): Promise<StoredObject | null> {
  const found = await store.find(folder, name);
  return found === null || found.writtenAt === writtenAt ? null : found;
}

function requireInTime({ plannedAt }: PrunePlan, now: Date): void {
  const ms = now.getTime() - plannedAt.getTime();
  if (ms <= LONGEST_ACT_MS) return;
  throw new OpsError(
    "NOT_CONFIRMED",
    { action: "prune" },
    {
      message: `The prune began ${duration(ms)} ago, and the limit is ${duration(LONGEST_ACT_MS)}: meanwhile, another process may have come to need a snapshot. No further one was deleted.`,
      hint: "Run the same command again, and confirm it sooner.",
    },
  );
}
