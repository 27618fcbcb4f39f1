/**
 * What a backfill is: rows to go through in the order of a key, what to do with each, and how to tell that all is done.
 * @module
 */
import type { D1Database } from "../database/port.ts";

/** `conflict` and `invalid` go to the quarantine; nothing is written for any but `changed`. */
export type Outcome = "changed" | "already" | "conflict" | "invalid" | "skipped";

export const OUTCOMES: readonly Outcome[] = [
  "changed",
  "already",
  "conflict",
  "invalid",
  "skipped",
];

/** Four columns are the most that a checkpoint keeps. */
export const KEY_COLUMNS = 4;

interface Common {
  /** The file's name without its ending. */
  readonly name: string;
  /** Relative to the project, for messages. */
  readonly file: string;
  /** SHA-256 of what the file says. */
  readonly checksum: string;
  /** The migration that has to be applied before it runs; null: any. */
  readonly after: string | null;
  /** A table's name, or a SELECT. */
  readonly source: string;
  /** Columns of the source, unique together and never null. */
  readonly key: readonly string[];
  /** A query that finds nothing when all is done; null: nobody can tell. */
  readonly reconcile: string | null;
}

/** All in SQL: one request a window. */
export interface SqlBackfill extends Common {
  readonly kind: "sql";
  /** An expression over a row of the source: `'outcome'` or `'outcome: reason'`; null: every row is to be changed. */
  readonly outcome: string | null;
  /** Statements that read `slice` (the rows of the window) and `todo` (those to be changed). */
  readonly writes: readonly string[];
}

export type SourceRow = Readonly<Record<string, unknown>>;

/** A SQL text, or one with its parameters. */
export type Write = string | readonly [sql: string, ...params: unknown[]];

/** What becomes of a row. */
export type Verdict =
  | { readonly outcome: "changed"; readonly writes: readonly Write[] }
  | { readonly outcome: "already" | "skipped"; readonly reason?: string }
  | { readonly outcome: "conflict" | "invalid"; readonly reason: string };

/** A program decides about each row: for what SQL cannot do. */
export interface RowBackfill extends Common {
  readonly kind: "rows";
  /** Reads what the decisions need besides the row, once a run; `decide` is given what it answers. */
  readonly prepare: ((d1: D1Database) => Promise<unknown>) | null;
  readonly decide: (row: SourceRow, prepared: unknown) => Verdict;
}

export type Backfill = SqlBackfill | RowBackfill;
