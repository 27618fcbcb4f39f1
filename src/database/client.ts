/**
 * D1's client side: what `prepare`, `bind`, `first`, `run`, `all`, `raw`, `batch` and `exec` do before a request
 * leaves the Worker and after the response arrives. It works with any backend that runs a list of queries in one transaction.
 * @module
 */
import type { D1Database, D1Meta, D1PreparedStatement, D1Result, Database } from "./port.ts";
import { d1Error, Refusal } from "./d1-error.ts";
import { bindable, type Bound } from "./values.ts";

/** One SQL text (one statement or several) and its parameters. */
export interface Query {
  readonly sql: string;
  readonly params: readonly Bound[];
}

/** The result of a query, with values as JSON represents them. */
export interface Answer {
  readonly columns: string[];
  readonly rows: unknown[][];
  readonly meta: D1Meta & Record<string, unknown>;
}

/** Runs all queries in one transaction. @throws Refusal after rolling back */
export type RunQueries = (queries: readonly Query[]) => Promise<Answer[]>;

/** A session of D1's read replication. Without replicas its bookmark is always null. */
interface Session {
  prepare(query: string): D1PreparedStatement;
  batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]>;
  getBookmark(): string | null;
}

/** The port with the two further members of Cloudflare's own type, so that kysely-d1 accepts it. */
export interface D1Client extends D1Database {
  withSession(constraintOrBookmark?: string): Session;
  /** Always fails: Cloudflare has withdrawn it. */
  dump(): Promise<ArrayBuffer>;
}

/** A {@link Database} whose `d1` has every member of Cloudflare's type, so that kysely-d1 accepts it. */
export interface ClientDatabase extends Database {
  readonly d1: D1Client;
}

/** Converts a value for binding; throws if D1 does not accept it. */
type Bind = (value: unknown) => Bound;

export function clientOver(run: RunQueries, bind: Bind = bindable): D1Client {
  const prepare = (query: string): D1PreparedStatement =>
    new Prepared(run, bind, { sql: query, params: [] });
  const batch = async <T>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> => {
    const answers = await runAll(run, statements.map(queryOf), "batch");
    return answers.map((answer) => resultOf<T>(answer));
  };
  return {
    prepare,
    batch,
    /** As in D1, each line is a statement and all lines are one transaction. A statement that spans two lines fails. */
    async exec(query) {
      const lines = query.trim().split("\n");
      try {
        const answers = await run(lines.map((sql) => ({ sql, params: [] })));
        const duration = answers.reduce((sum, { meta }) => sum + meta.duration, 0);
        return { count: answers.length, duration };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // D1 always says "line 1", whichever line failed.
        throw d1Error("D1_EXEC_ERROR", `Error in line 1: ${lines[0]}: ${error.message}`);
      }
    },
    withSession: () => ({ prepare, batch, getBookmark: () => null }),
    async dump() {
      throw d1Error("D1_DUMP_ERROR", "Status + 404");
    },
  };
}

function queryOf(statement: D1PreparedStatement): Query {
  if (!(statement instanceof Prepared)) {
    throw new TypeError("batch() accepts only statements that prepare() of a d1ops database made.");
  }
  return statement.query;
}

/** A class, because there can be one per row: instances share their methods. */
class Prepared implements D1PreparedStatement {
  readonly #run: RunQueries;
  readonly #toBound: Bind;
  readonly query: Query;

  constructor(run: RunQueries, toBound: Bind, query: Query) {
    this.#run = run;
    this.#toBound = toBound;
    this.query = query;
  }

  bind(...values: unknown[]): D1PreparedStatement {
    const params = values.map((value) => this.#toBound(value));
    return new Prepared(this.#run, this.#toBound, { sql: this.query.sql, params });
  }

  async first<T>(column?: string): Promise<T | null> {
    const { results } = resultOf<Record<string, T> & T>(await this.#answer());
    const row = results[0];
    if (row === undefined) return null;
    if (column === undefined) return row;
    const value = row[column];
    if (value !== undefined) return value;
    const cause = "Column not found";
    throw d1Error("D1_COLUMN_NOTFOUND", `${cause} (${column})`, { cause });
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
    const [only] = await runAll(this.#run, [this.query], "single");
    if (only === undefined) throw new TypeError("A successful query returned no answer.");
    return only;
  }
}

async function runAll(
  run: RunQueries,
  queries: readonly Query[],
  call: "batch" | "single",
): Promise<Answer[]> {
  try {
    return await run(queries);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { index, place } = error;
    throw d1Error("D1_ERROR", error.message, {
      ...(call === "batch" && index !== undefined && { index }),
      ...(place !== null && { place }),
    });
  }
}

/** The caller names the type of a row, unchecked, as in D1's own types. */
function resultOf<T>({ columns, rows, meta }: Answer): D1Result<T> {
  // If two columns have the same name, the later one wins, as in D1.
  const results = rows.map((row): T =>
    Object.fromEntries(row.map((cell, i) => [columns[i], cell])),
  );
  return { success: true, meta, results };
}
