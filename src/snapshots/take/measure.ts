/** @module Reads contents as a snapshot does, without storing them: for comparisons with a snapshot. */
import type { D1Database } from "../../database/port.ts";
import type { Target } from "../../report/report.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import type { Codec } from "../store/codec.ts";
import type { Manifest, SnapshotDatabase, SnapshotTable } from "../store/manifest.ts";
import { PackWriter } from "../store/pack-writer.ts";
import { readTable } from "../rows/read-table.ts";
import type { Store } from "../store/store.ts";
import { NOWHERE } from "../store/unwritten.ts";
import type { TableShape } from "../rows/table-shape.ts";
import { type ContentRequest, readContent } from "./take.ts";
import { type DatabaseTake, readDatabase, takeTable, UNCHANGED } from "./take-database.ts";

/** Compressing takes longer than reading, and a comparison needs the hashes alone. */
function withoutCompression(codec: Codec): Codec {
  return { ...codec, compress: async () => new Uint8Array(0) };
}

export interface MeasureRequest extends Pick<
  ContentRequest,
  "codec" | "database" | "files" | "onProgress"
> {
  /** Keeps the contents, so that they can be read again. Default: nowhere. */
  readonly store?: Store | null;
}

/** The manifest that a snapshot of these contents would have. Its packs are in `store`. @throws as {@link readContent} */
export async function measure({ store = null, ...request }: MeasureRequest): Promise<Manifest> {
  const { manifest } = await readContent({
    ...request,
    codec: store === null ? withoutCompression(request.codec) : request.codec,
    store: store ?? NOWHERE,
    previous: null,
    about: { tool: "", takenAt: "", label: null, git: null },
  });
  return manifest;
}

/** Reads a remote database once. If others write meanwhile, its tables may be of different moments. @throws those of the database */
export async function measureRemote(
  codec: Codec,
  d1: D1Database,
): Promise<Pick<SnapshotDatabase, "schema" | "tables">> {
  return readDatabase({ ...nowhere(codec), onRows: () => {} }, { d1, source: { place: "remote" } });
}

/** The table as a snapshot would have it. It may be a virtual one. @throws those of the database */
export async function measureTable(
  codec: Codec,
  { d1, place }: { readonly d1: D1Database; readonly place: Target["place"] },
  shape: TableShape,
): Promise<SnapshotTable> {
  const take = { ...nowhere(codec), textOf: UNCHANGED, onRows: () => {} };
  return takeTable(take, shape, readTable(d1, shape, place));
}

function nowhere(given: Codec): Omit<DatabaseTake, "onRows"> {
  const codec = withoutCompression(given);
  const chunks = new ChunkWriter(codec, new PackWriter(NOWHERE, codec, ""), null);
  return { codec, chunks, before: null };
}
