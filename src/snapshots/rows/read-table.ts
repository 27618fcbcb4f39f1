/** @module Reads a table range by range. Equal rows give equal ranges, whatever happened to the database before. */
import type { D1Database, D1PreparedStatement } from "../../database/port.ts";
import type { Target } from "../../report/report.ts";
import { quoteIdentifier } from "../../sql/quote.ts";
import { isTooLarge, readBytesOf, readRowsOf } from "./read-rows.ts";
import { exactListText, listText, plainRowText } from "./row-text.ts";
import {
  beginsRange,
  inOrder,
  keyList,
  type KeyRange,
  type TableShape,
  within,
} from "./table-shape.ts";

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
 * Characters that one request should bring. A remote database answers in up to 50 MB, and each request takes time of its own, but much more
 * would need memory. The requests of a local database take little time of their own, and stop this thread until they are answered.
 */
export const AT_ONCE: Readonly<Record<Target["place"], number>> = {
  local: 500_000,
  remote: 6_000_000,
};

/** @yields {TableRange} Each range that has rows, in the order of the key. */
export async function* readTable(
  d1: D1Database,
  shape: TableShape,
  place: Target["place"],
): AsyncGenerator<TableRange, void, undefined> {
  const atOnce = AT_ONCE[place];
  const edges = await readEdges(d1, shape);
  let [read, characters] = [0, 0];
  while (read <= edges.length) {
    const average = characters / read;
    const count = read === 0 ? FIRST : Math.ceil(atOnce / Math.max(average, atOnce / MOST));
    const ranges = rangesBetween(edges, read, count);
    for await (const range of readRanges(d1, shape, ranges)) {
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

/**
 * Characters of the text of a range. A range of rows of 2 MB would be longer than a text of JavaScript can be. It is larger than the texts that
 * D1 returns as a whole, so that equal rows give equal ranges, however they are read.
 */
const LARGEST = 32_000_000;

/** @yields {TableRange} Each range, read with one request, in their order. A range that is too large gives several, which begin at the keys of their first rows. */
export async function* readRanges(
  d1: D1Database,
  shape: TableShape,
  ranges: readonly KeyRange[],
): AsyncGenerator<TableRange, void, undefined> {
  const answers = await readJoined(d1, shape, ranges);
  const [only, ...others] = ranges;
  if (answers === null && only !== undefined && others.length === 0) {
    yield* piecesOf(d1, shape, only);
    return;
  }
  for (const [i, range] of ranges.entries()) {
    // If they could not be read together, one of them is too large.
    if (answers === null) yield* readRanges(d1, shape, [range]);
    else {
      const { rows = 0, text = null, plain = 1 } = answers[i] ?? {};
      const isExact = text === null || (plain === 1 && !isDoubtful(text));
      if (isExact) yield { from: range.from, rows, text: text ?? "" };
      else yield* exactRange(d1, shape, range);
    }
  }
}

interface JoinedRows {
  readonly rows: number;
  readonly text: string | null;
  /** 1 if the text has no NUL character. */
  readonly plain: number | null;
}

/** Null if a text is too large. */
async function readJoined(
  d1: D1Database,
  shape: TableShape,
  ranges: readonly KeyRange[],
): Promise<(JoinedRows | undefined)[] | null> {
  try {
    const queries = ranges.map((range) => joined(d1, shape, range));
    return (await d1.batch<JoinedRows>(queries)).map(({ results }) => results[0]);
  } catch (error) {
    if (isTooLarge(error)) return null;
    throw error;
  }
}

async function* exactRange(
  d1: D1Database,
  shape: TableShape,
  range: KeyRange,
): AsyncGenerator<TableRange, void, undefined> {
  const rows = await readBytesOf(d1, shape, range);
  if (rows === null) yield* piecesOf(d1, shape, range);
  else yield joinedRows(range.from, rows);
}

/** @yields {TableRange} The parts of a range that is read row by row. */
async function* piecesOf(
  d1: D1Database,
  shape: TableShape,
  range: KeyRange,
): AsyncGenerator<TableRange, void, undefined> {
  let { from } = range;
  let rows: string[] = [];
  let characters = 0;
  for await (const { key, text } of readRowsOf(d1, shape, range)) {
    const isFull = rows.length > 0 && characters + text.length > LARGEST;
    if (isFull && key !== null && (await isAlone(d1, shape, key))) {
      yield joinedRows(from, rows);
      [from, rows, characters] = [key, [], 0];
    }
    rows.push(text);
    characters += text.length;
  }
  yield joinedRows(from, rows);
}

/** False if another row has a key that is equal in the collation of its columns: no condition would divide the two. */
async function isAlone(d1: D1Database, shape: TableShape, key: string): Promise<boolean> {
  if (shape.numbered) return true;
  const sql = `SELECT count(*) AS rows FROM ${quoteIdentifier(shape.name)} WHERE (${keyList(shape)})=(${key})`;
  return (await d1.prepare(sql).first<{ rows: number }>())?.rows === 1;
}

function joinedRows(from: string | null, rows: readonly string[]): TableRange {
  return { from, rows: rows.length, text: rows.join(",\n") };
}

/** SQLite's `format()` cuts a text at its first NUL. Finding it in the text of the range takes less time than in each value. */
function joined(d1: D1Database, shape: TableShape, range: KeyRange): D1PreparedStatement {
  const { where, params } = within(shape, range);
  const rows =
    `SELECT ${plainRowText(shape.columns)} AS v ` +
    `FROM ${quoteIdentifier(shape.name)}${where}${inOrder(shape)}`;
  const texts = `SELECT count(*) AS rows, group_concat(v,char(44,10)) AS text FROM (${rows})`;
  return d1
    .prepare(`SELECT rows, text, text=format('%s',text) AS plain FROM (${texts})`)
    .bind(...params);
}
