/** @module Reads a table range by range. Equal rows give equal ranges, whatever happened to the database before. */
import type { D1Database } from "../database/port.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import { isTooLarge, readBytesOf, readRowsOf } from "./read-rows.ts";
import { exactListText, listText, rowText } from "./row-text.ts";
import { beginsRange, inOrder, type KeyRange, type TableShape, within } from "./table-shape.ts";

export interface TableRange {
  /** See {@link TableChunk.from}. */
  readonly from: string | null;
  readonly rows: number;
  /** The text of SQL's `VALUES`. */
  readonly text: string;
}

/** The ranges of the first request, before their size is known. */
const FIRST = 16;

/**
 * Characters that one request should bring. A remote database answers in up to 50 MB, and each request takes time of its own. Much more
 * would need memory, and would stop a local database's event loop.
 */
export const AT_ONCE = 6_000_000;

/** @yields {TableRange} Each range that has rows, in the order of the key. */
export async function* readTable(
  d1: D1Database,
  shape: TableShape,
): AsyncGenerator<TableRange, void, undefined> {
  const edges = await readEdges(d1, shape);
  let [read, characters] = [0, 0];
  while (read <= edges.length) {
    const average = characters / read;
    const count = read === 0 ? FIRST : Math.ceil(AT_ONCE / Math.max(average, AT_ONCE / MOST));
    const ranges = rangesBetween(edges, read, count);
    for (const range of await readRanges(d1, shape, ranges)) {
      characters += range.text.length;
      if (range.rows > 0) yield range;
    }
    read += ranges.length;
  }
}

/** Ranges of one request, however small they are. */
export const MOST = 200;

/** Some of the ranges: one more than there are edges. */
function rangesBetween(edges: readonly string[], start: number, count: number): KeyRange[] {
  const number = Math.min(count, edges.length + 1 - start);
  return Array.from({ length: number }, (_, i) => ({
    from: edges[start + i - 1] ?? null,
    to: edges[start + i] ?? null,
  }));
}

/** The keys at which a range begins, as SQL literals. */
async function readEdges(d1: D1Database, shape: TableShape): Promise<string[]> {
  if (shape.key.length === 0) return [];
  const from = ` FROM ${quoteIdentifier(shape.name)} WHERE ${beginsRange(shape)}${inOrder(shape)}`;
  const read = async (list: string): Promise<string[]> =>
    (await d1.prepare(`SELECT ${list}${from}`).raw<[string]>()).map(([key]) => key);
  const keys = await read(listText(shape.key));
  if (!keys.some(isDoubtful)) return keys;
  const exact = await read(exactListText(shape.key));
  return keys.map((key, i) => (isDoubtful(key) ? (exact[i] ?? key) : key));
}

/** Text that is not UTF-8 arrives with this character. */
function isDoubtful(text: string): boolean {
  return text.includes("\uFFFD");
}

/** Reads ranges with one request, in their order. */
export async function readRanges(
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
      read.push(
        text !== null && isDoubtful(text)
          ? joinedRows(range, await readBytesOf(d1, shape, range))
          : { from: range.from, rows, text: text ?? "" },
      );
    }
    return read;
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const [range, ...others] = ranges;
    if (range === undefined) return [];
    if (others.length === 0) return [joinedRows(range, await readRowsOf(d1, shape, range))];
    // One of them is too large.
    const read: TableRange[] = [];
    for (const one of ranges) read.push(...(await readRanges(d1, shape, [one])));
    return read;
  }
}

function joinedRows({ from }: KeyRange, rows: readonly string[]): TableRange {
  return { from, rows: rows.length, text: rows.join(",\n") };
}

function joined(shape: TableShape, range: KeyRange): string {
  return (
    `SELECT count(*) AS rows, group_concat(v,char(44,10)) AS text FROM (SELECT ${rowText(shape.columns)} AS v ` +
    `FROM ${quoteIdentifier(shape.name)}${within(shape, range)}${inOrder(shape)})`
  );
}
