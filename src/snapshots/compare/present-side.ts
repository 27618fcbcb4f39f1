/** @module The present as a side of a comparison: chunks are read from the database again, and nothing is stored. */
import type { D1Database } from "../../database/port.ts";
import type { Codec } from "../store/codec.ts";
import { OpsError } from "../errors.ts";
import type { Manifest, SnapshotTable, TableChunk } from "../store/manifest.ts";
import { readSource } from "../rows/read-source.ts";
import { AT_ONCE, MOST, readRanges } from "../rows/read-table.ts";
import type { ReadText, Side } from "../rows/side.ts";
import type { TableShape } from "../rows/table-shape.ts";

export interface Present {
  /** All its queries must see the state that was measured. */
  readonly d1: D1Database;
  readonly codec: Codec;
  /** The manifest that a snapshot of the present would have. All its files were chosen, also if there are none. */
  readonly measured: Pick<Manifest, "database" | "files">;
}

/** Proves each chunk that it reads. @throws OpsError SNAPSHOT_INCOMPLETE if a table has changed since it was measured */
export async function presentSide({ d1, codec, measured }: Present): Promise<Side> {
  const { database, files } = measured;
  const shapes = database === null ? [] : (await readSource(d1)).tables;
  return {
    database,
    files,
    reader(table, planned) {
      const shape = shapes.find(({ name }) => name === table.name);
      if (shape === undefined) throw moved(table);
      const atOnce = AT_ONCE[database?.source.place ?? "local"];
      return tableReader({ d1, codec, shape, table, atOnce, mayMove: false }, planned);
    },
  };
}

export interface TableSource extends Pick<Present, "d1" | "codec"> {
  readonly shape: TableShape;
  readonly table: SnapshotTable;
  /** Bytes that one request should bring. */
  readonly atOnce: number;
  /** True if rows may change while they are read. Then a range has the rows of its keys at the time of reading. */
  readonly mayMove: boolean;
}

/** A remote database needs time for each request, so one request reads several of the planned chunks. They are kept until they are needed. */
export function tableReader(source: TableSource, planned: readonly TableChunk[]): ReadText {
  const { codec, table, atOnce, mayMove } = source;
  const encoder = new TextEncoder();
  const places = new Map(planned.map((chunk, i) => [chunk, i]));
  let texts = new Map<TableChunk, string>();
  return async (chunk) => {
    if (!texts.has(chunk)) {
      const place = places.get(chunk) ?? 0;
      texts = await readTogether(source, together(planned.slice(place, place + MOST), atOnce));
    }
    const text = texts.get(chunk) ?? "";
    texts.delete(chunk);
    if (!mayMove && codec.digest(encoder.encode(text)) !== chunk.id) throw moved(table);
    return text;
  };
}

/** The first chunk, and as many as one request should bring. */
function together(chunks: readonly TableChunk[], atOnce: number): readonly TableChunk[] {
  let bytes = 0;
  const end = chunks.findIndex((chunk) => (bytes += chunk.bytes) > atOnce);
  return end === -1 ? chunks : chunks.slice(0, Math.max(1, end));
}

async function readTogether(
  { d1, shape, table }: TableSource,
  chunks: readonly TableChunk[],
): Promise<Map<TableChunk, string>> {
  const next = new Map(table.chunks.map((chunk, i) => [chunk, table.chunks[i + 1]?.from ?? null]));
  const ranges = chunks.map((chunk) => ({ from: chunk.from, to: next.get(chunk) ?? null }));
  const texts: string[] = [];
  for await (const { text } of readRanges(d1, shape, ranges)) texts.push(text);
  return new Map(chunks.map((chunk, i) => [chunk, texts[i] ?? ""]));
}

function moved({ name }: SnapshotTable): OpsError<"SNAPSHOT_INCOMPLETE"> {
  const reason = "its rows changed while it was compared";
  const message = `The table ${name} cannot be compared: ${reason}.`;
  const hint = "Run the command again while no other process writes to the database.";
  return new OpsError("SNAPSHOT_INCOMPLETE", { table: name, reason }, { message, hint });
}
