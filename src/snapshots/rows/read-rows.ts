/** @module Reads rows that are too large to be read together, or contain text that is not UTF-8 or has a NUL character: each value by itself, in pieces. */
import type { D1Database } from "../../database/port.ts";
import { refusalOf } from "../../failure/kind.ts";
import { quoteIdentifier } from "../../sql/quote.ts";
import { literalOf } from "./literal.ts";
import { exactListText, readable, rowText, valueText } from "./row-text.ts";
import { OpsError } from "../errors.ts";
import {
  LONGEST_KEY,
  inOrder,
  type KeyRange,
  type TableShape,
  within,
  withKey,
} from "./table-shape.ts";

/** The texts of the rows of a range that has text that is not UTF-8 or has a NUL character, in the order of the key. Null if they are too large together. */
export async function readBytesOf(
  d1: D1Database,
  shape: TableShape,
  range: KeyRange,
): Promise<string[] | null> {
  const { where, params } = within(shape, range);
  const sql = `SELECT '('||${exactListText(shape.columns)}||')' FROM ${quoteIdentifier(shape.name)}${where}${inOrder(shape)}`;
  try {
    const rows = await d1
      .prepare(sql)
      .bind(...params)
      .raw<[string]>();
    return rows.map(([row]) => readable(row));
  } catch (error) {
    if (isTooLarge(error)) return null;
    throw error;
  }
}

export interface KeyedRow {
  /** As SQL literals. Null if they are longer than {@link LONGEST_KEY}. */
  readonly key: string | null;
  readonly text: string;
}

/**
 * @yields {KeyedRow} The rows of a range whose values are too large to be read together, in the order of the key.
 * @throws OpsError SNAPSHOT_INCOMPLETE
 */
export async function* readRowsOf(
  d1: D1Database,
  shape: TableShape,
  limits: KeyRange,
): AsyncGenerator<KeyedRow, void, undefined> {
  if (shape.key.length === 0) throw withoutKey(shape);
  const from = ` FROM ${quoteIdentifier(shape.name)}`;
  const { where, params } = within(shape, limits);
  const range = `${from}${where}${inOrder(shape)}`;
  const keys = await orTooLarge(shape, null, async () =>
    d1
      .prepare(
        `SELECT CASE WHEN length(k)<=${LONGEST_KEY} THEN k END FROM (SELECT ${exactListText(shape.key)} AS k${range})`,
      )
      .bind(...params)
      .raw<[string | null]>(),
  );
  for (const [i, [exact]] of keys.entries()) {
    // Only a key that is no integer can be too long, so `range` has no parameters then.
    const one = exact === null ? `${range} LIMIT 1 OFFSET ${i}` : `${from}${withKey(shape, exact)}`;
    const key = exact === null ? null : readable(exact);
    const text = await orTooLarge(shape, key, async () => readRow(d1, shape.columns, one));
    yield { key, text };
  }
}

/** A value that is longer than D1's limit cannot be read in pieces either. A file that other programs write may have one. */
async function orTooLarge<T>(
  { name, key: columns }: TableShape,
  key: string | null,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const row = key === null ? "one of its rows" : `the row with ${columns.join(", ")} ${key}`;
    const reason = `${row} has a value that is larger than D1 can read`;
    throw new OpsError(
      "SNAPSHOT_INCOMPLETE",
      { table: name, reason },
      {
        message: `The table ${name} cannot be part of a snapshot: ${reason}.`,
        hint: "D1 allows 2,000,000 bytes in a value, and `wrangler dev` about 8,388,000. Replace the value by a smaller one, with a program that has no such limit, such as the sqlite3 shell.",
      },
      { cause: error },
    );
  }
}

/** `where` ends a query that finds only this row. It begins with ` FROM `. */
async function readRow(d1: D1Database, columns: readonly string[], where: string): Promise<string> {
  const whole = await textOrNull(d1, `SELECT ${rowText(columns)}${where}`);
  if (whole !== null) return whole;
  const values: string[] = [];
  for (const column of columns) {
    const value = await textOrNull(d1, `SELECT ${valueText(column)}${where}`);
    values.push(value ?? (await readValue(d1, column, where)));
  }
  return `(${values.join(",")})`;
}

/** Null if the text is too large, or is not UTF-8. */
async function textOrNull(d1: D1Database, sql: string): Promise<string | null> {
  try {
    const [[text] = [null]] = await d1.prepare(sql).raw<[string]>();
    return text === null || text.includes("\uFFFD") ? null : text;
  } catch (error) {
    if (isTooLarge(error)) return null;
    throw error;
  }
}

/** Bytes of a piece. Its hexadecimal text is below D1's limit of two million bytes. */
const PIECE = 900_000;

async function readValue(d1: D1Database, column: string, where: string): Promise<string> {
  const name = quoteIdentifier(column);
  const about = await d1
    .prepare(`SELECT typeof(${name}) AS type, length(CAST(${name} AS BLOB)) AS bytes${where}`)
    .first<{ type: string; bytes: number }>();
  const { type = "text", bytes = 0 } = about ?? {};
  let hex = "";
  for (let at = 0; at < bytes; at += PIECE) {
    const sql = `SELECT hex(substr(CAST(${name} AS BLOB),${at + 1},${PIECE}))${where}`;
    const [[piece] = [""]] = await d1.prepare(sql).raw<[string]>();
    hex += piece;
  }
  return literalOf({ type: type === "blob" ? "blob" : "text", hex });
}

/** D1 limits the size of a text. */
export function isTooLarge(error: unknown): boolean {
  return /too big/i.test(refusalOf(error)?.reason ?? "");
}

function withoutKey({ name }: TableShape): OpsError<"SNAPSHOT_INCOMPLETE"> {
  const reason = "it has columns named rowid, _rowid_ and oid, so nothing tells its rows apart";
  return new OpsError(
    "SNAPSHOT_INCOMPLETE",
    { table: name, reason },
    {
      message: `The table ${name} cannot be read in parts: ${reason}. It is too large to be read at once.`,
      hint: `Rename one of these columns of ${name}, or give the table an INTEGER PRIMARY KEY.`,
    },
  );
}
