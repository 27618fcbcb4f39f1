/**
 * Parses CREATE TABLE for what PRAGMAs do not report about columns and constraints. A constraint at its column and one
 * after the columns give the same result.
 * @module
 */
import { upperCase } from "../sql/quote.ts";
import { Cursor } from "./cursor.ts";
import { isSign, isWord, type Lexeme, splitAt } from "../sql/lexemes.ts";
import type { Conflict } from "./model.ts";

export interface TableDefinition {
  readonly object: "table";
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly autoincrement: boolean;
  readonly primaryKey: KeyDefinition | null;
  readonly uniques: readonly KeyDefinition[];
  readonly checks: readonly {
    readonly name: string | null;
    readonly expression: readonly Lexeme[];
  }[];
  /** In the order of the text. */
  readonly foreignKeys: readonly { readonly deferred: boolean }[];
  /** Parts that the parser does not know. */
  readonly unknown: readonly (readonly Lexeme[])[];
}

export interface ColumnDefinition {
  readonly name: string;
  readonly notNullConflict: Conflict | null;
  readonly collation: string | null;
  readonly generated: readonly Lexeme[] | null;
}

export interface KeyDefinition {
  readonly columns: readonly string[];
  readonly conflict: Conflict | null;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
type Column = Draft<ColumnDefinition>;

/** Parses the body of CREATE TABLE. `cursor` is before its parenthesis. */
export function parseTable(name: string, cursor: Cursor): TableDefinition {
  const table: Draft<TableDefinition> = {
    object: "table",
    name,
    columns: [],
    autoincrement: false,
    primaryKey: null,
    uniques: [],
    checks: [],
    foreignKeys: [],
    unknown: [],
  };
  const body = new Cursor(cursor.group() ?? []);
  while (!body.done) {
    readElement(body, table);
    body.sign(",");
  }
  return table;
}

/** Reads one column, or any number of table constraints: SQLite requires no commas between those. */
function readElement(body: Cursor, table: Draft<TableDefinition>): void {
  const isConstraint = TABLE_CONSTRAINTS.some((word) => body.sees(word));
  const column = isConstraint ? null : readColumn(body);
  if (column) table.columns.push(column);
  let label: string | null = null;
  while (!isElementEnd(body)) {
    // As in SQLite, a constraint's name applies until the next column or comma.
    if (body.words("CONSTRAINT")) label = body.name();
    else if (!readConstraint(body, table, column, label)) {
      const lost = body.next();
      const more = body.until((at) => isElementEnd(at) || isConstraintNext(at));
      if (lost) table.unknown.push([lost, ...more]);
    }
  }
}

const TABLE_CONSTRAINTS = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

function readColumn(body: Cursor): Column {
  const name = body.name();
  // Skips the type, which `PRAGMA table_xinfo` reports.
  body.until((at) => isElementEnd(at) || isConstraintNext(at));
  return { name, notNullConflict: null, collation: null, generated: null };
}

function isElementEnd(body: Cursor): boolean {
  return body.done || isSign(body.peek(), ",");
}

/** True before a constraint. GENERATED alone may be part of a type. */
function isConstraintNext(body: Cursor): boolean {
  const next = body.peek();
  if (next?.kind !== "word") return false;
  return FIRST_WORDS.has(upperCase(next.text)) || body.sees("GENERATED", "ALWAYS", "AS");
}

const FIRST_WORDS: ReadonlySet<string> = new Set([
  ...TABLE_CONSTRAINTS,
  ..."NOT NULL DEFAULT COLLATE REFERENCES DEFERRABLE AS".split(" "),
]);

/** Returns false, without moving `body`, if no known constraint starts here. */
function readConstraint(
  body: Cursor,
  table: Draft<TableDefinition>,
  column: Column | null,
  label: string | null,
): boolean {
  if (readDeferral(body, table)) return true;
  if (body.words("PRIMARY", "KEY")) {
    table.primaryKey = readKey(body, table, column);
  } else if (body.words("UNIQUE")) {
    table.uniques.push(readKey(body, table, column));
  } else if (body.words("CHECK")) {
    table.checks.push({ name: label, expression: body.group() ?? [] });
    readConflict(body);
  } else if (body.words("FOREIGN", "KEY")) {
    body.group();
  } else if (body.words("REFERENCES")) {
    skipReference(body);
    table.foreignKeys.push({ deferred: false });
  } else {
    return column !== null && readColumnConstraint(body, column);
  }
  return true;
}

function readColumnConstraint(body: Cursor, column: Column): boolean {
  if (body.words("NOT", "NULL")) {
    column.notNullConflict = readConflict(body);
  } else if (body.words("NULL")) {
    readConflict(body);
  } else if (body.words("DEFAULT")) {
    // `PRAGMA table_xinfo` reports the default.
    if (!body.sign("-")) body.sign("+");
    if (body.group() === null) body.next();
  } else if (body.words("COLLATE")) {
    column.collation = body.name();
  } else if (body.words("GENERATED", "ALWAYS", "AS") || body.words("AS")) {
    column.generated = body.group();
    if (!body.words("STORED")) body.words("VIRTUAL");
  } else {
    return false;
  }
  return true;
}

/** Reads what follows PRIMARY KEY or UNIQUE: the columns in parentheses, or the column of the constraint. */
function readKey(
  body: Cursor,
  table: Draft<TableDefinition>,
  column: Column | null,
): KeyDefinition {
  const list = body.group();
  if (!body.words("ASC")) body.words("DESC");
  const conflict = readConflict(body);
  if (body.words("AUTOINCREMENT") || isWord(list?.at(-1), "AUTOINCREMENT")) {
    table.autoincrement = true;
  }
  const columns =
    list === null
      ? [column?.name ?? ""]
      : splitAt(list, ",").map((term) => new Cursor(term).name());
  return { columns, conflict };
}

function readConflict(body: Cursor): Conflict | null {
  if (!body.words("ON", "CONFLICT")) return null;
  const action = body.name().toUpperCase();
  return CONFLICTS.find((known) => known === action) ?? null;
}

const CONFLICTS: readonly Conflict[] = ["ROLLBACK", "FAIL", "IGNORE", "REPLACE"];

/** `PRAGMA foreign_key_list` reports the parent and the actions. */
function skipReference(body: Cursor): void {
  body.name();
  body.group();
  while (body.sees("ON") || body.sees("MATCH")) {
    if (body.words("MATCH")) {
      body.name();
    } else {
      // ON, the event, and the action: one word, or two that start with SET or NO.
      body.next();
      body.next();
      if (!body.words("SET")) body.words("NO");
      body.next();
    }
  }
}

/** [NOT] DEFERRABLE applies to the last reference before it, even one of another column. */
function readDeferral(body: Cursor, table: Draft<TableDefinition>): boolean {
  const not = body.words("NOT", "DEFERRABLE");
  if (!not && !body.words("DEFERRABLE")) return false;
  const deferred = body.words("INITIALLY", "DEFERRED");
  if (!deferred) body.words("INITIALLY", "IMMEDIATE");
  if (table.foreignKeys.length > 0) table.foreignKeys.splice(-1, 1, { deferred: deferred && !not });
  return true;
}
