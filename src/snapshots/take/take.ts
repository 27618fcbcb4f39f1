/** @module Takes a snapshot: stores every chunk, then the manifest. */
import { duration } from "../../report/wording.ts";
import { release } from "../store/bytes.ts";
import { ChunkWriter, type Previous } from "./chunk-writer.ts";
import type { Codec } from "../store/codec.ts";
import { digestOf } from "./content-digest.ts";
import { nullIfDamaged, OpsError } from "../errors.ts";
import { LONGEST_ACT_MS } from "../store/grace.ts";
import { FORMAT, type Manifest } from "../store/manifest.ts";
import { type Snapshot, writeManifest } from "../store/manifests.ts";
import { PackWriter } from "../store/pack-writer.ts";
import { chunkReader } from "../rows/read-chunk.ts";
import { readProven } from "../store/read-proven.ts";
import type { Store } from "../store/store.ts";
import { type DatabaseSource, takeDatabase } from "./take-database.ts";
import { type FileSource, takeFiles } from "./take-files.ts";

export interface ContentRequest {
  readonly store: Store;
  readonly codec: Codec;
  readonly database: DatabaseSource | null;
  readonly files: readonly FileSource[];
  /** See {@link Manifest.globs}. Default: none. */
  readonly globs?: readonly string[];
  /** The snapshot whose chunks are used again: that of `previousOf`, read after `takenAt`. A prune may delete any other one meanwhile. */
  readonly previous: Snapshot | null;
  readonly about: Pick<Manifest, "tool" | "takenAt" | "label" | "wayBackFrom" | "git" | "worker">;
  readonly onProgress?: ((done: number, total: number, unit: "rows" | "bytes") => void) | undefined;
}

export interface TakeRequest extends ContentRequest {
  /** The time now, by the clock of `takenAt`. */
  readonly now: () => Date;
}

export interface StoredContent {
  readonly manifest: Manifest;
  /** The bytes that this snapshot added to the store, without its manifest. */
  readonly added: number;
}

export interface Taken extends Snapshot, StoredContent {}

/** @throws OpsError SNAPSHOT_INCOMPLETE, and those of the store and the database. A failed snapshot leaves only packs that no manifest names. */
export async function takeSnapshot(request: TakeRequest): Promise<Taken> {
  const { manifest, added } = await readContent(request);
  requireInTime(request);
  const { store, codec } = request;
  const id = await writeManifest(store, codec, manifest);
  return { id, manifest, isAppended: codec.appends, added };
}

/** Stores the chunks without the manifest. @throws as {@link takeSnapshot} */
export async function readContent(request: ContentRequest): Promise<StoredContent> {
  const { store, codec, previous } = request;
  const packs = new PackWriter(store, codec, request.about.takenAt);
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
    globs: request.globs ?? [],
    packs: packs.packs,
  } as const;
  return { manifest, added: packs.added };
}

/** A slower take might write a manifest whose packs a prune has deleted. */
function requireInTime({ about, now }: TakeRequest): void {
  const ms = now().getTime() - Date.parse(about.takenAt);
  if (ms <= LONGEST_ACT_MS) return;
  const reason = `took ${duration(ms)}, and the limit is ${duration(LONGEST_ACT_MS)}`;
  throw new OpsError(
    "SNAPSHOT_INCOMPLETE",
    { table: null, reason },
    {
      message: `The snapshot ${reason}, because a prune may have deleted data that it uses. It was not stored.`,
      hint: "Run the same command again. If the computer slept meanwhile, keep it awake.",
    },
  );
}

/**
 * Proves each pack of the previous snapshot. A take that used a damaged pack again would report success and store a damaged snapshot. This
 * reads what the store has compressed, and a take reads the whole database anyway.
 */
async function usable({ store, codec }: ContentRequest, { manifest }: Snapshot): Promise<Previous> {
  const intact = new Set<string>();
  for (const name of manifest.packs) {
    const bytes = await readProven({ store, codec }, "packs", name).catch(nullIfDamaged);
    if (bytes === null) continue;
    intact.add(name);
    release(bytes);
  }
  return { manifest, read: chunkReader(store, codec, manifest), intact };
}
