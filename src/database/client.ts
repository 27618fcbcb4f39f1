/**
 * D1's client half: what `prepare`, `bind`, `first`, `run`, `all`, `raw`, `batch` and `exec` do before
 * a question leaves the Worker and after the answer is back. It is the same for every adapter that
 * can answer a list of queries in one transaction.
 * @module
 */
import { Refusal, failure } from "./refusal.ts";
import { bindable, type Bound } from "./values.ts";
import type {
  D1Database,
  D1ExecResult,
  D1Meta,
  D1PreparedStatement,
  D1Result,
} from "./port.ts";

/** One SQL text (one statement or several) and its parameters. */
export interface Query {
  readonly sql: string;
  readonly params: readonly Bound[];
}

/** What came of a query: values as JSON can say them. */
export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly meta: D1Meta & Record<string, unknown>;
}

/** Answers all queries in one transaction, or throws a {@link Refusal} and has done nothing. */
export type Run = (queries: readonly Query[]) => Promise<Answer[]>;

/** A session in the sense of D1's read replication. One file has no replicas, so there is no bookmark. */
export interface Session {
  prepare(query: string): D1PreparedStatement;
  batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]>;
  getBookmark(): null;
}

/** `D1Database` over anything that can {@link Run} queries. */
export class Client implements D1Database {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  prepare(query: string): D1PreparedStatement {
    return new Statement(this.#run, query, []);
  }

  async batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
    const answers = await ask(this.#run, statements.map(queryOf), true);
    return answers.map((answer) => resultOf<T>(answer));
  }

  /** One statement a line, all lines one transaction, as D1 does: a statement over two lines fails. */
  async exec(query: string): Promise<D1ExecResult> {
    const lines = query.trim().split("\n");
    try {
      const answers = await this.#run(lines.map((sql) => ({ sql, params: [] })));
      const duration = answers.reduce((sum, { meta }) => sum + meta.duration, 0);
      return { count: answers.length, duration };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // D1 always says "line 1", whichever line failed.
      throw failure("D1_EXEC_ERROR", `Error in line 1: ${lines[0]}: ${error.message}`);
    }
  }

  withSession(_constraintOrBookmark?: string): Session {
    return {
      prepare: (query) => this.prepare(query),
      batch: (statements) => this.batch(statements),
      getBookmark: () => null,
    };
  }

  /** Cloudflare has withdrawn it; so it fails here as there. */
  async dump(): Promise<ArrayBuffer> {
    throw failure("D1_DUMP_ERROR", "Status + 404");
  }
}

class Statement implements D1PreparedStatement {
  readonly #run: Run;
  readonly statement: string;
  readonly params: readonly Bound[];

  constructor(run: Run, statement: string, params: readonly Bound[]) {
    this.#run = run;
    this.statement = statement;
    this.params = params;
  }

  bind(...values: unknown[]): D1PreparedStatement {
    return new Statement(this.#run, this.statement, values.map(bindable));
  }

  async first<T = Record<string, unknown>>(column?: string): Promise<T | null> {
    const { results } = await this.all<Record<string, unknown>>();
    const row = results[0];
    if (row === undefined) return null;
    if (column === undefined) return row as T;
    const value = row[column];
    if (value === undefined) {
      throw failure("D1_COLUMN_NOTFOUND", `Column not found (${column})`);
    }
    return value as T;
  }

  run<T = Record<string, unknown>>(): Promise<D1Result<T>> {
    return this.all<T>();
  }

  async all<T = Record<string, unknown>>(): Promise<D1Result<T>> {
    return resultOf<T>(await this.#answer());
  }

  raw<T = unknown[]>(options: { columnNames: true }): Promise<[string[], ...T[]]>;
  raw<T = unknown[]>(options?: { columnNames?: false }): Promise<T[]>;
  async raw(options?: { columnNames?: boolean }): Promise<unknown[]> {
    const { columns, rows } = await this.#answer();
    return options?.columnNames ? [columns, ...rows] : [...rows];
  }

  async #answer(): Promise<Answer> {
    const [answer] = await ask(this.#run, [{ sql: this.statement, params: this.params }], false);
    if (answer === undefined) throw new Error("A query that succeeds has an answer.");
    return answer;
  }
}

async function ask(run: Run, queries: readonly Query[], batch: boolean): Promise<Answer[]> {
  try {
    return await run(queries);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw failure("D1_ERROR", error.message, batch ? error.index : undefined);
  }
}

/** D1's own statements show `statement` and `params` too, so that a decorator may pass them on. */
function queryOf(statement: D1PreparedStatement): Query {
  if (statement instanceof Statement) {
    return { sql: statement.statement, params: statement.params };
  }
  throw new TypeError("batch() takes statements that this database has prepared.");
}

function resultOf<T>({ columns, rows, meta }: Answer): D1Result<T> {
  const results = rows.map(
    // Two columns of one name: the later one wins, as in D1.
    (row) => Object.fromEntries(row.map((cell, i) => [columns[i], cell])) as T,
  );
  return { success: true, meta, results };
}
