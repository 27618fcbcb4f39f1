/** @module Deletes snapshots that a policy does not keep, the packs that no other snapshot needs, and proofs that no longer count. */
import { withText } from "../report/error-class.ts";
import { duration } from "../report/wording.ts";
import type { Codec } from "./codec.ts";
import { isDamage, isUnreadable, OpsError } from "./errors.ts";
import { LONGEST_ACT_MS } from "./grace.ts";
import { isOld, lastProvenOf, obsoleteProofs } from "./kept-proofs.ts";
import { readManifest, type Snapshot } from "./manifests.ts";
import { possiblyInUse } from "./previous.ts";
import { type Proofs, readProof, readProofs } from "./proof.ts";
import { isListed } from "./record.ts";
import { applyPolicy, type Dated, isEmpty, type Policy } from "./retention.ts";
import { type Group, groupsOf } from "./retention-groups.ts";
import type { Store, StoredObject, StoreFolder } from "./store.ts";

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
        const proof = await readProof(store, codec, object).catch(unlessUnreadable);
        if (proof !== null) proven.add(proof.snapshot);
      }
    }
  };
}

/** A proof that is damaged, of a newer format or deleted since the list proves nothing. */
function unlessUnreadable(error: unknown): null {
  if (isUnreadable(error)) return null;
  throw error;
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

function keepsNothing(why: string): OpsError {
  const message = `${why} Nothing was deleted.`;
  const hint =
    "Add a rule that keeps snapshots, such as --keep-last 7, or set snapshots.retention in d1ops.jsonc.";
  return new OpsError("USAGE", { argument: "--keep-last" }, { message, hint });
}

function unreadable(
  error: OpsError<"SNAPSHOT_DAMAGED" | "SNAPSHOT_FORMAT">,
  { place }: Store,
  id: string,
): Error {
  const message = `${error.message} Nothing was deleted, because this snapshot may need any pack of the store.`;
  const hint = isDamage(error)
    ? `Copy snapshots/${id} from another copy of ${place}. If there is none, the snapshot is lost: delete this file, then prune again.`
    : error.hint;
  return withText(error, { message, hint });
}
