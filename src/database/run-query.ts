/**
 * Runs one SQL text inside a transaction, as D1 does: it may hold several statements, the answer is the last one's,
 * and only that one may have parameters. SQLite itself finds where a statement ends.
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { noSuch, withoutAbsent } from "./absent-features.ts";
import type { Query } from "./client.ts";
import type { Guard } from "./authorizer.ts";
import type { Compiled, Kept } from "./statement-cache.ts";
import { compileFirst, type Compilation } from "./compile.ts";
import { offsetOf, placeOf } from "./error-offset.ts";
import { parameters } from "./parameters.ts";
import { isFault, isSqliteError, Refusal, sentence } from "./d1-error.ts";
import { LIMITS } from "./rules.ts";
import { readable, type Bound } from "./values.ts";

/** What a text is worked on with. */
export interface Desk {
  readonly db: DatabaseSync;
  readonly guard: Guard;
  readonly kept: Kept;
  /** How many objects have a name that is Cloudflare's. */
  reservedNames(): number;
}

export interface Rows {
  readonly columns: string[];
  readonly rows: unknown[][];
}

/** `compiled` is called for every statement before it runs, and may throw to stop it. */
export function answerText(
  desk: Desk,
  { sql, params, index }: Query & { readonly index: number },
  compiled: () => void,
): Rows {
  const known = desk.kept.find(sql);
  if (known !== undefined) {
    desk.guard.recall(known.writes);
    compiled();
    return answerOne(desk, known, params, index);
  }
  for (let rest = sql; ;) {
    const { statement, source, text, columns } = refusing(index, () => compile(desk, rest, index));
    compiled();
    const tail = rest.slice(source.length).replace(/^[ \t-\r]+/, "");
    const list = parameters(text);
    const { writes, unsettles } = desk.guard.seen;
    if (unsettles) desk.kept.doubt();
    if (tail === "") {
      const only = { statement, list, writes, columns };
      if (rest === sql) desk.kept.keep(sql, only);
      return answerOne(desk, only, params, index);
    }
    if (list.count > 0) throw new Refusal(ONLY_THE_LAST, index);
    refusing(index, () => run(desk, () => pass(desk, statement)));
    rest = tail;
  }
}

function answerOne(desk: Desk, compiled: Compiled, params: readonly Bound[], index: number): Rows {
  if (compiled.list.count !== params.length) {
    throw new Refusal("Wrong number of parameter bindings for SQL query.", index);
  }
  return refusing(index, () => run(desk, () => allOf(compiled, params)));
}

export const NO_STATEMENT = "SQL code did not contain a statement.";

export const ONLY_THE_LAST =
  "When executing multiple SQL statements in a single call, only the last statement can have parameters.";

function compile({ db, guard }: Desk, sql: string, index: number): Compilation {
  if (Buffer.byteLength(sql) > LIMITS.sqlLength) {
    throw new Refusal(sentence("statement too long", 18, null), index);
  }
  try {
    return compileFirst(db, guard, sql);
  } catch (error) {
    if (isEmpty(error)) {
      throw new Refusal(NO_STATEMENT, index, { cause: error });
    }
    if (!isSqliteError(error) || isFault(error.errcode)) throw error;
    const { refusal } = guard.seen;
    if (refusal !== null && "says" in refusal) {
      throw new Refusal(refusal.says, index, { cause: error });
    }
    const place = placeOf(sql, error.message, (text) => complaint({ db, guard }, text));
    const offset = offsetOf(sql, error.message, place);
    const absent = refusal === null ? withoutAbsent(sql, error.message) : noSuch(sql, refusal);
    const said =
      absent === null
        ? sentence(error.message, error.errcode, offset)
        : sentence(absent, 1, offset);
    throw new Refusal(said, index, { cause: error, place });
  }
}

/** What SQLite says to a text that it is only asked to compile. */
function complaint({ db, guard }: Pick<Desk, "db" | "guard">, sql: string): string | null {
  try {
    compileFirst(db, guard, sql);
    return null;
  } catch (error) {
    return isSqliteError(error) ? error.message : null;
  }
}

/** SQLite does not tell the authorizer an object's new name, so a rename is looked at afterwards. */
function run<T>(desk: Desk, work: () => T): T {
  const { guard } = desk;
  if (!guard.seen.alters) return guard.watch(work);
  const before = desk.reservedNames();
  const result = guard.watch(work);
  if (desk.reservedNames() > before) throw new Refusal(sentence("not authorized", 23, null));
  return result;
}

/**
 * One step, whatever rows would follow: so does workerd with every statement but the last. One that
 * writes and has rows to return is then still under way, and workerd cannot commit.
 */
function pass({ guard }: Desk, statement: StatementSync): void {
  const row = statement.get();
  if (row !== undefined && guard.seen.writes) {
    throw new Refusal(sentence("cannot release savepoint - SQL statements in progress", 5, null));
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

/** D1 binds by number also where a parameter has a name; `node:sqlite` wants the name. */
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

/** An error of SQLite becomes a {@link Refusal}; one of the file stays what it is. */
function refusing<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) {
      throw error.index === undefined ? new Refusal(error.message, index, { cause: error }) : error;
    }
    if (!isSqliteError(error) || isFault(error.errcode)) throw error;
    throw new Refusal(sentence(error.message, error.errcode, null), index, { cause: error });
  }
}

function isEmpty(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_INVALID_ARG_VALUE";
}
