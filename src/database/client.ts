/**
 * D1's client half: what `prepare`, `bind`, `first`, `run`, `all`, `raw`, `batch` and `exec` do before
 * a question leaves the Worker and after the answer is back. It is the same over everything that can
 * answer a list of queries in one transaction.
 * @module
 */
import type { D1Database, D1Meta, D1PreparedStatement, D1Result, Database } from "./port.ts";
import { failure, Refusal } from "./d1-error.ts";
import { bindable, type Bound } from "./values.ts";

/** One SQL text (one statement or several) and its parameters. */
export interface Query {
  readonly sql: string;
  readonly params: readonly Bound[];
}

/** What came of a query: values as JSON can say them. */
export interface Answer {
  readonly columns: string[];
  readonly rows: unknown[][];
  readonly meta: D1Meta & Record<string, unknown>;
}

/** Answers all queries in one transaction, or throws a {@link Refusal} and has done nothing. */
export type Run = (queries: readonly Query[]) => Promise<Answer[]>;

/** A session in the sense of D1's read replication. Without replicas there is nothing to bookmark. */
interface Session {
  prepare(query: string): D1PreparedStatement;
  batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]>;
  getBookmark(): string | null;
}

/** The port and the two members more that Cloudflare's own type has, so that kysely-d1 takes it. */
export interface D1Client extends D1Database {
  withSession(constraintOrBookmark?: string): Session;
  /** Cloudflare has withdrawn it: always an error. */
  dump(): Promise<ArrayBuffer>;
}

/** A {@link Database} whose `d1` has also what Cloudflare's type demands of a binding, so kysely-d1 takes it. */
export interface ClientDatabase extends Database {
  readonly d1: D1Client;
}

/** What becomes of a value that is bound; throws for what cannot be. */
type Bind = (value: unknown) => Bound;

/** `D1Database` over anything that can {@link Run} queries. */
export function clientOver(run: Run, bind: Bind = bindable): D1Client {
  const prepare = (query: string): D1PreparedStatement =>
    new Prepared(run, bind, { sql: query, params: [] });
  const batch = async <T>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> => {
    const answers = await ask(run, statements.map(queryOf), "batch");
    return answers.map((answer) => resultOf<T>(answer));
  };
  return {
    prepare,
    batch,
    /** One statement a line, all lines one transaction, as D1 does: a statement over two lines fails. */
    async exec(query) {
      const lines = query.trim().split("\n");
      try {
        const answers = await run(lines.map((sql) => ({ sql, params: [] })));
        const duration = answers.reduce((sum, { meta }) => sum + meta.duration, 0);
        return { count: answers.length, duration };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // D1 always says "line 1", whichever line failed.
        throw failure("D1_EXEC_ERROR", `Error in line 1: ${lines[0]}: ${error.message}`);
      }
    },
    withSession: () => ({ prepare, batch, getBookmark: () => null }),
    async dump() {
      throw failure("D1_DUMP_ERROR", "Status + 404");
    },
  };
}

/** A statement of another make has no place in a batch of ours. */
function queryOf(statement: D1PreparedStatement): Query {
  if (!(statement instanceof Prepared)) {
    throw new TypeError("batch() takes statements that prepare() of such a database has made.");
  }
  return statement.query;
}

/** A class, because there are as many as there are rows: what they have in common is there once. */
class Prepared implements D1PreparedStatement {
  readonly #run: Run;
  readonly #toBound: Bind;
  readonly #query: Query;

  constructor(run: Run, toBound: Bind, query: Query) {
    this.#run = run;
    this.#toBound = toBound;
    this.#query = query;
  }

  get query(): Query {
    return this.#query;
  }

  bind(...values: unknown[]): D1PreparedStatement {
    const params = values.map((value) => this.#toBound(value));
    return new Prepared(this.#run, this.#toBound, { sql: this.#query.sql, params });
  }

  async first<T>(column?: string): Promise<T | null> {
    const { results } = resultOf<Record<string, T> & T>(await this.#answer());
    const row = results[0];
    if (row === undefined) return null;
    if (column === undefined) return row;
    const value = row[column];
    if (value !== undefined) return value;
    throw failure("D1_COLUMN_NOTFOUND", `Column not found (${column})`, {
      cause: "Column not found",
    });
  }

  async run<T>(): Promise<D1Result<T>> {
    return resultOf<T>(await this.#answer());
  }

  async all<T>(): Promise<D1Result<T>> {
    return resultOf<T>(await this.#answer());
  }

  raw<T>(options: { columnNames: true }): Promise<[string[], ...T[]]>;
  raw<T>(options?: { columnNames?: false }): Promise<T[]>;
  async raw(options?: { columnNames?: boolean }): Promise<unknown[]> {
    const { columns, rows } = await this.#answer();
    return options?.columnNames === true ? [columns, ...rows] : rows;
  }

  async #answer(): Promise<Answer> {
    const [only] = await ask(this.#run, [this.#query], "alone");
    if (only === undefined) throw new TypeError("A query that succeeds has an answer.");
    return only;
  }
}

async function ask(run: Run, queries: readonly Query[], way: "batch" | "alone"): Promise<Answer[]> {
  try {
    return await run(queries);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { index, place } = error;
    throw failure("D1_ERROR", error.message, {
      ...(way === "batch" && index !== undefined && { index }),
      ...(place !== null && { place }),
    });
  }
}

/** What a row is, its reader says: D1's types take his word, and so do ours. */
function resultOf<T>({ columns, rows, meta }: Answer): D1Result<T> {
  // Of two columns of one name the later one stays, as in D1.
  const results = rows.map((row): T =>
    Object.fromEntries(row.map((cell, i) => [columns[i], cell])),
  );
  return { success: true, meta, results };
}
