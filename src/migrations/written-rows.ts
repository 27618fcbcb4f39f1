/**
 * The rows that a statement writes or deletes, as a read-only query. Supports a few plain forms of statements, and returns null for
 * all others instead of guessing. Pure.
 * @module
 */
import type { Column, Schema, Table } from "../schema/model.ts";
import { quoteIdentifier, sameIdentifier, unquoteIdentifier, upperCase } from "../sql/quote.ts";
import { isSignificant, tokenize, type Token } from "../sql/tokens.ts";

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
  const reader = readerOf(statement);
  switch (reader.word()) {
    case "INSERT":
    case "REPLACE":
      return inserted(reader, schema);
    case "UPDATE":
      return updated(reader, schema);
    case "DELETE":
      return deleted(reader, schema);
    case "DROP":
      return dropped(reader, schema);
    case "CREATE":
      return indexed(reader, schema);
    default:
      return null;
  }
}

interface Reader {
  /** The next token in upper case, without moving; `""` at the end. */
  word(): string;
  /** Moves past the next token if it is one of these words. */
  skip(...words: readonly string[]): boolean;
  /** Reads a name, without its schema. */
  name(): string;
  /** Reads the names in parentheses; null if they contain anything else. */
  list(): string[] | null;
  /** Reads the text up to one of these words outside parentheses. It may be empty. */
  until(...words: readonly string[]): string;
}

function readerOf(statement: string): Reader {
  const tokens: readonly Token[] = tokenize(statement).filter(
    (token) => isSignificant(token) && token.kind !== "semicolon",
  );
  let at = 0;
  const text = (index: number): string =>
    statement.slice(tokens[index]?.start ?? statement.length, tokens[index]?.end);
  const reader: Reader = {
    word: () => (at < tokens.length ? upperCase(text(at)) : ""),
    skip(...words) {
      const found = words.includes(reader.word());
      if (found) at += 1;
      return found;
    },
    name() {
      if (text(at + 1) === ".") at += 2;
      at += 1;
      return unquoteIdentifier(text(at - 1));
    },
    list() {
      if (!reader.skip("(")) return null;
      const names: string[] = [];
      do {
        if (!["word", "quoted"].includes(tokens[at]?.kind ?? "")) return null;
        names.push(unquoteIdentifier(text(at)));
        at += 1;
        reader.skip("ASC", "DESC");
      } while (reader.skip(","));
      return reader.skip(")") ? names : null;
    },
    until(...words) {
      const start = tokens[at]?.start;
      let end = start;
      for (let depth = 0; at < tokens.length; at += 1) {
        const word = reader.word();
        if (depth === 0 && words.includes(word)) break;
        if (word === "(") depth += 1;
        if (word === ")") depth -= 1;
        end = tokens[at]?.end;
      }
      return start === undefined ? "" : statement.slice(start, end);
    },
  };
  return reader;
}

function inserted(reader: Reader, schema: Schema): Rows | null {
  reader.skip("INSERT", "REPLACE");
  if (reader.skip("OR") && !reader.skip("ABORT", "FAIL", "ROLLBACK")) return null;
  if (!reader.skip("INTO")) return null;
  const table = tableNamed(schema, reader.name());
  if (table === null) return null;
  const listed = reader.word() === "(" ? reader.list() : null;
  const all = table.columns.filter(({ generated, hidden }) => generated === null && !hidden);
  const columns = (listed ?? all.map(({ name }) => name)).map((name) => spelled(table, name));
  if (!["SELECT", "VALUES", "WITH"].includes(reader.word())) return null;
  const body = reader.until("RETURNING");
  const list = all.map((column) => {
    const given = columns.includes(column.name);
    return stored(column, given ? quoteIdentifier(column.name) : `(${column.default ?? "NULL"})`);
  });
  const query = `WITH d1ops_new(${columns.map(quoteIdentifier).join(", ")}) AS (${body}) SELECT ${list.join(", ")} FROM d1ops_new`;
  return { kind: "written", table, query, columns, values: null, allRows: null };
}

function updated(reader: Reader, schema: Schema): Rows | null {
  reader.skip("UPDATE");
  const table = tableNamed(schema, reader.name());
  if (table === null || !reader.skip("SET")) return null;
  const set = new Map<string, string>();
  do {
    const column = spelled(table, reader.name());
    if (!reader.skip("=")) return null;
    set.set(column, reader.until(",", "FROM", "WHERE", "RETURNING", "ORDER", "LIMIT"));
  } while (reader.skip(","));
  const where = whereOf(reader);
  // The value of a generated column depends on the new values of the others.
  if (where === null || table.columns.some(({ generated }) => generated !== null)) return null;
  const news = [...set.values()].map((value, i) => `(${value}) AS d1ops_${i}`);
  const hit = where === "" ? "1" : where.replace(/^ WHERE /, "");
  const rows = `(SELECT *, ${news.join(", ")}, (${hit}) AS d1ops_hit FROM ${quoteIdentifier(table.name)})`;
  const names = [...set.keys()];
  const select = (all: boolean): string =>
    table.columns
      .map((column) => {
        const name = quoteIdentifier(column.name);
        const value = names.includes(column.name) ? `d1ops_${names.indexOf(column.name)}` : name;
        return stored(column, all ? `CASE WHEN d1ops_hit THEN ${value} ELSE ${name} END` : value);
      })
      .join(", ");
  return {
    kind: "written",
    table,
    query: `SELECT ${select(false)} FROM ${rows} WHERE d1ops_hit`,
    columns: table.columns.map(({ name }) => name),
    values: null,
    allRows: `SELECT ${select(true)} FROM ${rows}`,
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

function deleted(reader: Reader, schema: Schema): Rows | null {
  reader.skip("DELETE");
  if (!reader.skip("FROM")) return null;
  const table = tableNamed(schema, reader.name());
  const where = whereOf(reader);
  if (table === null || where === null) return null;
  return { kind: "removed", table, query: `SELECT * FROM ${quoteIdentifier(table.name)}${where}` };
}

function dropped(reader: Reader, schema: Schema): Rows | null {
  reader.skip("DROP");
  if (!reader.skip("TABLE")) return null;
  if (reader.skip("IF")) reader.skip("EXISTS");
  const table = tableNamed(schema, reader.name());
  return table === null
    ? null
    : { kind: "removed", table, query: `SELECT * FROM ${quoteIdentifier(table.name)}` };
}

function indexed(reader: Reader, schema: Schema): Rows | null {
  reader.skip("CREATE");
  if (!reader.skip("UNIQUE") || !reader.skip("INDEX")) return null;
  if (reader.skip("IF")) {
    reader.skip("NOT");
    reader.skip("EXISTS");
  }
  reader.name();
  if (!reader.skip("ON")) return null;
  const table = tableNamed(schema, reader.name());
  const listed = table === null ? null : reader.list();
  const where = whereOf(reader);
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
function whereOf(reader: Reader): string | null {
  const where = reader.skip("WHERE") ? ` WHERE ${reader.until("RETURNING", "ORDER", "LIMIT")}` : "";
  return reader.word() === "" || reader.word() === "RETURNING" ? where : null;
}

function tableNamed({ tables }: Schema, name: string): Table | null {
  return tables.find((table) => table.kind === "table" && sameIdentifier(table.name, name)) ?? null;
}

/** The name in the table's own spelling. */
function spelled({ columns }: Table, name: string): string {
  return columns.find((column) => sameIdentifier(column.name, name))?.name ?? name;
}
