/**
 * D1's server half over `node:sqlite`: a list of queries is one transaction.
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Answer, Query } from "./client.ts";
import { Guard } from "./guard.ts";
import { parameters } from "./lexer.ts";
import { offsetOf } from "./offset.ts";
import { isSqliteError, Refusal, sentence } from "./refusal.ts";
import { LIMITS } from "./rules.ts";
import { readable, type Bound } from "./values.ts";

/** How to open, and when a transaction takes the write lock. */
export interface ConnectionOptions {
  readonly readOnly?: boolean;
  readonly timeout?: number;
}

/** A transaction as it begins: `write` takes the lock at once, `read` refuses statements that write. */
export type Mode = "read" | "write";

/** Thrown by a `read` transaction that meets a statement that writes: nothing has been done yet. */
export class WriteNeeded extends Error {}

interface Tally {
  readonly changes: number;
  readonly lastRowId: number;
  readonly pages: number;
}

export class Connection {
  readonly #db: DatabaseSync;
  readonly #guard: Guard;
  readonly #begin: { readonly [mode in Mode]: StatementSync };
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #tally: StatementSync;
  readonly #reserved: StatementSync;
  readonly #pageSize: number;

  constructor(path: string, options: ConnectionOptions = {}) {
    const db = new DatabaseSync(path, {
      ...options,
      limits: LIMITS,
      defensive: true,
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: true,
    });
    this.#db = db;
    this.#guard = new Guard(db);
    this.#begin = { read: db.prepare("BEGIN"), write: db.prepare("BEGIN IMMEDIATE") };
    this.#commit = db.prepare("COMMIT");
    this.#rollback = db.prepare("ROLLBACK");
    this.#tally = db.prepare(
      `SELECT total_changes(), last_insert_rowid(),
        (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count)`,
    );
    this.#tally.setReturnArrays(true);
    this.#tally.setReadBigInts(true);
    this.#reserved = db.prepare(String.raw`SELECT 1 FROM sqlite_schema WHERE name LIKE '\_cf\_%' ESCAPE '\'`);
    this.#pageSize = Number(db.prepare("PRAGMA page_size").get()?.["page_size"]);
  }

  /** All queries in one transaction. Whatever is thrown, nothing has been done. */
  transact(mode: Mode, queries: readonly Query[]): Answer[] {
    const asked = queries.map((query, index) => ({ ...query, index })).filter(hasText);
    if (asked.length === 0) throw new Refusal("No SQL statements detected.");
    this.#begin[mode].run();
    try {
      let before = this.#count();
      const answers = asked.map((query) => {
        const started = performance.now();
        const { columns, rows } = this.#answer(mode, query);
        const duration = performance.now() - started;
        const after = this.#count();
        const meta = this.#meta(before, after, rows.length, duration);
        before = after;
        return { columns, rows, meta };
      });
      this.#refusing(() => this.#commit.run());
      return answers;
    } finally {
      if (this.#db.isTransaction) this.#rollback.run();
    }
  }

  close(): void {
    this.#db.close();
  }

  /** A text of several statements runs them all; the answer is the last one's. */
  #answer(mode: Mode, { sql, params, index }: Query & { index: number }): {
    columns: string[];
    rows: unknown[][];
  } {
    for (let rest = sql; ; ) {
      const statement = this.#prepare(rest, index);
      if (mode === "read" && this.#guard.writes) throw new WriteNeeded();
      const source = statement.sourceSQL;
      const tail = rest.slice(source.length).replace(/^[ \t-\r]+/, "");
      const { count, names } = parameters(source);
      if (tail === "") {
        if (count !== params.length) {
          throw new Refusal("Wrong number of parameter bindings for SQL query.", index);
        }
        return this.#refusing(() => this.#execute(statement, params, names), index);
      }
      if (count > 0) {
        throw new Refusal(
          "When executing multiple SQL statements in a single call, only the last statement can have parameters.",
          index,
        );
      }
      // As workerd: one step, whatever rows would follow.
      this.#refusing(() => this.#guarded(() => statement.get()), index);
      rest = tail;
    }
  }

  #prepare(sql: string, index: number): StatementSync {
    if (Buffer.byteLength(sql) > 100_000) {
      throw new Refusal(sentence("statement too long", 18, null), index);
    }
    this.#guard.forget();
    try {
      return this.#guard.watch(() => this.#db.prepare(sql));
    } catch (error) {
      if (!isSqliteError(error)) throw this.#stranger(error, index);
      if (this.#guard.says !== null) throw new Refusal(this.#guard.says, index, { cause: error });
      const offset = offsetOf(sql, error.message, (text) => this.#complaint(text));
      throw new Refusal(sentence(error.message, error.errcode, offset), index, { cause: error });
    }
  }

  #execute(
    statement: StatementSync,
    params: readonly Bound[],
    names: ReadonlyMap<number, string>,
  ): { columns: string[]; rows: unknown[][] } {
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    const rows = this.#guarded(() => all(statement, params, names));
    return { columns: statement.columns().map(({ name }) => name), rows };
  }

  /** SQLite does not tell the authorizer an object's new name, so a rename is looked at afterwards. */
  #guarded<T>(work: () => T): T {
    if (!this.#guard.alters) return this.#guard.watch(work);
    const before = this.#reserved.all().length;
    const result = this.#guard.watch(work);
    if (this.#reserved.all().length > before) throw new Refusal(sentence("not authorized", 23, null));
    return result;
  }

  #refusing<T>(work: () => T, index?: number): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Refusal) throw new Refusal(error.message, index, { cause: error });
      if (!isSqliteError(error)) throw error;
      throw new Refusal(sentence(error.message, error.errcode, null), index, { cause: error });
    }
  }

  /** What SQLite says to a text that it is only asked to compile. */
  #complaint(sql: string): string | null {
    try {
      this.#guard.watch(() => this.#db.prepare(sql));
      return null;
    } catch (error) {
      return isSqliteError(error) ? error.message : null;
    }
  }

  #stranger(error: unknown, index: number): unknown {
    if (error instanceof Error && "code" in error && error.code === "ERR_INVALID_ARG_VALUE") {
      return new Refusal("SQL code did not contain a statement.", index, { cause: error });
    }
    return error;
  }

  #count(): Tally {
    const [changes, lastRowId, pages] = Object.values(this.#tally.get() ?? {}).map(Number);
    return { changes: changes ?? 0, lastRowId: lastRowId ?? 0, pages: pages ?? 0 };
  }

  #meta(before: Tally, after: Tally, read: number, duration: number): Answer["meta"] {
    const changes = after.changes - before.changes;
    return {
      duration,
      changes,
      last_row_id: after.lastRowId,
      changed_db:
        changes !== 0 || after.lastRowId !== before.lastRowId || after.pages !== before.pages,
      size_after: after.pages * this.#pageSize,
      rows_read: read,
      rows_written: changes,
    };
  }
}

/** D1 leaves out a text of nothing but spaces and indented line comments; others it runs into an error. */
function hasText({ sql }: Query): boolean {
  return sql.replace(/^\s+--.*/gm, "").trim() !== "";
}

function all(
  statement: StatementSync,
  params: readonly Bound[],
  names: ReadonlyMap<number, string>,
): unknown[][] {
  const rows =
    names.size === 0 ? statement.all(...params) : allNamed(statement, params, names);
  return rows.map((row) => Object.values(row).map(readable));
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
