/** @module Stores the tables of a database. */
import type { D1Database, Database } from "../../database/port.ts";
import type { Target } from "../../report/report.ts";
import { quoteIdentifier } from "../../sql/quote.ts";
import { release } from "../store/bytes.ts";
import type { ChunkWriter, Prepared } from "./chunk-writer.ts";
import type { Codec } from "../store/codec.ts";
import { digestOf, digestOfChunks } from "./content-digest.ts";
import { OpsError } from "../errors.ts";
import type { Chunk, SnapshotDatabase, SnapshotTable, TableChunk } from "../store/manifest.ts";
import { readSource, type Source } from "../rows/read-source.ts";
import { Pipeline } from "./pipeline.ts";
import { readTable, type TableRange } from "../rows/read-table.ts";
import type { TableShape } from "../rows/table-shape.ts";

export interface DatabaseSource extends Pick<
  SnapshotDatabase,
  "source" | "migration" | "exported"
> {
  /** Without a bookmark, all its queries must see the same state of the database. */
  readonly d1: D1Database;
  /** Reads the current bookmark of Time Travel. Null if the database has none. */
  readonly bookmark: Database["bookmark"];
  /** Returns what is stored of each range of a table, in its order. Null: the table is stored without rows. Default: everything. */
  readonly rewrite?: (table: TableShape) => ((text: string) => string) | null;
}

export interface DatabaseTake {
  readonly codec: Codec;
  readonly chunks: ChunkWriter;
  /** The same database in the previous snapshot. */
  readonly before: SnapshotDatabase | null;
  readonly onRows: (done: number, total: number) => void;
}

/** A database that changes all the time is read this often. */
const ATTEMPTS = 3;

/**
 * Proves that all tables are of one moment: the bookmark is the same after the last read as before the first one. Otherwise it reads
 * again. Two equal readings prove it, too: the database had this content between them.
 * @throws OpsError SNAPSHOT_INCOMPLETE, and those of the database and the store
 */
export async function takeDatabase(
  take: DatabaseTake,
  database: DatabaseSource,
): Promise<SnapshotDatabase> {
  const { source, migration, exported } = database;
  const bookmark = database.bookmark ?? (async () => null);
  let before = await bookmark();
  let content = await readDatabase(take, database);
  let consistent = false;
  for (let reading = 1; ; reading += 1) {
    const after = await bookmark();
    consistent ||= after === before;
    if (consistent || reading === ATTEMPTS) break;
    before = after;
    const next = await readDatabase(take, database);
    consistent = isSame(take.codec, content, next);
    content = next;
  }
  const { schema, tables, counts } = content;
  if (consistent) refuseIncomplete(tables, counts);
  const made = exported === undefined ? {} : { exported };
  return { source, migration, bookmark: before, consistent, ...made, schema, tables };
}

export interface Reading extends Pick<SnapshotDatabase, "schema" | "tables"> {
  /** The rows of each table before it was read. */
  readonly counts: readonly number[];
}

function isSame(codec: Codec, one: Reading, other: Reading): boolean {
  return digestOf(codec, one, []) === digestOf(codec, other, []);
}

/** One reading, which does not prove that all tables are of one moment. */
export async function readDatabase(
  take: DatabaseTake,
  {
    d1,
    source: { place },
    rewrite = () => UNCHANGED,
  }: Pick<DatabaseSource, "d1" | "rewrite"> & { readonly source: Pick<Target, "place"> },
): Promise<Reading> {
  const { schema, tables: shapes } = await readSource(d1);
  const rewrites = new Map(shapes.map((shape) => [shape, rewrite(shape)]));
  const stored = await countRows(d1, shapes);
  const counts = shapes.map((shape, i) => (rewrites.get(shape) === null ? 0 : (stored[i] ?? 0)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const tables: SnapshotTable[] = [];
  let done = 0;
  for (const shape of shapes) {
    const onRows = (rows: number): void => take.onRows((done += rows), total);
    const textOf = rewrites.get(shape) ?? null;
    const ranges = textOf === null ? [] : readTable(d1, shape, place);
    tables.push(await takeTable({ ...take, onRows, textOf: textOf ?? UNCHANGED }, shape, ranges));
  }
  return { schema, tables, counts };
}

async function countRows(d1: D1Database, shapes: Source["tables"]): Promise<number[]> {
  if (shapes.length === 0) return [];
  const answers = await d1.batch<{ rows: number }>(
    shapes.map(({ name }) => d1.prepare(`SELECT count(*) AS rows FROM ${quoteIdentifier(name)}`)),
  );
  return answers.map(({ results }) => results[0]?.rows ?? 0);
}

export const UNCHANGED = (text: string): string => text;

export interface TableTake extends Omit<DatabaseTake, "onRows"> {
  readonly onRows: (rows: number) => void;
  readonly textOf: (text: string) => string;
}

interface PreparedRange {
  readonly range: Omit<TableRange, "text">;
  readonly content: Uint8Array;
  readonly prepared: Prepared;
}

export async function takeTable(
  { codec, chunks, before: database, onRows, textOf }: TableTake,
  shape: TableShape,
  ranges: AsyncIterable<TableRange> | readonly TableRange[],
): Promise<SnapshotTable> {
  const encoder = new TextEncoder();
  const before = database?.tables.find(({ name }) => name === shape.name);
  const byKey = new Map(before?.chunks.map((chunk) => [chunk.from, chunk]));
  const taken: TableChunk[] = [];
  const pipeline = new Pipeline<PreparedRange>(
    async ({ range: { rows, from }, content, prepared }) => {
      release(content);
      taken.push({ ...(await chunks.store(prepared)), rows, from });
      onRows(rows);
    },
  );
  let total = 0;
  let nearest: Chunk | null = null;
  for await (const { from, rows, text } of ranges) {
    // If the range has no predecessor, its rows were probably part of the range before it.
    nearest = byKey.get(from) ?? nearest;
    const content = encoder.encode(textOf(text));
    const preparing = chunks.prepare(content, nearest);
    await pipeline.add(
      content.length,
      preparing.then((prepared) => ({ range: { from, rows }, content, prepared })),
    );
    total += rows;
  }
  await pipeline.finish();
  return {
    name: shape.name,
    columns: shape.columns,
    key: shape.key,
    rows: total,
    digest: digestOfChunks(codec, taken),
    chunks: taken,
  };
}

/** Fails if the database did not return all of its rows, as it may if it is damaged. */
function refuseIncomplete(tables: readonly SnapshotTable[], counts: readonly number[]): void {
  const index = tables.findIndex(({ rows }, i) => rows !== counts[i]);
  const table = tables[index];
  if (table === undefined) return;
  const reason = `it has ${counts[index]} rows, and ${table.rows} of them could be read`;
  throw new OpsError(
    "SNAPSHOT_INCOMPLETE",
    { table: table.name, reason },
    {
      message: `The table ${table.name} cannot be part of a snapshot: ${reason}.`,
      hint: "Check the database with `PRAGMA quick_check`. If it is intact, report this as a bug of d1ops.",
    },
  );
}
