/** @module The manifests of a store: writing and reading them. `catalog.ts` lists and finds them. */
import type { Codec } from "./codec.ts";
import { OpsError } from "./errors.ts";
import { FORMAT, type Manifest } from "./manifest.ts";
import { damage } from "./read-chunk.ts";
import type { Store } from "./store.ts";

export interface Snapshot {
  /** SHA-256 of the manifest as it is stored, so the id proves every byte. */
  readonly id: string;
  readonly manifest: Manifest;
}

/** Bytes of the largest manifest that d1ops reads: about ten million chunks. */
const MOST_BYTES = 1_000_000_000;

/** The last step of taking a snapshot: without its manifest, a snapshot does not exist. Returns its id. */
export async function writeManifest(
  store: Store,
  codec: Codec,
  manifest: Manifest,
): Promise<string> {
  const frame = await codec.compress(new TextEncoder().encode(JSON.stringify(manifest)), null);
  const id = codec.digest(frame);
  await store.write("snapshots", id, frame);
  return id;
}

/** @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_FORMAT */
export async function readManifest(store: Store, codec: Codec, id: string): Promise<Snapshot> {
  const object = `snapshots/${id}`;
  const frame = await store.read("snapshots", id);
  if (frame === null) throw damage(store, object, "is missing");
  const text = codec.digest(frame) === id ? await codec.decompress(frame, null, MOST_BYTES) : null;
  if (text === null) {
    throw damage(store, object, "has other bytes than d1ops wrote");
  }
  const read: { readonly format?: unknown } = JSON.parse(new TextDecoder().decode(text));
  if (!isKnown(read)) throw unknownFormat(store, object, read.format);
  return { id, manifest: read };
}

/** The hash proves that d1ops wrote it, so its format tells its shape. */
function isKnown(read: { readonly format?: unknown }): read is Manifest {
  return read.format === FORMAT;
}

/** False if a prune has deleted it since the store was listed. */
export async function isListed(store: Store, id: string): Promise<boolean> {
  return (await store.list("snapshots")).some(({ name }) => name === id);
}

/** For sorting. Two snapshots of the same time have an order, too. */
export function newestFirst(a: Snapshot, b: Snapshot): number {
  return order(a) < order(b) ? 1 : -1;
}

function order({ id, manifest }: Snapshot): string {
  return `${manifest.takenAt} ${id}`;
}

function unknownFormat(store: Store, object: string, found: unknown): OpsError<"SNAPSHOT_FORMAT"> {
  const format = typeof found === "number" ? found : null;
  return new OpsError(
    "SNAPSHOT_FORMAT",
    { store: store.place, object, format },
    {
      message: `${object} of ${store.place} has the format ${format ?? "of another program"}, and this version of d1ops reads format ${FORMAT}.`,
      hint: "Install a newer version of d1ops: npm install --save-dev d1ops@latest",
    },
  );
}
