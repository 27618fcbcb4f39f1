/**
 * The port: Cloudflare's `D1Database`, spelled out so that users of d1ops do not need Cloudflare's type package.
 * A type test compares it with `@cloudflare/workers-types` in both directions: code written for a Worker accepts
 * our adapters, and d1ops accepts a Worker's binding.
 * @module
 */
import type { Target } from "../report/report.ts";

/** What D1 reports about a statement. Local adapters measure `changes`, `last_row_id` and `size_after`; see `docs/d1.md`. */
export interface D1Meta {
  /** Milliseconds. */
  duration: number;
  /** Pages in use times page size, in bytes. */
  size_after: number;
  rows_read: number;
  rows_written: number;
  last_row_id: number;
  changed_db: boolean;
  /** Rows inserted, updated or deleted, including those by triggers and cascades. */
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
 * One SQL text with its parameters. As in D1, numbers bind as REAL, integers return as numbers and blobs as arrays of
 * bytes. To read an integer beyond 2^53 exactly, use `CAST(x AS TEXT)`.
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

/** `batch` is one transaction, including schema changes: all statements are committed, or none. */
export interface D1Database {
  prepare(query: string): D1PreparedStatement;
  batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]>;
  exec(query: string): Promise<D1ExecResult>;
}

/** What D1's interface lacks: the database's identity, its bookmark, and closing it. */
export interface Database {
  readonly d1: D1Database;
  readonly target: Target;
  /** Reads the current Time Travel bookmark. Null if the database has no Time Travel. */
  readonly bookmark: (() => Promise<string>) | null;
  /**
   * True if this object has written everything that the database contained at its last transaction: the database was empty before,
   * and no one else has committed since. Absent if that cannot be known.
   */
  readonly wroteAll?: () => boolean;
  close(): void;
}

/**
 * A statement that D1 rejected. `message` is D1's own: `D1_ERROR: <SQLite's message>[ at offset N]: <SQLITE_CODE>`.
 * `index` is the 0-based index of the failing statement in the batch, if the adapter knows it: a binding does not.
 */
export interface D1Failure extends Error {
  /** The transaction was rolled back. Every other failure is an `OpsError`. */
  readonly kind: "refused";
  readonly index?: number;
  /** Position of the error in that statement, in UTF-16 units. Only adapters over SQLite itself know it. */
  readonly place?: number;
}
