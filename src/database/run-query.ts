/**
 * Runs one SQL text inside a transaction, as D1 does. The text may contain several statements. The result is that of the
 * last one, and only the last one may have parameters. SQLite itself finds where a statement ends.
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { noSuch, withoutAbsent } from "./absent-features.ts";
import type { Answer, Query } from "./client.ts";
import { type Authorizer, authorizerOf } from "./authorizer.ts";
import { compileFirst, type Compilation } from "./compile.ts";
import { d1Message, Refusal } from "./d1-error.ts";
import { offsetOf, placeOf } from "./error-offset.ts";
import { parameters } from "./parameters.ts";
import { LIMITS } from "./rules.ts";
import { isSqliteError, isStatementError } from "./sqlite-error.ts";
import { type Compiled, type StatementCache, statementCache } from "./statement-cache.ts";
import { readable, type Bound } from "./values.ts";

/** What running a text needs of its connection. */
export interface StatementContext {
  readonly db: DatabaseSync;
  readonly authorizer: Authorizer;
  readonly cache: StatementCache;
  /** Counts the objects whose name is reserved for Cloudflare. */
  reservedNames(): number;
}

/** Call it once per connection: it installs the authorizer. */
export function contextOf(db: DatabaseSync): StatementContext {
  const reserved = db.prepare(
    String.raw`SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE '\_cf\_%' ESCAPE '\'`,
  );
  return {
    db,
    authorizer: authorizerOf(db),
    cache: statementCache(),
    reservedNames: () => Number(reserved.get()?.["n"]),
  };
}

type Rows = Pick<Answer, "columns" | "rows">;

/** A query, and its place in the batch. */
type Indexed = Query & { readonly index: number };

/** Calls `compiled` before each statement runs; `compiled` may throw to prevent that. */
export function runQuery(context: StatementContext, query: Indexed, compiled: () => void): Rows {
  const { sql, index } = query;
  const known = context.cache.find(sql);
  if (known !== undefined) {
    context.authorizer.reuse(known.writes);
    compiled();
    const rows = runKnown(context, known, query);
    if (rows !== null) return rows;
  }
  for (let rest = sql; ;) {
    const { statement, source, text, columns } = asRefusal(index, () =>
      compile(context, rest, index),
    );
    compiled();
    const tail = rest.slice(source.length).replace(/^[ \t-\r]+/, "");
    const list = parameters(text);
    const { writes, beyondRows } = context.authorizer.observed;
    if (tail === "") {
      const only = { statement, list, writes, columns };
      // A rewritten text is valid for one schema only.
      if (text === sql && !beyondRows && ABOUT_ROWS.test(sql)) context.cache.add(sql, only);
      return runCompiled(context, only, query);
    }
    if (list.count > 0) throw new Refusal(ONLY_THE_LAST, index);
    asRefusal(index, () => run(context, source, () => pass(context, statement)));
    rest = tail;
  }
}

/**
 * SQLite does not compile an EXPLAIN again when the schema has changed. A DROP TABLE IF EXISTS does nothing for one schema, and for another
 * it writes.
 */
const ABOUT_ROWS = /^\s*(?:SELECT|VALUES|WITH|INSERT|REPLACE|UPDATE|DELETE)\b/i;

/**
 * Returns null if the statement failed, and may fail otherwise when its text is compiled: its schema may have changed, and an error of the
 * compilation has a place in the text. Such an error undoes the statement.
 */
function runKnown(context: StatementContext, known: Compiled, query: Indexed): Rows | null {
  try {
    return runCompiled(context, known, query);
  } catch (error) {
    const { cause } = error instanceof Refusal ? error : {};
    if (isSqliteError(cause) && OF_A_COMPILATION.has(cause.errcode)) return null;
    throw error;
  }
}

/** SQLITE_ERROR and SQLITE_AUTH. A violated constraint has another code. */
const OF_A_COMPILATION: ReadonlySet<number> = new Set([1, 23]);

function runCompiled(
  context: StatementContext,
  compiled: Compiled,
  { sql, params, index }: Indexed,
): Rows {
  if (compiled.list.count !== params.length) {
    throw new Refusal("Wrong number of parameter bindings for SQL query.", index);
  }
  return asRefusal(index, () => run(context, sql, () => allOf(compiled, params)));
}

export const NO_STATEMENT = "SQL code did not contain a statement.";

export const ONLY_THE_LAST =
  "When executing multiple SQL statements in a single call, only the last statement can have parameters.";

function compile({ db, authorizer }: StatementContext, sql: string, index: number): Compilation {
  if (Buffer.byteLength(sql) > LIMITS.sqlLength) {
    throw new Refusal(d1Message("statement too long", 18, null), index);
  }
  try {
    return compileFirst(db, authorizer, sql);
  } catch (error) {
    if (isEmpty(error)) throw new Refusal(NO_STATEMENT, index, { cause: error });
    if (!isStatementError(error)) throw error;
    const { refusal } = authorizer.observed;
    if (refusal !== null && "says" in refusal) {
      throw new Refusal(refusal.says, index, { cause: error });
    }
    const place = placeOf(sql, error.message, (text) => compileError({ db, authorizer }, text));
    const offset = offsetOf(sql, error.message, place);
    const absent = refusal === null ? withoutAbsent(sql, error.message) : noSuch(sql, refusal);
    const message =
      absent === null
        ? d1Message(error.message, error.errcode, offset)
        : d1Message(absent, 1, offset);
    throw new Refusal(message, index, { cause: error, place });
  }
}

function compileError(
  { db, authorizer }: Pick<StatementContext, "db" | "authorizer">,
  sql: string,
): string | null {
  try {
    compileFirst(db, authorizer, sql);
    return null;
  } catch (error) {
    return isSqliteError(error) ? error.message : null;
  }
}

/** The authorizer does not receive the new name of a renamed object, so this checks the names afterwards if the text can contain such a name. */
function run<T>(context: StatementContext, sql: string, work: () => T): T {
  const { authorizer } = context;
  if (!authorizer.observed.alters || !/_cf_/i.test(sql)) return authorizer.enforce(work);
  const before = context.reservedNames();
  const result = authorizer.enforce(work);
  if (context.reservedNames() > before) throw new Refusal(d1Message("not authorized", 23, null));
  return result;
}

/** Takes one step, as workerd does with all statements but the last. One that writes and returns rows is then unfinished, so workerd cannot commit. */
function pass({ authorizer }: StatementContext, statement: StatementSync): void {
  const row = statement.get();
  if (row !== undefined && authorizer.observed.writes) {
    throw new Refusal(d1Message("cannot release savepoint - SQL statements in progress", 5, null));
  }
}

function allOf({ statement, list: { names }, columns }: Compiled, params: readonly Bound[]): Rows {
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  const rows = names.size === 0 ? statement.all(...params) : allNamed(statement, params, names);
  return {
    columns: [...columns()],
    rows: rows.map((row) => Object.values(row).map(readable)),
  };
}

/** D1 binds by number even if a parameter has a name. `node:sqlite` requires the name. */
function allNamed(
  statement: StatementSync,
  params: readonly Bound[],
  names: ReadonlyMap<number, string>,
): ReturnType<StatementSync["all"]> {
  statement.setAllowBareNamedParameters(false);
  const named: Record<string, Bound> = {};
  const numbered: Bound[] = [];
  for (const [i, value] of params.entries()) {
    const name = names.get(i + 1);
    if (name === undefined) numbered.push(value);
    else named[name] = value;
  }
  return statement.all(named, ...numbered);
}

/** Turns an error of a statement into a {@link Refusal}. Errors of the file pass through. */
function asRefusal<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) {
      throw error.index === undefined ? new Refusal(error.message, index, { cause: error }) : error;
    }
    if (!isStatementError(error)) throw error;
    throw new Refusal(d1Message(error.message, error.errcode, null), index, { cause: error });
  }
}

function isEmpty(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_INVALID_ARG_VALUE";
}
