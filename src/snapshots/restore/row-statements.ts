/** @module The statements that write rows of a snapshot into a table of D1, each below D1's limit of 100,000 bytes. */
import { quoteIdentifier } from "../../sql/quote.ts";
import { bytesOfHex } from "../store/bytes.ts";
import type { Row } from "../rows/join-rows.ts";
import { hexIn, textOfLiteral } from "../rows/literal.ts";
import { keyList, type TableShape, withKey } from "../rows/table-shape.ts";

export interface RowStatement {
  readonly sql: string;
  readonly params: readonly (string | Uint8Array)[];
}

/** Rows as SQL literals, in the order of the columns. */
export interface RowChanges {
  readonly removed: readonly Row[];
  readonly changed: readonly Row[];
  readonly added: readonly Row[];
}

/** Bytes of the rows of a statement. */
const LONGEST = 80_000;

/** The length of a literal that becomes a parameter if the row is too long for a statement. 100 of them fit, and D1 allows 100 columns. */
const LONG_LITERAL = 200;

/** No statement fires an ON DELETE action for a row that the snapshot has: a changed row is updated. */
export function statementsOf(shape: TableShape, changes: RowChanges): RowStatement[] {
  const { removed, changed, added } = changes;
  return [...deletions(shape, removed), ...updates(shape, changed), ...insertions(shape, added)];
}

function deletions(shape: TableShape, rows: readonly Row[]): RowStatement[] {
  const from = `DELETE FROM ${quoteIdentifier(shape.name)}`;
  const key = keyOf(shape);
  if (shape.numbered) {
    const keys = rows.map((row) => key(row).join(","));
    return packed(keys, (some) => `${from} WHERE ${keyList(shape)} IN (${some.join(",")})`);
  }
  return rows.map((row) => {
    const literals = parametersFor(key(row));
    return { sql: `${from}${withKey(shape, literals.text)}`, params: literals.params };
  });
}

/** OR REPLACE deletes rows that have a unique value of the new row. The snapshot does not have them, or has other values for them. */
function updates(shape: TableShape, rows: readonly Row[]): RowStatement[] {
  const { name, columns, key } = shape;
  const table = quoteIdentifier(name);
  const others = columns
    .map((column, i) => ({ column, i }))
    .filter((one) => !isKey(shape, one.column));
  const update = `UPDATE OR REPLACE ${table} SET `;
  const single = (row: Row): RowStatement => {
    const literals = parametersFor([...keyOf(shape)(row), ...others.map(({ i }) => row[i] ?? "")]);
    const [values, keys] = [
      literals.values.slice(key.length),
      literals.values.slice(0, key.length),
    ];
    const set = others.map(({ column }, i) => `${quoteIdentifier(column)}=${values[i]}`).join(",");
    return { sql: `${update}${set}${withKey(shape, keys.join(","))}`, params: literals.params };
  };
  if (!shape.numbered) return rows.map(single);
  const set = others
    .map(({ column, i }) => `${quoteIdentifier(column)}=${NEW}.column${i + 1}`)
    .join(",");
  const same = `${table}.${keyList(shape)}=${NEW}.column${columns.findIndex((one) => isKey(shape, one)) + 1}`;
  return rowByRow(
    rows,
    single,
    (some) => `${update}${set} FROM (VALUES ${some.join(",")}) AS ${NEW} WHERE ${same}`,
  );
}

/** No table has this name by chance. */
const NEW = '"the new row"';

function insertions({ name, columns }: TableShape, rows: readonly Row[]): RowStatement[] {
  const insert = `INSERT OR REPLACE INTO ${quoteIdentifier(name)}(${columns.map(quoteIdentifier).join(",")}) VALUES `;
  const single = (row: Row): RowStatement => {
    const { text, params } = parametersFor(row);
    return { sql: `${insert}(${text})`, params };
  };
  return rowByRow(rows, single, (some) => insert + some.join(","));
}

function isKey({ key }: TableShape, column: string): boolean {
  return key.includes(column);
}

function keyOf({ columns, key }: TableShape): (row: Row) => string[] {
  const places = key.map((column) => columns.indexOf(column));
  return (row) => places.map((place) => row[place] ?? "");
}

/** Several rows per statement. A row that is too long has a statement of its own. */
function rowByRow(
  rows: readonly Row[],
  single: (row: Row) => RowStatement,
  several: (texts: readonly string[]) => string,
): RowStatement[] {
  const texts = rows.map((row) => ({ row, text: `(${row.join(",")})` }));
  const short = texts.filter(({ text }) => sizeOf(text) <= LONGEST);
  const long = texts.filter(({ text }) => sizeOf(text) > LONGEST);
  return [
    ...packed(
      short.map(({ text }) => text),
      several,
    ),
    ...long.map(({ row }) => single(row)),
  ];
}

function packed(
  texts: readonly string[],
  statement: (texts: readonly string[]) => string,
): RowStatement[] {
  const groups: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    const added = sizeOf(text) + 1;
    if (bytes + added > LONGEST) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(text);
    bytes += added;
  }
  return groups.map((group) => ({ sql: statement(group), params: [] }));
}

const encoder = new TextEncoder();

function sizeOf(text: string): number {
  return encoder.encode(text).length;
}

interface Literals {
  /** Literals, or expressions with a parameter. */
  readonly values: readonly string[];
  /** `values`, with commas between them. */
  readonly text: string;
  readonly params: readonly (string | Uint8Array)[];
}

/** Long literals become parameters if the row is too long for a statement. */
function parametersFor(row: readonly string[]): Literals {
  const isLong = sizeOf(row.join(",")) > LONGEST / 2;
  const params: (string | Uint8Array)[] = [];
  const values = row.map((literal) => {
    if (!isLong || literal.length <= LONG_LITERAL) return literal;
    const value = valueOf(literal);
    params.push(value);
    const parameter = `?${params.length}`;
    return literal.startsWith("CAST(") ? `CAST(${parameter} AS TEXT)` : parameter;
  });
  return { values, text: values.join(","), params };
}

/** The value of a long literal, which is a text or bytes. */
function valueOf(literal: string): string | Uint8Array {
  const hex = hexIn(literal);
  return hex === null ? (textOfLiteral(literal) ?? literal) : bytesOfHex(hex);
}
