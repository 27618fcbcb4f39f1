/**
 * The state of a backfill. d1ops stores it in the database that the backfill changes, so that any machine can watch and continue it.
 * Two runs cannot both advance it: every batch of a run fails unless the state is as the run knows it.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { missingIn } from "../failure/kind.ts";
import type { Outcome } from "./backfill.ts";

/** The formats of both tables are described in `docs/backfills.md`. */
export const BACKFILLS = "d1ops_backfills";
export const QUARANTINE = "d1ops_quarantine";
/** The keys of the rows that are `changed`: the first of several writes may change the outcome that the others would see. */
export const TODO = "d1ops_todo";

/** d1ops leaves them out when it compares schemas. */
export const BACKFILL_TABLES: readonly string[] = [BACKFILLS, QUARANTINE, TODO];

export type State =
  /** A run processes rows, or died while it did. */
  | "running"
  /** Stopped before the end: the next run continues. */
  | "paused"
  /** Stopped for good: the next run begins with the first row. */
  | "cancelled"
  /** All rows were processed. The reconciliation has not succeeded. */
  | "scanned"
  /** All rows were processed, and the reconciliation found none that is not done. */
  | "reconciled";

export type Counts = Readonly<Record<Outcome, number>> & { readonly scanned: number };

export function quarantinedRows({ conflict, invalid }: Counts): number {
  return conflict + invalid;
}

/** The values of a cursor, for reports. */
export type Cursor = readonly string[];

export interface Progress {
  readonly name: string;
  readonly checksum: string;
  readonly state: State;
  /** Written windows: one more with each batch. */
  readonly windows: number;
  /** Null before the first row. */
  readonly cursor: Cursor | null;
  readonly counts: Counts;
  /** As D1 bills them, except for batches whose answer was lost. Locally: rows that changed. */
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /** The runner of the current or last run. */
  readonly holder: string;
  /** Of the current or last run. Each run has its own. */
  readonly token: string;
  /** ISO 8601, UTC, of the database's clock. */
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly reconciledAt: string | null;
  /** Milliseconds since the last sign of life, by the database's clock. */
  readonly silentMs: number;
  /** Time Travel's bookmark from just before the last run's first write; null if there is none. */
  readonly bookmark: string | null;
  /** Rows per second, at most; null: no limit. Another command can change it during a run. */
  readonly rate: number | null;
  /** Rows of the next window, as the last run has learnt it. */
  readonly windowRows: number;
}

/** True if `before` had no rows left, and the run after it found no new ones. */
export function foundNothing(before: Progress | undefined, after: Progress): before is Progress {
  if (before?.state !== "scanned" && before?.state !== "reconciled") return false;
  return before.startedAt === after.startedAt && before.counts.scanned === after.counts.scanned;
}

export const NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

/** The cursor's columns have no type, so that SQLite stores a key unchanged. */
export function createTables(d1: D1Database): D1PreparedStatement[] {
  return [
    d1.prepare(`CREATE TABLE IF NOT EXISTS ${BACKFILLS} (
  name          TEXT PRIMARY KEY,
  checksum      TEXT NOT NULL,
  state         TEXT NOT NULL,
  windows       INTEGER NOT NULL DEFAULT 0,
  cursor_1, cursor_2, cursor_3, cursor_4,
  until_1, until_2, until_3, until_4,
  scanned       INTEGER NOT NULL DEFAULT 0,
  changed       INTEGER NOT NULL DEFAULT 0,
  already       INTEGER NOT NULL DEFAULT 0,
  conflict      INTEGER NOT NULL DEFAULT 0,
  invalid       INTEGER NOT NULL DEFAULT 0,
  skipped       INTEGER NOT NULL DEFAULT 0,
  rows_read     INTEGER NOT NULL DEFAULT 0,
  rows_written  INTEGER NOT NULL DEFAULT 0,
  window_rows   INTEGER NOT NULL DEFAULT 0,
  rate          REAL,
  bookmark      TEXT,
  holder        TEXT NOT NULL,
  token         TEXT NOT NULL,
  started_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL,
  reconciled_at TEXT
)`),
    d1.prepare(`CREATE TABLE IF NOT EXISTS ${QUARANTINE} (
  backfill TEXT NOT NULL,
  key      TEXT NOT NULL,
  outcome  TEXT NOT NULL,
  reason   TEXT NOT NULL,
  original TEXT,
  at       TEXT NOT NULL,
  PRIMARY KEY (backfill, key)
)`),
    d1.prepare(
      `CREATE TABLE IF NOT EXISTS ${TODO} (backfill TEXT NOT NULL, key_1, key_2, key_3, key_4)`,
    ),
  ];
}

/** As texts: D1's API rounds large integers and has no infinity. */
const CURSOR: readonly string[] = [1, 2, 3, 4].map(
  (n) =>
    `CASE typeof(cursor_${n}) WHEN 'blob' THEN quote(cursor_${n}) ELSE CAST(cursor_${n} AS TEXT) END AS cursor_${n}`,
);

export const COLUMNS: string = `name, checksum, state, windows, ${CURSOR.join(", ")}, scanned, changed, already, conflict, invalid,
  skipped, rows_read, rows_written, window_rows, rate, bookmark, holder, token, started_at, updated_at, reconciled_at,
  CAST(round((julianday('now') - julianday(updated_at)) * 86400000) AS INTEGER) AS silent_ms`;

/** All backfills that have run, by name. Empty if the table does not exist. */
export async function readProgress(d1: D1Database): Promise<Progress[]> {
  try {
    const { results } = await d1
      .prepare(`SELECT ${COLUMNS} FROM ${BACKFILLS} ORDER BY name`)
      .all<Row>();
    return results.map(progressOf);
  } catch (error) {
    if (missingIn(error)?.name === BACKFILLS) return [];
    throw error;
  }
}

/** Undefined: the backfill has never run. */
export async function readProgressOf(d1: D1Database, name: string): Promise<Progress | undefined> {
  return (await readProgress(d1)).find((one) => one.name === name);
}

export type Row = Readonly<Record<string, unknown>>;

/** Reads a row with {@link COLUMNS}. */
export function progressOf(row: Row): Progress {
  const number = (column: string): number => Number(row[column] ?? 0);
  const text = (column: string): string => String(row[column]);
  return {
    name: text("name"),
    checksum: text("checksum"),
    state: stateOf(row["state"]),
    windows: number("windows"),
    // A window may have been written while the source was empty.
    cursor: typeof row["cursor_1"] === "string" ? cursorOf(row) : null,
    counts: {
      scanned: number("scanned"),
      changed: number("changed"),
      already: number("already"),
      conflict: number("conflict"),
      invalid: number("invalid"),
      skipped: number("skipped"),
    },
    rowsRead: number("rows_read"),
    rowsWritten: number("rows_written"),
    holder: text("holder"),
    token: text("token"),
    startedAt: text("started_at"),
    updatedAt: text("updated_at"),
    reconciledAt: typeof row["reconciled_at"] === "string" ? row["reconciled_at"] : null,
    silentMs: number("silent_ms"),
    bookmark: typeof row["bookmark"] === "string" ? row["bookmark"] : null,
    rate: typeof row["rate"] === "number" ? row["rate"] : null,
    windowRows: number("window_rows"),
  };
}

function cursorOf(row: Row): Cursor {
  return [1, 2, 3, 4].flatMap((n) => {
    const value = row[`cursor_${n}`];
    return typeof value === "string" ? [value] : [];
  });
}

function stateOf(value: unknown): State {
  const states: readonly State[] = ["running", "paused", "cancelled", "scanned", "reconciled"];
  return states.find((state) => state === value) ?? "paused";
}

/** Fails, and the whole batch with it, unless this run owns the backfill and is at this window. */
export function guard(
  d1: D1Database,
  { name, token, windows }: Pick<Progress, "name" | "token" | "windows">,
): D1PreparedStatement {
  return d1
    .prepare(
      `SELECT CASE WHEN EXISTS (SELECT 1 FROM ${BACKFILLS} WHERE name = ? AND state = 'running' AND token = ? AND windows = ?)
  THEN 1 ELSE json('another run has changed the backfill') END AS holds`,
    )
    .bind(name, token, windows);
}
