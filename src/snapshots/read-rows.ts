/** @module Reads rows that are too large to be read together, or contain text that is not UTF-8: each value by itself, in pieces. */
import type { D1Database } from "../database/port.ts";
import { refusalOf } from "../failure/kind.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import { exactListText, literalOf, readable, rowText, valueText } from "./row-text.ts";
import { OpsError } from "./errors.ts";
import {
  LONGEST_KEY,
  inOrder,
  type KeyRange,
  type TableShape,
  within,
  withKey,
} from "./table-shape.ts";

/** The texts of the rows of a range that has text that is not UTF-8, in the order of the key. */
export async function readBytesOf(
  d1: D1Database,
  shape: TableShape,
  range: KeyRange,
): Promise<string[]> {
  const sql = `SELECT '('||${exactListText(shape.columns)}||')' FROM ${quoteIdentifier(shape.name)}${within(shape, range)}${inOrder(shape)}`;
  try {
    return (await d1.prepare(sql).raw<[string]>()).map(([row]) => readable(row));
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    return readRowsOf(d1, shape, range);
  }
}

/** The texts of the rows of a range whose values are too large to be read together, in the order of the key. */
export async function readRowsOf(
  d1: D1Database,
  shape: TableShape,
  limits: KeyRange,
): Promise<string[]> {
  if (shape.key.length === 0) throw withoutKey(shape);
  const from = ` FROM ${quoteIdentifier(shape.name)}`;
  const range = `${from}${within(shape, limits)}${inOrder(shape)}`;
  const keys = await d1
    .prepare(
      `SELECT CASE WHEN length(k)<=${LONGEST_KEY} THEN k END FROM (SELECT ${exactListText(shape.key)} AS k${range})`,
    )
    .raw<[string | null]>();
  const rows: string[] = [];
  for (const [i, [key]] of keys.entries()) {
    const one = key === null ? `${range} LIMIT 1 OFFSET ${i}` : `${from}${withKey(shape, key)}`;
    rows.push(await readRow(d1, shape.columns, one));
  }
  return rows;
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
