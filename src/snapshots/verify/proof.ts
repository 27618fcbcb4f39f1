/**
 * Proofs: what a successful `snapshot verify` leaves in the store. So `list`, `status` and `doctor` know when a snapshot was last proven, and
 * `prune` keeps the last proven one. `backups/README.md` of the package describes the format.
 * @module
 */
import type { Target } from "../../report/report.ts";
import type { Codec } from "../store/codec.ts";
import { isUnreadable, type UnreadableError } from "../errors.ts";
import { isWayBack, type Snapshot } from "../store/manifests.ts";
import { type AnyRecord, isListed, readRecord, writeRecord } from "../store/record.ts";
import type { Store, StoredObject } from "../store/store.ts";
import { damage } from "../store/unreadable.ts";

/** The newest format that this version writes and reads. */
export const PROOF_FORMAT = 1;

export interface Proof {
  readonly format: typeof PROOF_FORMAT;
  /** Name and version: `d1ops 0.1.0`. */
  readonly tool: string;
  /** The id of the snapshot. A proof of a deleted snapshot does not count. */
  readonly snapshot: string;
  /** `drill`: the database was rebuilt, too. */
  readonly how: "verify" | "drill";
  /** ISO 8601, UTC: when the verification ended. */
  readonly provenAt: string;
  /** About the snapshot, so that `status` does not read its manifest, which may be large. */
  readonly takenAt: string;
  readonly source: Target | null;
  /** A restore took the snapshot of the state before. */
  readonly wayBack: boolean;
}

export interface StoredProof extends Proof {
  readonly object: StoredObject;
}

export interface Proofs {
  /** Newest first. */
  readonly proofs: readonly StoredProof[];
  /** Damaged, or of a newer format. They prove nothing. */
  readonly unreadable: readonly UnreadableProof[];
}

export interface UnreadableProof {
  readonly object: StoredObject;
  readonly error: UnreadableError;
}

/** Bytes of a proof. Only the names of the database are not of a fixed size. */
const MOST_BYTES = 100_000;

export function proofOf(
  snapshot: Snapshot,
  about: Pick<Proof, "tool" | "how" | "provenAt">,
): Proof {
  const { id, manifest } = snapshot;
  return {
    format: PROOF_FORMAT,
    ...about,
    snapshot: id,
    takenAt: manifest.takenAt,
    source: manifest.database?.source ?? null,
    wayBack: isWayBack(snapshot),
  };
}

/** @throws OpsError of the store */
export async function writeProof(store: Store, codec: Codec, proof: Proof): Promise<void> {
  await writeRecord(store, codec, "proofs", proof);
}

/** @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_FORMAT, and those of the store */
export async function readProof(
  store: Store,
  codec: Codec,
  object: StoredObject,
): Promise<StoredProof> {
  const source = { store, codec, folder: "proofs", mostBytes: MOST_BYTES } as const;
  const { record, isAppended } = await readRecord(source, object.name, isKnown);
  // The append-only key cannot read a snapshot, so it cannot prove one.
  if (isAppended) throw damage(store, `proofs/${object.name}`, "is forged");
  return { ...record, object };
}

/** All proofs of the store, also those of deleted snapshots. @throws OpsError of the store */
export async function readProofs(store: Store, codec: Codec): Promise<Proofs> {
  const proofs: StoredProof[] = [];
  const unreadable: UnreadableProof[] = [];
  for (const object of await store.list("proofs")) {
    try {
      proofs.push(await readProof(store, codec, object));
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      if (!(await isListed(store, "proofs", object.name))) continue;
      unreadable.push({ object, error });
    }
  }
  return { proofs: proofs.toSorted(newestFirst), unreadable };
}

function isKnown(record: AnyRecord): record is Proof {
  return record.format === PROOF_FORMAT;
}

function newestFirst(a: Proof, b: Proof): number {
  return a.provenAt < b.provenAt ? 1 : -1;
}

/** The newest proof of each kind of one snapshot, newest first. Empty: it was never proven. */
export function newestProofs(
  id: string,
  { proofs }: Pick<Proofs, "proofs">,
): readonly StoredProof[] {
  const own = proofs.filter(({ snapshot }) => snapshot === id);
  return own.filter(({ how }, index) => own.findIndex((one) => one.how === how) === index);
}
