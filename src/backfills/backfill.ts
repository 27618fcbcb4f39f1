/** @module A backfill: which rows to process in the order of a key, what to do with each, and the query that shows whether all are done. */
import type { D1Database } from "../database/port.ts";
import { OpsError } from "../report/error.ts";

/** d1ops writes only for `changed`. Rows with `conflict` or `invalid` go to the quarantine. */
export const OUTCOMES = ["changed", "already", "conflict", "invalid", "skipped"] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** At most: a checkpoint stores four columns. */
export const KEY_COLUMNS = 4;

interface Common {
  /** The file's name without its extension. */
  readonly name: string;
  /** Relative to the project, for messages. */
  readonly file: string;
  /** SHA-256 of the file's text. */
  readonly checksum: string;
  /** The migration that has to be applied before the backfill runs; null: none. */
  readonly after: string | null;
  /** A table's name, or a SELECT. */
  readonly source: string;
  /** Columns of the source, unique together and never null. */
  readonly key: readonly string[];
  /** A query that finds the rows that are not done; null: the backfill cannot be reconciled. */
  readonly reconcile: string | null;
}

/** A backfill in SQL: one request per window. */
export interface SqlBackfill extends Common {
  readonly kind: "sql";
  /** An expression over a row of the source: `'outcome'` or `'outcome: reason'`; null: every row is `changed`. */
  readonly outcome: string | null;
  /** Statements that read `slice` (the rows of the window) and `todo` (its rows that are `changed`). */
  readonly writes: readonly string[];
}

export type SourceRow = Readonly<Record<string, unknown>>;

/** An SQL text, or one with its parameters. */
export type Write = string | readonly [sql: string, ...params: unknown[]];

export type Verdict =
  | { readonly outcome: "changed"; readonly writes: readonly Write[] }
  | { readonly outcome: "already" | "skipped"; readonly reason?: string }
  | { readonly outcome: "conflict" | "invalid"; readonly reason: string };

/** A program that decides about each row, for what SQL cannot do. */
export interface RowBackfill extends Common {
  readonly kind: "rows";
  /** Called once per run. `decide` gets the value that it returns. */
  readonly prepare: ((d1: D1Database) => Promise<unknown>) | null;
  readonly decide: (row: SourceRow, prepared: unknown) => Verdict;
}

export type Backfill = SqlBackfill | RowBackfill;

/** `line` is one-based; null if the problem concerns the whole file. */
export function invalid(
  file: string,
  line: number | null,
  problem: string,
  hint = "See the format: docs/backfills.md of the package d1ops",
): OpsError {
  return new OpsError(
    "BACKFILL_INVALID",
    { path: file, line, problem },
    { message: `${file}${line === null ? "" : `:${line}`}: ${problem}`, hint },
  );
}
