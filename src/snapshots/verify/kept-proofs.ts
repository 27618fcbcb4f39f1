/** @module Which snapshots a prune keeps because they are proven, and which proofs it deletes. Decision 0063 has the argument. */
import { isDamage } from "../errors.ts";
import { GRACE_MS } from "../store/grace.ts";
import type { Snapshot } from "../store/manifests.ts";
import type { Proofs, StoredProof } from "./proof.ts";
import type { StoredObject } from "../store/store.ts";

/**
 * The ids of the snapshots that were the last proven one at some time within {@link GRACE_MS}, newest first: another prune that runs now may
 * have seen any of them as the last proven one. `snapshots`: those of one group, newest first.
 */
export function lastProvenOf(
  snapshots: readonly Pick<Snapshot, "id">[],
  { proofs }: Proofs,
  now: Date,
): readonly string[] {
  const bySnapshot = Map.groupBy(proofs, ({ snapshot }) => snapshot);
  const last: string[] = [];
  for (const { id } of snapshots) {
    const own = bySnapshot.get(id) ?? [];
    if (own.length > 0) last.push(id);
    if (own.some((proof) => isOld(proof.object, now))) break;
  }
  return last;
}

/**
 * Proofs of deleted snapshots, damaged ones, and those that a stronger or equal one has replaced for more than {@link GRACE_MS}. So a snapshot
 * that was proven a day ago still shows it after a later verification. `kept`: the ids of all snapshots that stay.
 */
export function obsoleteProofs(
  { proofs, unreadable }: Proofs,
  kept: ReadonlySet<string>,
  now: Date,
): StoredObject[] {
  const obsolete = proofs.filter(
    (proof) => !kept.has(proof.snapshot) || proofs.some((other) => replaces(other, proof, now)),
  );
  const damaged = unreadable.filter(({ error }) => isDamage(error));
  return [...obsolete, ...damaged].map(({ object }) => object);
}

function replaces(other: StoredProof, proof: StoredProof, now: Date): boolean {
  return (
    other.snapshot === proof.snapshot &&
    (other.how === "drill" || proof.how === "verify") &&
    other.object.writtenAt > proof.object.writtenAt &&
    isOld(other.object, now)
  );
}

/** A prune deletes only what no take can have begun to use, and what no other prune can have relied on, within this time. */
export function isOld({ writtenAt }: StoredObject, now: Date): boolean {
  return Date.parse(writtenAt) < now.getTime() - GRACE_MS;
}
