/** @module Takes a snapshot: stores every chunk, then the manifest. */
import { ChunkWriter, type Previous } from "./chunk-writer.ts";
import type { Codec } from "./codec.ts";
import { digestOf } from "./content-digest.ts";
import { FORMAT, type Manifest } from "./manifest.ts";
import { type Snapshot, writeManifest } from "./manifests.ts";
import { PackWriter } from "./pack-writer.ts";
import { chunkReader } from "./read-chunk.ts";
import type { Store } from "./store.ts";
import { type DatabaseSource, takeDatabase } from "./take-database.ts";
import { type FileSource, takeFiles } from "./take-files.ts";

export interface TakeRequest {
  readonly store: Store;
  readonly codec: Codec;
  readonly database: DatabaseSource | null;
  readonly files: readonly FileSource[];
  /** The snapshot whose chunks are used again: the newest one of the same database. */
  readonly previous: Snapshot | null;
  readonly about: Pick<Manifest, "tool" | "takenAt" | "label" | "git">;
  readonly onProgress?: ((done: number, total: number, unit: "rows" | "bytes") => void) | undefined;
}

export interface Taken extends Snapshot {
  /** The bytes that this snapshot added to the store, without its manifest. */
  readonly added: number;
}

/** @throws OpsError SNAPSHOT_INCOMPLETE, and those of the store and the database. A failed snapshot leaves only packs that no manifest names. */
export async function takeSnapshot(request: TakeRequest): Promise<Taken> {
  const { store, codec, previous } = request;
  const packs = new PackWriter(store, codec);
  const chunks = new ChunkWriter(codec, packs, previous && (await usable(request, previous)));
  const progress = request.onProgress ?? ((): void => {});
  const before = previous?.manifest ?? null;
  const database =
    request.database &&
    (await takeDatabase(
      {
        codec,
        chunks,
        before: before?.database ?? null,
        onRows: (done, total) => progress(done, total, "rows"),
      },
      request.database,
    ));
  const files = await takeFiles(
    {
      codec,
      chunks,
      before: before?.files ?? [],
      onBytes: (done, total) => progress(done, total, "bytes"),
    },
    request.files,
  );
  await packs.finish();
  const digest = digestOf(codec, database, files);
  const manifest = {
    format: FORMAT,
    ...request.about,
    digest,
    database,
    files,
    packs: packs.packs,
  } as const;
  return { id: await writeManifest(store, codec, manifest), manifest, added: packs.added };
}

async function usable({ store, codec }: TakeRequest, { manifest }: Snapshot): Promise<Previous> {
  const present = new Set((await store.list("packs")).map(({ name }) => name));
  return { manifest, read: chunkReader(store, codec, manifest), present };
}
