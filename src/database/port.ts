/**
 * The port: Cloudflare's `D1Database`, spelled out so that nobody needs its type package to use us.
 * A type test holds it against `@cloudflare/workers-types` in both directions that matter: our adapters
 * can be handed to code written for a Worker, and a Worker's binding can be handed to us.
 * @module
 */
import type { Target } from "../report/report.ts";

/** What D1 says about a statement. Local adapters measure `changes`, `last_row_id`, `size_after`; see the docs of each. */
export interface D1Meta {
  /** Milliseconds. */
  duration: number;
  /** Pages in use times page size, in bytes. */
  size_after: number;
  rows_read: number;
  rows_written: number;
  last_row_id: number;
  changed_db: boolean;
  /** Rows inserted, updated, deleted, by triggers and cascades too. */
  changes: number;
}

export interface D1Result<T = Record<string, unknown>> {
  success: true;
  meta: D1Meta & Record<string, unknown>;
  results: T[];
}

export interface D1ExecResult {
  count: number;
  duration: number;
}

/**
 * One SQL text with its parameters. Numbers bind as REAL, as D1 does; integers come back as numbers,
 * so one beyond 2^53 is read exactly only with `CAST(x AS TEXT)`; blobs come back as arrays of bytes.
 */
export interface D1PreparedStatement {
  bind(...values: unknown[]): D1PreparedStatement;
  first<T = unknown>(column: string): Promise<T | null>;
  first<T = Record<string, unknown>>(): Promise<T | null>;
  run<T = Record<string, unknown>>(): Promise<D1Result<T>>;
  all<T = Record<string, unknown>>(): Promise<D1Result<T>>;
  raw<T = unknown[]>(options: { columnNames: true }): Promise<[string[], ...T[]]>;
  raw<T = unknown[]>(options?: { columnNames?: false }): Promise<T[]>;
}

/** `batch` is one transaction, schema changes included: all of it or nothing of it. */
export interface D1Database {
  prepare(query: string): D1PreparedStatement;
  batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]>;
  exec(query: string): Promise<D1ExecResult>;
}

/** What D1's interface lacks: which database this is, and letting go of it. */
export interface Database {
  readonly d1: D1Database;
  readonly target: Target;
  /** Reads the bookmark that Time Travel can go back to. Null where there is no Time Travel. */
  readonly bookmark: (() => Promise<string>) | null;
  close(): void;
}

/**
 * A statement that D1 refuses. `message` is D1's own: `D1_ERROR: <SQLite's message>[ at offset N]: <SQLITE_CODE>`.
 * `index` is the failing statement's place in the batch (0-based) where the adapter knows it: a binding does not say.
 */
export interface D1Failure extends Error {
  /** Nothing of it stands: what else can fail is an `OpsError`. */
  readonly kind: "refused";
  readonly index?: number;
  /** Where in that statement what SQLite complains of stands, in UTF-16 units. Only adapters over SQLite itself know. */
  readonly place?: number;
}
