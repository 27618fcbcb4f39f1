/** @module Finds the last proven snapshot of a database from the proofs alone: manifests may be large, and `status` has to be fast. */
import type { Target } from "../../report/report.ts";
import type { Codec } from "../store/codec.ts";
import { nullIfUnreadable, type OpsError } from "../errors.ts";
import { readProof, type StoredProof } from "./proof.ts";
import type { Store, StoredObject } from "../store/store.ts";

export type LastProven =
  | { readonly kind: "proven"; readonly proof: StoredProof }
  | { readonly kind: "none" }
  /** `provenAt`: when the newest proof of the store was written, of any database. Null: there is none. */
  | { readonly kind: "locked"; readonly provenAt: string | null }
  | { readonly kind: "unreadable"; readonly error: OpsError };

/**
 * The newest snapshot that has a proof, unless a restore took it of the state before. With `verify --all`, that is not the one of the newest
 * proof. `codec`: null without the key of an encrypted store.
 * @throws OpsError of the store
 */
export async function findLastProven(
  store: Store,
  codec: Codec | null,
  target: Target,
): Promise<LastProven> {
  const objects = (await store.list("proofs")).toSorted(newestFirst);
  if (codec === null) return { kind: "locked", provenAt: objects[0]?.writtenAt ?? null };
  const snapshots = new Set((await store.list("snapshots")).map(({ name }) => name));
  let last: StoredProof | null = null;
  for (const object of objects) {
    // A snapshot that was proven before this one was taken is older than this one.
    if (last !== null && object.writtenAt < last.takenAt) break;
    // `snapshot list` reports a damaged proof.
    const proof = await readProof(store, codec, object).catch(nullIfUnreadable);
    if (proof === null || !snapshots.has(proof.snapshot) || proof.wayBack) continue;
    if (!isAbout(proof, target)) continue;
    if (last === null || proof.takenAt > last.takenAt) last = proof;
  }
  return last === null ? { kind: "none" } : { kind: "proven", proof: last };
}

/** A config may have only the name of a remote database. */
function isAbout({ source }: StoredProof, { place, id, database }: Target): boolean {
  if (source?.place !== place) return false;
  return id === "" ? source.database === database : source.id === id;
}

function newestFirst(a: StoredObject, b: StoredObject): number {
  return a.writtenAt < b.writtenAt ? 1 : -1;
}
