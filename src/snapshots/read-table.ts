/** @module Reads a table range by range. Equal rows give equal ranges, whatever happened to the database before. */
import type { D1Database } from "../database/port.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import { isTooLarge, readRowsOf } from "./read-rows.ts";
import { listText, rowText } from "./row-text.ts";
import { beginsRange, inOrder, type KeyRange, type TableShape, within } from "./table-shape.ts";

export interface TableRange {
  /** See {@link TableChunk.from}. */
  readonly from: string | null;
  readonly rows: number;
  /** The text of SQL's `VALUES`. */
  readonly text: string;
}

/** The ranges that are read at once. */
const AT_ONCE = 16;

/** @yields {TableRange} Each range that has rows, in the order of the key. */
export async function* readTable(
  d1: D1Database,
  shape: TableShape,
): AsyncGenerator<TableRange, void, undefined> {
  const edges = await readEdges(d1, shape);
  for (let at = 0; at <= edges.length; at += AT_ONCE) {
    const ranges = Array.from({ length: Math.min(AT_ONCE, edges.length + 1 - at) }, (_, i) => ({
      from: edges[at + i - 1] ?? null,
      to: edges[at + i] ?? null,
    }));
    for (const range of await readRanges(d1, shape, ranges)) if (range.rows > 0) yield range;
  }
}

/** The keys at which a range begins, as SQL literals. */
async function readEdges(d1: D1Database, shape: TableShape): Promise<string[]> {
  if (shape.key.length === 0) return [];
  const rows = await d1
    .prepare(
      `SELECT ${listText(shape.key)} FROM ${quoteIdentifier(shape.name)} WHERE ${beginsRange(shape)}${inOrder(shape)}`,
    )
    .raw<[string]>();
  return rows.map(([key]) => key);
}

async function readRanges(
  d1: D1Database,
  shape: TableShape,
  ranges: readonly KeyRange[],
): Promise<TableRange[]> {
  const queries = ranges.map((range) => d1.prepare(joined(shape, range)));
  try {
    const answers = await d1.batch<{ rows: number; text: string | null }>(queries);
    const read: TableRange[] = [];
    for (const [i, range] of ranges.entries()) {
      const { rows = 0, text = null } = answers[i]?.results[0] ?? {};
      // Text that is not UTF-8 arrives with this character.
      read.push(
        text?.includes("\uFFFD") === true
          ? await readExactly(d1, shape, range)
          : { from: range.from, rows, text: text ?? "" },
      );
    }
    return read;
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const read: TableRange[] = [];
    for (const range of ranges) read.push(await readExactly(d1, shape, range));
    return read;
  }
}

/** Row by row, and large values in pieces. */
async function readExactly(
  d1: D1Database,
  shape: TableShape,
  range: KeyRange,
): Promise<TableRange> {
  const rows = await readRowsOf(d1, shape, range);
  return { from: range.from, rows: rows.length, text: rows.join(",\n") };
}

function joined(shape: TableShape, range: KeyRange): string {
  return (
    `SELECT count(*) AS rows, group_concat(v,char(44,10)) AS text FROM (SELECT ${rowText(shape.columns)} AS v ` +
    `FROM ${quoteIdentifier(shape.name)}${within(shape, range)}${inOrder(shape)})`
  );
}
