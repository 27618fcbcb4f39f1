/** @module Stores the tables of a database. */
import type { D1Database } from "../database/port.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import type { ChunkWriter, Prepared } from "./chunk-writer.ts";
import type { Codec } from "./codec.ts";
import { digestOfChunks } from "./content-digest.ts";
import { OpsError } from "./errors.ts";
import type { Chunk, SnapshotDatabase, SnapshotTable, TableChunk } from "./manifest.ts";
import { readSource, type Source } from "./read-source.ts";
import { Pipeline } from "./pipeline.ts";
import { readTable, type TableRange } from "./read-table.ts";
import type { TableShape } from "./table-shape.ts";

export interface DatabaseSource extends Pick<
  SnapshotDatabase,
  "source" | "bookmark" | "migration"
> {
  /** All its queries must see the same state of the database. */
  readonly d1: D1Database;
}

export interface DatabaseTake {
  readonly codec: Codec;
  readonly chunks: ChunkWriter;
  /** The same database in the previous snapshot. */
  readonly before: SnapshotDatabase | null;
  readonly onRows: (done: number, total: number) => void;
}

/** @throws OpsError SNAPSHOT_INCOMPLETE, and those of the database and the store */
export async function takeDatabase(
  take: DatabaseTake,
  { d1, source, bookmark, migration }: DatabaseSource,
): Promise<SnapshotDatabase> {
  const { schema, tables: shapes } = await readSource(d1);
  const counts = await countRows(d1, shapes);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const tables: SnapshotTable[] = [];
  let done = 0;
  for (const [i, shape] of shapes.entries()) {
    const onRows = (rows: number): void => take.onRows((done += rows), total);
    const table = await takeTable({ ...take, onRows }, d1, shape);
    if (table.rows !== counts[i]) throw incomplete(table, counts[i] ?? 0);
    tables.push(table);
  }
  return { source, bookmark, migration, schema, tables };
}

async function countRows(d1: D1Database, shapes: Source["tables"]): Promise<number[]> {
  if (shapes.length === 0) return [];
  const answers = await d1.batch<{ rows: number }>(
    shapes.map(({ name }) => d1.prepare(`SELECT count(*) AS rows FROM ${quoteIdentifier(name)}`)),
  );
  return answers.map(({ results }) => results[0]?.rows ?? 0);
}

interface TableProgress {
  readonly onRows: (rows: number) => void;
}

interface PreparedRange {
  readonly range: Omit<TableRange, "text">;
  readonly prepared: Prepared;
}

async function takeTable(
  { codec, chunks, before: database, onRows }: Omit<DatabaseTake, "onRows"> & TableProgress,
  d1: D1Database,
  shape: TableShape,
): Promise<SnapshotTable> {
  const encoder = new TextEncoder();
  const before = database?.tables.find(({ name }) => name === shape.name);
  const byKey = new Map(before?.chunks.map((chunk) => [chunk.from, chunk]));
  const taken: TableChunk[] = [];
  const pipeline = new Pipeline<PreparedRange>(async ({ range: { rows, from }, prepared }) => {
    taken.push({ ...(await chunks.store(prepared)), rows, from });
    onRows(rows);
  });
  let rows = 0;
  let nearest: Chunk | null = null;
  for await (const range of readTable(d1, shape)) {
    // If the range has no predecessor, its rows were probably part of the range before it.
    nearest = byKey.get(range.from) ?? nearest;
    const content = encoder.encode(range.text);
    const preparing = chunks.prepare(content, nearest);
    await pipeline.add(
      content.length,
      preparing.then((prepared) => ({ range, prepared })),
    );
    rows += range.rows;
  }
  await pipeline.finish();
  return {
    name: shape.name,
    columns: shape.columns,
    rows,
    digest: digestOfChunks(codec, taken),
    chunks: taken,
  };
}

/** Not a fault of the user: the database did not return all of its rows. */
function incomplete(
  { name, rows }: SnapshotTable,
  counted: number,
): OpsError<"SNAPSHOT_INCOMPLETE"> {
  const reason = `it has ${counted} rows, and ${rows} of them could be read`;
  return new OpsError(
    "SNAPSHOT_INCOMPLETE",
    { table: name, reason },
    {
      message: `The table ${name} cannot be part of a snapshot: ${reason}.`,
      hint: "Check the database with `PRAGMA quick_check`. If it is intact, report this as a bug of d1ops.",
    },
  );
}
