/** @module Deletes snapshots that a policy does not keep, and the packs that no other snapshot needs. */
import { withText } from "../report/error-class.ts";
import type { Codec } from "./codec.ts";
import { isDamage, isUnreadable, OpsError } from "./errors.ts";
import { GRACE_MS } from "./grace.ts";
import { isListed, readManifest, type Snapshot } from "./manifests.ts";
import { possiblyInUse } from "./previous.ts";
import { applyPolicy, type Dated, isEmpty, type Policy } from "./retention.ts";
import { type Group, groupsOf } from "./retention-groups.ts";
import type { Store, StoredObject } from "./store.ts";

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
  readonly groups: readonly PruneGroup[];
  /** The manifests to delete. */
  readonly manifests: readonly StoredObject[];
  /** The packs to delete after them. */
  readonly packs: readonly StoredObject[];
  /** Packs that no snapshot needs, but that a running take may have written. A later prune deletes them. */
  readonly waiting: readonly StoredObject[];
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
export const IN_USE = "a running take may use it";

/**
 * Reads only. The plan stays safe to execute however much later.
 * @throws OpsError USAGE if the policy keeps nothing, SNAPSHOT_DAMAGED or SNAPSHOT_FORMAT if a manifest cannot be read: it may need any pack
 */
export async function planPrune(request: PruneRequest): Promise<PrunePlan> {
  const { store, codec, policy, isConcerned, now } = request;
  if (isEmpty(policy)) throw keepsNothing("No rule says which snapshots to keep.");
  const packs = await store.list("packs");
  const manifests = await store.list("snapshots");
  const snapshots = await readAll(store, codec, manifests);
  if (snapshots === null) return planPrune(request);
  const writtenAt = new Map(manifests.map((one) => [one.name, one.writtenAt]));
  const inUse = possiblyInUse(snapshots, writtenAt, now);
  const groups = groupsOf(snapshots.filter(isConcerned)).map((group) =>
    judge(group, { policy, now, inUse }),
  );
  const verdicts = groups.flatMap((group) => group.verdicts);
  const removed = new Set(
    verdicts.filter(({ reasons }) => reasons.length === 0).map(({ snapshot }) => snapshot.id),
  );
  const kept = snapshots.filter(({ id }) => !removed.has(id));
  const needed = new Set(kept.flatMap(({ manifest }) => manifest.packs));
  const unneeded = packs.filter(({ name }) => !needed.has(name));
  const isOld = (one: StoredObject): boolean =>
    Date.parse(one.writtenAt) < now.getTime() - GRACE_MS;
  return {
    groups,
    manifests: manifests.filter(({ name }) => removed.has(name)),
    packs: unneeded.filter(isOld),
    waiting: unneeded.filter((one) => !isOld(one)),
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
      if (!(await isListed(store, name))) return null;
      throw unreadable(error, store, name);
    }
  }
  return snapshots;
}

interface Judgement extends Pick<PruneRequest, "policy" | "now"> {
  readonly inUse: ReadonlySet<string>;
}

/** @throws OpsError USAGE if the policy keeps no snapshot of this group */
function judge(
  { name, snapshots }: Group<Snapshot>,
  { policy, now, inUse }: Judgement,
): PruneGroup {
  const byPolicy = applyPolicy(
    snapshots.map((snapshot) => ({ ...dated(snapshot), snapshot })),
    policy,
    now,
  );
  if (byPolicy.every(({ reasons }) => reasons.length === 0)) {
    throw keepsNothing(`These rules keep no snapshot of ${name}.`);
  }
  const verdicts = byPolicy.map(({ snapshot: { snapshot }, reasons }, index) => {
    if (reasons.length > 0) return { snapshot, reasons };
    if (index === 0) return { snapshot, reasons: [NEWEST] };
    return { snapshot, reasons: inUse.has(snapshot.id) ? [IN_USE] : [] };
  });
  return { name, verdicts };
}

function dated({ id, manifest: { takenAt, label } }: Snapshot): Dated {
  return { id, takenAt, label };
}

/** Receives the number of deleted objects, and that of the plan. */
export type OnDeleted = (done: number, total: number) => void;

/**
 * Deletes the manifests, then the packs. So a manifest in the store always has its packs, and a prune that was killed leaves packs that the
 * next one deletes. Returns the plan that it has carried out: it keeps packs that a copy has written again since the plan.
 * @throws OpsError FILE_UNWRITABLE, STORE_REFUSED, STORE_UNREACHABLE
 */
export async function executePrune(
  store: Store,
  plan: PrunePlan,
  onDeleted: OnDeleted = () => {},
): Promise<PrunePlan> {
  const { manifests, packs } = plan;
  const total = manifests.length + packs.length;
  const kept: StoredObject[] = [];
  let done = 0;
  for (const { name } of manifests) {
    await store.remove("snapshots", name);
    onDeleted((done += 1), total);
  }
  for (const pack of packs) {
    const found = await store.find("packs", pack.name);
    if (found !== null && found.writtenAt !== pack.writtenAt) kept.push(found);
    else await store.remove("packs", pack.name);
    onDeleted((done += 1), total);
  }
  const names = new Set(kept.map(({ name }) => name));
  return {
    ...plan,
    packs: packs.filter(({ name }) => !names.has(name)),
    waiting: [...plan.waiting, ...kept],
  };
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
