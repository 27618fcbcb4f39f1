/** @module The manifests of a store: writing and reading them. `catalog.ts` lists and finds them. */
import type { Codec } from "./codec.ts";
import { FORMAT, type Manifest } from "./manifest.ts";
import { type AnyRecord, readRecord, writeRecord } from "./record.ts";
import type { Store } from "./store.ts";

export interface Snapshot {
  /** SHA-256 of the manifest as it is stored, so the id proves every byte. */
  readonly id: string;
  readonly manifest: Manifest;
  /** Written with the append-only key of an encrypted store. */
  readonly isAppended: boolean;
}

/** Bytes of the largest manifest that d1ops reads: about ten million chunks. */
const MOST_BYTES = 1_000_000_000;

/** The last step of taking a snapshot: without its manifest, a snapshot does not exist. Returns its id. */
export async function writeManifest(
  store: Store,
  codec: Codec,
  manifest: Manifest,
): Promise<string> {
  return writeRecord(store, codec, "snapshots", manifest);
}

/** @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_FORMAT */
export async function readManifest(store: Store, codec: Codec, id: string): Promise<Snapshot> {
  const { record: manifest, isAppended } = await readRecord(
    { store, codec, folder: "snapshots", mostBytes: MOST_BYTES },
    id,
    isKnown,
  );
  return { id, manifest, isAppended };
}

function isKnown(read: AnyRecord): read is Manifest {
  return read.format === FORMAT;
}

/** True for a snapshot that a restore or a clone took of the state before. */
export function isWayBack({
  manifest,
}: {
  readonly manifest: Pick<Manifest, "wayBackFrom">;
}): boolean {
  return manifest.wayBackFrom !== undefined;
}

/** For sorting. Two snapshots of the same time have an order, too. */
export function newestFirst(a: Snapshot, b: Snapshot): number {
  return order(a) < order(b) ? 1 : -1;
}

function order({ id, manifest }: Snapshot): string {
  return `${manifest.takenAt} ${id}`;
}
