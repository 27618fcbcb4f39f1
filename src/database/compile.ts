/**
 * Compiles a text as workerd's SQLite does. node's SQLite lacks the compile-time option
 * SQLITE_ENABLE_UPDATE_DELETE_LIMIT, so d1ops rewrites such a statement. Errors still refer to the user's text.
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  needsNumbers,
  readLimitedWrite,
  type RowKey,
  withNumbers,
  withoutLimit,
} from "../sql/limited-write.ts";
import { quoteIdentifier, sameIdentifier } from "../sql/quote.ts";
import type { Authorizer } from "./authorizer.ts";
import { isSqliteError, type SqliteError, sqliteErrorOf } from "./sqlite-error.ts";

export interface Compilation {
  readonly statement: StatementSync;
  /** The part of the text that is this statement, with its `;`. */
  readonly source: string;
  /** The text that SQLite compiled, whose parameters are to be bound. */
  readonly text: string;
  /** The names of the columns that it returns. */
  readonly columns: () => readonly string[];
}

/** Compiles the first statement of a text. @throws SqliteError with the message of workerd's SQLite */
export function compileFirst(db: DatabaseSync, authorizer: Authorizer, sql: string): Compilation {
  const prepare = (text: string): StatementSync => prepareOnce(db, authorizer, text);
  try {
    const statement = prepare(sql);
    const source = statement.sourceSQL;
    return { statement, source, text: source, columns: () => columnsOf(statement) };
  } catch (error) {
    if (!isSqliteError(error) || !MAY_BE_LIMITED.test(error.message)) throw error;
    return compileLimited(db, prepare, sql, error);
  }
}

function prepareOnce(db: DatabaseSync, authorizer: Authorizer, text: string): StatementSync {
  const attempt = (): StatementSync => {
    authorizer.reset();
    return authorizer.enforce(() => db.prepare(text));
  };
  authorizer.denyOwnTable();
  try {
    return attempt();
  } catch (error) {
    const { refusal } = authorizer.observed;
    if (refusal === null || !("absent" in refusal) || refusal.absent !== "table") throw error;
    const created = db.prepare(
      "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
    );
    if (created.get(refusal.name) === undefined) throw error;
    authorizer.allowOwnTable();
    return attempt();
  }
}

const MAY_BE_LIMITED = /^near "(?:order|limit)": syntax error$/i;
const OF_SYNTAX = /^(?:near ".*": syntax error|incomplete input|unrecognized token: .*)$/s;
/** Errors that SQLite reports before it checks the clause. */
const OF_THE_TABLE =
  /^(?:no such table|cannot modify|not authorized|access to)\b|may not be modified$/;

function compileLimited(
  db: DatabaseSync,
  prepare: (text: string) => StatementSync,
  sql: string,
  original: SqliteError,
): Compilation {
  const write = readLimitedWrite(sql);
  if (write === null) throw original;
  const beginning = sql.slice(0, write.tailStart);
  let columns: readonly string[] = [];
  const before = sqliteErrorOf(() => {
    columns = columnsOf(prepare(beginning));
  });
  if (before !== null && OF_SYNTAX.test(before.message)) throw original;
  // A SELECT ends with the same clause, so it gives the same syntax errors.
  const tail = sqliteErrorOf(() => prepare(`SELECT 1 ${sql.slice(write.tailStart, write.end)}`));
  if (tail !== null && OF_SYNTAX.test(tail.message)) throw tail;
  if (!write.hasLimit) {
    if (before !== null && OF_THE_TABLE.test(before.message)) prepare(beginning);
    throw sqliteError(`ORDER BY without LIMIT on ${write.verb}`);
  }
  const key = keyOf(db, write.table);
  if (key === null) {
    prepare(beginning);
    throw original;
  }
  const numbered = needsNumbers(write) ? readLimitedWrite(withNumbers(sql)) : write;
  const text = withoutLimit(numbered ?? write, key);
  return {
    statement: prepare(text),
    source: sql.slice(0, write.end),
    text,
    // The user's `RETURNING ?` is `?2` in the compiled text.
    columns: () => columns,
  };
}

function columnsOf(statement: StatementSync): string[] {
  return statement.columns().map(({ name }) => name);
}

function sqliteError(message: string): SqliteError {
  return Object.assign(new Error(message), { code: "ERR_SQLITE_ERROR" as const, errcode: 1 });
}

const NAMES_OF_THE_ROWID = ["rowid", "_rowid_", "oid"];

/** A key that identifies the rows of a table. Null for a view, and for a table whose columns use all names of the rowid. */
function keyOf(db: DatabaseSync, table: string): RowKey | null {
  const list = db.prepare(
    "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE",
  );
  const found = list.get(table);
  if (found === undefined) return [{ name: "rowid" }]; // SQLite will report that there is no such table.
  if (found["type"] === "view") return null;
  if (found["wr"] === 1) return keyOfIndex(db, table);
  const columns = db.prepare("SELECT name, pk FROM pragma_table_xinfo(?) ORDER BY pk").all(table);
  const primary = columns
    .filter(({ pk }) => Number(pk) > 0)
    .map(({ name }) => ({ name: quoteIdentifier(String(name)) }));
  const free = NAMES_OF_THE_ROWID.find((name) =>
    columns.every((column) => !sameIdentifier(String(column["name"]), name)),
  );
  if (free !== undefined) return [{ name: free }];
  const indexed = db.prepare("SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'").get(table);
  return primary.length > 0 && indexed === undefined ? primary : null;
}

/** The primary key of a WITHOUT ROWID table. Its collation may differ from the column's: `PRIMARY KEY (a COLLATE BINARY)`. */
function keyOfIndex(db: DatabaseSync, table: string): RowKey {
  const columns = db.prepare(
    `SELECT x.name, x.coll FROM pragma_index_list(?) AS l JOIN pragma_index_xinfo(l.name) AS x
     WHERE l.origin = 'pk' AND x.key ORDER BY x.seqno`,
  );
  return columns
    .all(table)
    .map(({ name, coll }) => ({ name: quoteIdentifier(String(name)), collation: String(coll) }));
}
