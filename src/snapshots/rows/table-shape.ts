/** @module How the rows of a table are read: its columns, the key that orders them, and where a range of rows ends. */
import type { ColumnRow, IndexRow, ListRow, Rows } from "../../schema/rows.ts";
import { quoteIdentifier, sameIdentifier, upperCase } from "../../sql/quote.ts";
import { listText } from "./row-text.ts";

export interface TableShape {
  readonly name: string;
  /** See {@link SnapshotTable.columns}. */
  readonly columns: readonly string[];
  /** The columns that order the rows, and differ in each row. Empty if the names of the rowid are all names of other columns. */
  readonly key: readonly string[];
  /** True if the key is one integer. */
  readonly numbered: boolean;
}

const NAMES_OF_THE_ROWID = ["rowid", "_rowid_", "oid"];

/** The tables that have rows of their own, by name. SQLite's own tables come last. */
export function shapesOf(rows: Rows): TableShape[] {
  const columns = Map.groupBy(rows.columns, ({ owner }) => owner);
  const indexes = Map.groupBy(rows.indexes, ({ owner }) => owner);
  return rows.list
    .filter(({ type, name }) => (type === "table" || type === "shadow") && isKept(name))
    .map((table) => shapeOf(table, columns.get(table.name) ?? [], indexes.get(table.name) ?? []))
    .toSorted((a, b) => Number(isOfSqlite(a.name)) - Number(isOfSqlite(b.name)) || order(a, b));
}

/** SQLite lists the tables in an order of its own, which differs between two equal databases. */
function order(a: TableShape, b: TableShape): number {
  return a.name < b.name ? -1 : 1;
}

/** `sqlite_schema` is the schema itself, and the tables of Cloudflare belong to the platform. */
function isKept(name: string): boolean {
  return !/^(?:_cf_|sqlite_(?:temp_)?(?:schema|master)$)/i.test(name);
}

function isOfSqlite(name: string): boolean {
  return /^sqlite_/i.test(name);
}

function shapeOf(
  { name, wr }: ListRow,
  columns: readonly ColumnRow[],
  indexes: readonly IndexRow[],
): TableShape {
  const stored = columns.filter(({ hidden }) => hidden === 0).map((column) => column.name);
  const primary = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
  const names = primary.map((column) => column.name);
  if (wr === 1) return { name, columns: stored, key: names, numbered: false };
  const [only, ...others] = primary;
  // SQLite makes no index for a key that is the rowid itself.
  const isRowid =
    only !== undefined &&
    others.length === 0 &&
    upperCase(only.type) === "INTEGER" &&
    indexes.every(({ origin }) => origin !== "pk");
  if (isRowid) return { name, columns: stored, key: [only.name], numbered: true };
  const rowid = NAMES_OF_THE_ROWID.find((free) =>
    columns.every((column) => !sameIdentifier(column.name, free)),
  );
  if (rowid === undefined) return { name, columns: stored, key: [], numbered: false };
  return { name, columns: [rowid, ...stored], key: [rowid], numbered: true };
}

/** How the rows of a virtual table are read. Those of an R-tree have their key in the first column, others in the rowid. */
export function virtualShapeOf(name: string, rows: Rows, hasKey: boolean): TableShape {
  const columns = rows.columns
    .filter(({ owner, hidden }) => owner === name && hidden === 0)
    .map((column) => column.name);
  const key = hasKey ? columns.slice(0, 1) : ["rowid"];
  return { name, columns: hasKey ? columns : [...key, ...columns], key, numbered: true };
}

/** The columns of the key, for comparisons. */
export function keyList({ key }: TableShape): string {
  return key.map(quoteIdentifier).join(",");
}

/**
 * The order of the rows, with ` ORDER BY `. Rows that are equal in the collation of a column have one order, too. The names are qualified,
 * because SQLite orders by a result column of the query that has the same name.
 */
export function inOrder(shape: TableShape): string {
  const { name: table, key, columns, numbered } = shape;
  const names = (key.length === 0 ? columns : key).map(
    (column) => `${quoteIdentifier(table)}.${quoteIdentifier(column)}`,
  );
  const exact = numbered || key.length === 0 ? [] : names.map((name) => `${name} COLLATE BINARY`);
  return ` ORDER BY ${[...names, ...exact].join(",")}`;
}

function exactKeyList({ key }: TableShape): string {
  return key.map((name) => `${quoteIdentifier(name)} COLLATE BINARY`).join(",");
}

/** Rows with these keys, as SQL literals: from `from`, which is included, to `to`, which is not. Null: no limit. */
export interface KeyRange {
  readonly from: string | null;
  readonly to: string | null;
}

/** The end of a query, and the values of its parameters. */
export interface Condition {
  readonly where: string;
  readonly params: readonly string[];
}

/**
 * The condition for the rows of a range, with ` WHERE `. A key that is one integer is a parameter, so that SQLite compiles one query for all
 * ranges. It is bound as a text, because D1 binds numbers as reals.
 */
export function within(shape: TableShape, { from, to }: KeyRange): Condition {
  const key = `(${keyList(shape)})`;
  const limits: string[] = [];
  const parts: string[] = [];
  const limit = (operator: ">=" | "<", literal: string | null): void => {
    if (literal === null) return;
    limits.push(literal);
    parts.push(`${key}${operator}(${shape.numbered ? "CAST(? AS INTEGER)" : literal})`);
  };
  limit(">=", from);
  limit("<", to);
  return {
    where: parts.length === 0 ? "" : ` WHERE ${parts.join(" AND ")}`,
    params: shape.numbered ? limits : [],
  };
}

/**
 * The condition for the row with this key, with ` WHERE `. Rows with different keys may be equal in the collation of a column, and only
 * that collation may have an index.
 */
export function withKey(shape: TableShape, key: string): string {
  return ` WHERE (${keyList(shape)})=(${key}) AND (${exactKeyList(shape)})=(${key})`;
}

/** The rows of a range, on average. */
const ROWS = 256;

/** The length of the literals of a key at which a range can begin. */
export const LONGEST_KEY = 10_000;

/** The lower 31 bits. A product of two such numbers is an integer of SQLite. */
const BITS = 2_147_483_647;

/**
 * A condition that is true for about one row in 256, and depends on the key alone. A range of rows begins at each such row. So a row that
 * is inserted or deleted changes one range, or two, and moves no other.
 *
 * The factors and shifts are the best of 1,000 that were tried with 18 patterns of keys: among 12,000 keys of each, no range had more than
 * 878 rows. They are part of the format: with others, the next snapshot would store every range again.
 */
export function beginsRange(shape: TableShape): string {
  const sum = shape.numbered ? folded(keyList(shape)) : sumOfCharacters(shape);
  const mixed = `(((${sum})&${BITS})*2027808453>>17)&${BITS}`;
  // The queries of a range contain the key, and D1 limits the length of a query.
  const short = shape.numbered ? "" : ` AND length(${listText(shape.key)})<=${LONGEST_KEY}`;
  return `((${mixed})*2147001325>>22)&${ROWS - 1}=0${short}`;
}

/** Adds the upper half of the number to the lower half. */
function folded(key: string): string {
  return `(${key}&${BITS})+((${key}>>31)&${BITS})`;
}

/** The characters before the last one, which is often a quote, with one prime for each place. */
const PRIMES = [31, 1009, 10_007, 100_003, 1_000_003, 7919, 65_537];

function sumOfCharacters({ key }: TableShape): string {
  const literal = listText(key);
  const terms = PRIMES.map(
    (prime, i) => `coalesce(unicode(substr(${literal},${-2 - i},1)),0)*${prime}`,
  );
  return [...terms, `length(${literal})*127`].join("+");
}
