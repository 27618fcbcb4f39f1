/**
 * The rows that a statement writes or deletes, as a read-only query. Supports a few plain forms of statements, and returns null for
 * all others instead of guessing. Pure.
 * @module
 */
import { Cursor } from "../schema/cursor.ts";
import { isSign, lexemes, splitAt } from "../sql/lexemes.ts";
import type { Column, Schema, Table } from "../schema/model.ts";
import { quoteIdentifier, sameIdentifier } from "../sql/quote.ts";

export type Rows =
  | {
      readonly kind: "written";
      readonly table: Table;
      /** Returns `columns`. */
      readonly query: string;
      readonly columns: readonly string[];
      /** The columns of a new unique index; null if the statement writes rows. */
      readonly values: readonly string[] | null;
      /** For an UPDATE and a new index: all rows of the index afterwards. Null: the rows of the table and those of the query. */
      readonly allRows: string | null;
    }
  | { readonly kind: "removed"; readonly table: Table; readonly query: string };

/** `schema` is the schema before the statement. */
export function rowsOf(statement: string, schema: Schema): Rows | null {
  const cursor = new Cursor(lexemes(statement).filter(({ kind }) => kind !== "semicolon"));
  if (skip(cursor, "INSERT", "REPLACE")) return inserted(cursor, schema);
  if (cursor.words("UPDATE")) return updated(cursor, schema);
  if (cursor.words("CREATE", "UNIQUE", "INDEX")) return indexed(cursor, schema);
  if (cursor.words("DELETE", "FROM")) {
    return removed(tableNamed(schema, cursor.qualifiedName()), whereOf(cursor));
  }
  if (!cursor.words("DROP", "TABLE")) return null;
  cursor.words("IF", "EXISTS");
  return removed(tableNamed(schema, cursor.qualifiedName()), "");
}

function skip(cursor: Cursor, ...words: readonly string[]): boolean {
  return words.some((word) => cursor.words(word));
}

/** Reads up to one of these words, outside parentheses. */
function until(cursor: Cursor, ...words: readonly string[]): string {
  const list = cursor.until((at) => words.some((word) => at.sees(word) || isSign(at.peek(), word)));
  return list.map(({ text }) => text).join(" ");
}

/** Reads the names in parentheses; null if they contain anything else. */
function namesOf(cursor: Cursor): string[] | null {
  const names = splitAt(cursor.group() ?? [], ",").map((list) => {
    const term = new Cursor(list);
    const name = term.peek()?.kind === "string" ? "" : term.name();
    skip(term, "ASC", "DESC");
    return term.done ? name : "";
  });
  return names.includes("") ? null : names;
}

function inserted(cursor: Cursor, schema: Schema): Rows | null {
  if (cursor.words("OR") && !skip(cursor, "ABORT", "FAIL", "ROLLBACK")) return null;
  if (!cursor.words("INTO")) return null;
  const table = tableNamed(schema, cursor.qualifiedName());
  if (table === null) return null;
  const all = table.columns.filter(({ generated, hidden }) => generated === null && !hidden);
  const listed = isSign(cursor.peek(), "(") ? namesOf(cursor) : all.map(({ name }) => name);
  const columns = listed?.map((name) => spelled(table, name)) ?? [];
  if (columns.length === 0) return null;
  if (!["SELECT", "VALUES", "WITH"].some((word) => cursor.sees(word))) return null;
  const body = until(cursor, "RETURNING");
  const list = all.map((column) => {
    const given = columns.includes(column.name);
    return stored(column, given ? quoteIdentifier(column.name) : `(${column.default ?? "NULL"})`);
  });
  const query = `WITH d1ops_new(${columns.map(quoteIdentifier).join(", ")}) AS (${body}) SELECT ${list.join(", ")} FROM d1ops_new`;
  return { kind: "written", table, query, columns, values: null, allRows: null };
}

function updated(cursor: Cursor, schema: Schema): Rows | null {
  const table = tableNamed(schema, cursor.qualifiedName());
  if (table === null || !cursor.words("SET")) return null;
  const set = new Map<string, string>();
  do {
    const column = spelled(table, cursor.qualifiedName());
    if (!cursor.sign("=")) return null;
    set.set(column, until(cursor, ",", "FROM", "WHERE", "RETURNING", "ORDER", "LIMIT"));
  } while (cursor.sign(","));
  const where = whereOf(cursor);
  // The value of a generated column depends on the new values of the others.
  if (where === null || table.columns.some(({ generated }) => generated !== null)) return null;
  const news = [...set.values()].map((value, i) => `(${value}) AS d1ops_${i}`);
  const hit = where === "" ? "1" : where.replace(/^ WHERE /, "");
  const rows = `(SELECT *, ${news.join(", ")}, (${hit}) AS d1ops_hit FROM ${quoteIdentifier(table.name)})`;
  const names = [...set.keys()];
  const select = (choose: (written: string, name: string) => string): string =>
    table.columns
      .map((column) => {
        const name = quoteIdentifier(column.name);
        const written = names.includes(column.name) ? `d1ops_${names.indexOf(column.name)}` : name;
        return stored(column, choose(written, name));
      })
      .join(", ");
  const hitOnly = select((written) => written);
  const everyRow = select(
    (written, name) => `CASE WHEN d1ops_hit THEN ${written} ELSE ${name} END`,
  );
  return {
    kind: "written",
    table,
    query: `SELECT ${hitOnly} FROM ${rows} WHERE d1ops_hit`,
    columns: table.columns.map(({ name }) => name),
    values: null,
    allRows: `SELECT ${everyRow} FROM ${rows}`,
  };
}

/** A value as the column stores and compares it: `'01'` is 1 in an integer column. A plain CAST would turn `'x'` into 0. */
function stored({ name, type, collation }: Column, value: string): string {
  const converted = (): string => {
    if (/^(?!.*INT)(?=.*(?:CHAR|CLOB|TEXT))/.test(type))
      return `CASE WHEN typeof(${value}) IN ('integer', 'real') THEN CAST(${value} AS TEXT) ELSE ${value} END`;
    if (type === "" || type === "ANY" || /^(?!.*INT).*BLOB/.test(type)) return value;
    return `CASE WHEN typeof(${value}) = 'text' AND ${value} = CAST(${value} AS NUMERIC) THEN CAST(${value} AS NUMERIC)
  WHEN typeof(${value}) = 'real' AND ${value} = CAST(${value} AS INTEGER) THEN CAST(${value} AS INTEGER) ELSE ${value} END`;
  };
  return `(${converted()}) COLLATE ${collation} AS ${quoteIdentifier(name)}`;
}

function removed(table: Table | null, where: string | null): Rows | null {
  if (table === null || where === null) return null;
  return { kind: "removed", table, query: `SELECT * FROM ${quoteIdentifier(table.name)}${where}` };
}

function indexed(cursor: Cursor, schema: Schema): Rows | null {
  cursor.words("IF", "NOT", "EXISTS");
  cursor.qualifiedName();
  if (!cursor.words("ON")) return null;
  const table = tableNamed(schema, cursor.qualifiedName());
  const listed = table === null ? null : namesOf(cursor);
  const where = whereOf(cursor);
  if (table === null || listed === null || where === null) return null;
  const query = `SELECT * FROM ${quoteIdentifier(table.name)}${where}`;
  return {
    kind: "written",
    table,
    query,
    allRows: query,
    columns: table.columns.map(({ name }) => name),
    values: listed.map((name) => spelled(table, name)),
  };
}

/** The WHERE clause with a space before it; empty if there is none; null if anything else follows. */
function whereOf(cursor: Cursor): string | null {
  const clause = cursor.words("WHERE") ? until(cursor, "RETURNING", "ORDER", "LIMIT") : "";
  if (!cursor.done && !cursor.sees("RETURNING")) return null;
  return clause === "" ? "" : ` WHERE ${clause}`;
}

function tableNamed({ tables }: Schema, name: string): Table | null {
  return tables.find((table) => table.kind === "table" && sameIdentifier(table.name, name)) ?? null;
}

function spelled({ columns }: Table, name: string): string {
  return columns.find((column) => sameIdentifier(column.name, name))?.name ?? name;
}
