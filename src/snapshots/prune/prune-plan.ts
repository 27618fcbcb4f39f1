/** @module What a prune would delete: snapshots that a policy does not keep, packs that no other snapshot needs, and proofs that no longer count. */
import { withText } from "../../report/error-class.ts";
import type { Codec } from "../store/codec.ts";
import { isDamage, isUnreadable, OpsError, type UnreadableError } from "../errors.ts";
import { isOld, lastProvenOf, obsoleteProofs } from "../verify/kept-proofs.ts";
import { readManifest, type Snapshot } from "../store/manifests.ts";
import { possiblyInUse } from "../take/previous.ts";
import { type Proofs, readProofs } from "../verify/proof.ts";
import { isListed } from "../store/record.ts";
import { applyPolicy, type Dated, isEmpty, type Policy } from "./retention.ts";
import { type Group, groupsOf } from "./retention-groups.ts";
import type { Store, StoredObject } from "../store/store.ts";

export interface PruneRequest {
  readonly store: Store;
  readonly codec: Codec;
  readonly policy: Policy;
  /** The snapshots that the policy is about. The others are kept. */
  readonly isConcerned: (snapshot: Snapshot) => boolean;
  /** Not later than the call. */
  readonly now: Date;
}

export interface PrunePlan {
  readonly plannedAt: Date;
  readonly groups: readonly PruneGroup[];
  /** The manifests to delete. */
  readonly manifests: readonly StoredObject[];
  /** The packs to delete after them. */
  readonly packs: readonly StoredObject[];
  /** Packs that no snapshot needs, but that a running take may have written. A later prune deletes them. */
  readonly waiting: readonly StoredObject[];
  /** The proofs to delete at the end. */
  readonly proofs: readonly StoredObject[];
  /** The names of the proofs that the plan knows. A later one keeps its snapshot. */
  readonly knownProofs: ReadonlySet<string>;
}

export interface PruneGroup {
  readonly name: string;
  /** Newest first. */
  readonly verdicts: readonly PruneVerdict[];
}

export interface PruneVerdict {
  readonly snapshot: Snapshot;
  /** Why it is kept: `daily snapshot`. Empty: it is to be deleted. */
  readonly reasons: readonly string[];
}

export const NEWEST = "newest snapshot";
export const LAST_PROVEN = "last proven snapshot";
export const WAS_LAST_PROVEN = "last proven snapshot within the last 24 hours";
export const IN_USE = "a running take may use it";

/**
 * Reads only.
 * @throws OpsError USAGE if the policy keeps nothing, SNAPSHOT_DAMAGED or SNAPSHOT_FORMAT if a manifest cannot be read: it may need any pack
 */
export async function planPrune(request: PruneRequest): Promise<PrunePlan> {
  const { store, codec, policy, isConcerned, now } = request;
  if (isEmpty(policy)) throw keepsNothing("No rule says which snapshots to keep.");
  // A proof whose snapshot is not in the later list of manifests is one of a deleted snapshot.
  const proofs = await readProofs(store, codec);
  const packs = await store.list("packs");
  const manifests = await store.list("snapshots");
  const snapshots = await readAll(store, codec, manifests);
  if (snapshots === null) return planPrune(request);
  const writtenAt = new Map(manifests.map((one) => [one.name, one.writtenAt]));
  const inUse = possiblyInUse(snapshots, writtenAt, now);
  const groups = groupsOf(snapshots.filter(isConcerned)).map((group) =>
    judge(group, { policy, now, inUse, proofs }),
  );
  const verdicts = groups.flatMap((group) => group.verdicts);
  const removed = new Set(
    verdicts.filter(({ reasons }) => reasons.length === 0).map(({ snapshot }) => snapshot.id),
  );
  const kept = snapshots.filter(({ id }) => !removed.has(id));
  const needed = new Set(kept.flatMap(({ manifest }) => manifest.packs));
  const unneeded = packs.filter(({ name }) => !needed.has(name));
  return {
    plannedAt: now,
    groups,
    manifests: manifests.filter(({ name }) => removed.has(name)),
    packs: unneeded.filter((one) => isOld(one, now)),
    waiting: unneeded.filter((one) => !isOld(one, now)),
    proofs: obsoleteProofs(proofs, new Set(kept.map(({ id }) => id)), now),
    knownProofs: new Set(
      [...proofs.proofs, ...proofs.unreadable].map(({ object: { name } }) => name),
    ),
  };
}

/** Null if a manifest has disappeared since the list: a newer one, which is not in the list, may need its packs. */
async function readAll(
  store: Store,
  codec: Codec,
  manifests: readonly StoredObject[],
): Promise<Snapshot[] | null> {
  const snapshots: Snapshot[] = [];
  for (const { name } of manifests) {
    try {
      snapshots.push(await readManifest(store, codec, name));
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      if (!(await isListed(store, "snapshots", name))) return null;
      throw unreadable(error, store, name);
    }
  }
  return snapshots;
}

interface Judgement extends Pick<PruneRequest, "policy" | "now"> {
  readonly inUse: ReadonlySet<string>;
  readonly proofs: Proofs;
}

/** @throws OpsError USAGE if the policy keeps no snapshot of this group */
function judge(
  { name, isOrdinary, snapshots }: Group<Snapshot>,
  { policy, now, inUse, proofs }: Judgement,
): PruneGroup {
  const byPolicy = applyPolicy(
    snapshots.map((snapshot) => ({ ...dated(snapshot), snapshot })),
    policy,
    now,
  );
  if (isOrdinary && byPolicy.every(({ reasons }) => reasons.length === 0)) {
    throw keepsNothing(`These rules keep no snapshot of ${name}.`);
  }
  const proven = lastProvenOf(
    byPolicy.map(({ snapshot }) => snapshot),
    proofs,
    now,
  );
  const verdicts = byPolicy.map(({ snapshot: { snapshot }, reasons: own }, index) => {
    const { id } = snapshot;
    const proof = id === proven[0] ? LAST_PROVEN : WAS_LAST_PROVEN;
    const reasons = proven.includes(id) ? [...own, proof] : own;
    if (reasons.length > 0) return { snapshot, reasons };
    if (index === 0) return { snapshot, reasons: [NEWEST] };
    return { snapshot, reasons: inUse.has(id) ? [IN_USE] : [] };
  });
  return { name, verdicts };
}

function dated({ id, manifest: { takenAt, label } }: Snapshot): Dated {
  return { id, takenAt, label };
}
function keepsNothing(why: string): OpsError {
  const message = `${why} Nothing was deleted.`;
  const hint =
    "Add a rule that keeps snapshots, such as --keep-last 7, or set snapshots.retention in d1ops.jsonc.";
  return new OpsError("USAGE", { argument: "--keep-last" }, { message, hint });
}

function unreadable(error: UnreadableError, { location }: Store, id: string): Error {
  const message = `${error.message} Nothing was deleted, because this snapshot may need any pack of the store.`;
  const hint = isDamage(error)
    ? `Copy snapshots/${id} from another copy of ${location}. If there is none, the snapshot is lost: delete this file, then prune again.`
    : error.hint;
  return withText(error, { message, hint });
}
