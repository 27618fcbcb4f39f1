/** @module Begins, resumes and stops a backfill: the changes of its state other than windows. */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { quoteString } from "../sql/quote.ts";
import { type Backfill, OUTCOMES } from "./backfill.ts";
import {
  BACKFILLS,
  COLUMNS,
  createTables,
  NOW,
  type Progress,
  progressOf,
  QUARANTINE,
  type Row,
} from "./backfill-state.ts";

export interface BackfillRunner {
  /** `user@host (process 7)` */
  readonly holder: string;
  /** Each run has its own. */
  readonly token: string;
  /** Whether the process of the run with this token has ended. Default: only a silence of {@link SILENCE_MS} shows that. */
  readonly isDead?: (token: string) => boolean;
}

/** A run without a sign of life for longer counts as dead. D1 ends every batch after 30 seconds. */
export const SILENCE_MS = 60_000;

export interface BeginOptions {
  /** Begin with the first row, whatever earlier runs did. */
  readonly anew: boolean;
  /** Rows per second; null: the rate in the database, or no limit. */
  readonly rate: number | null;
  /** Rows of the first window. Later windows grow or shrink with the time that they take. */
  readonly windowRows: number;
  /** Whether the user chose `windowRows`. Otherwise a run continues with the size that the last run has learnt. */
  readonly windowGiven?: boolean;
  /** Time Travel's bookmark from just before the run; null if there is none. */
  readonly bookmark?: string | null;
}

/** Begins or resumes a backfill ({@link claim}). Takes over a dead run. @throws OpsError BACKFILL_HELD if another run is alive */
export async function beginRun(
  d1: D1Database,
  backfill: Backfill,
  runner: BackfillRunner,
  options: BeginOptions,
): Promise<Progress> {
  let progress = await claim(d1, backfill, runner, { ...options, dead: null });
  if (progress.token !== runner.token && runner.isDead?.(progress.token) === true) {
    progress = await claim(d1, backfill, runner, { ...options, dead: progress.token });
  }
  if (progress.token !== runner.token) throw held(progress);
  return progress;
}

/**
 * Creates the tables and the row of the backfill, or takes over a row whose run has stopped or died. If the backfill was cancelled,
 * or with `anew`, it begins with the first row. `dead` is the token of a run that is known to be dead. Returns the state to continue from; its token shows which run has the backfill.
 * A repeated or late call of the same run changes nothing.
 */
async function claim(
  d1: D1Database,
  { name, checksum }: Backfill,
  { holder, token }: BackfillRunner,
  {
    anew,
    rate,
    windowRows,
    windowGiven = false,
    bookmark = null,
    dead,
  }: BeginOptions & { readonly dead: string | null },
): Promise<Progress> {
  const isDead = dead === null ? "" : ` OR token = ${quoteString(dead)}`;
  const free = `token <> ?2 AND (state <> 'running'${isDead} OR (julianday('now') - julianday(updated_at)) * 86400000 > ${SILENCE_MS})`;
  const restarts = `(${anew ? "1" : "state = 'cancelled'"})`;
  const zero = ["windows", "scanned", ...OUTCOMES, "rows_read", "rows_written"];
  const answers = await d1.batch<Row>([
    ...createTables(d1),
    d1
      .prepare(
        `DELETE FROM ${QUARANTINE} WHERE backfill = ?1 AND EXISTS (SELECT 1 FROM ${BACKFILLS} WHERE name = ?1 AND ${free} AND ${restarts})`,
      )
      .bind(name, token),
    d1
      .prepare(
        `UPDATE ${BACKFILLS} SET ${zero.map((column) => `${column} = 0`).join(", ")},
  cursor_1 = NULL, cursor_2 = NULL, cursor_3 = NULL, cursor_4 = NULL, started_at = ${NOW}, reconciled_at = NULL
WHERE name = ?1 AND ${free} AND ${restarts}`,
      )
      .bind(name, token),
    d1
      .prepare(
        `INSERT INTO ${BACKFILLS} (name, checksum, state, holder, token, started_at, updated_at, rate, window_rows, bookmark)
VALUES (?1, ?3, 'running', ?4, ?2, ${NOW}, ${NOW}, ?5, ?6, ?7)
ON CONFLICT (name) DO UPDATE SET state = 'running', token = ?2, holder = ?4, checksum = ?3, updated_at = ${NOW},
  rate = coalesce(?5, rate), bookmark = ?7, window_rows = CASE WHEN window_rows > 0 AND NOT ?8 THEN window_rows ELSE ?6 END,
  reconciled_at = CASE WHEN checksum = ?3 THEN reconciled_at END
WHERE ${free}`,
      )
      .bind(name, token, checksum, holder, rate, windowRows, bookmark, Number(windowGiven)),
    d1.prepare(`SELECT ${COLUMNS} FROM ${BACKFILLS} WHERE name = ?`).bind(name),
  ]);
  const row = answers.at(-1)?.results[0];
  if (row === undefined) throw new Error(`the row of ${name} is missing after d1ops inserted it`);
  return progressOf(row);
}

/** Stops a run at its next window, on whichever machine it runs. A finished backfill keeps its state. Idempotent. */
export async function stop(
  d1: D1Database,
  name: string,
  state: "paused" | "cancelled",
): Promise<void> {
  await d1
    .prepare(
      `UPDATE ${BACKFILLS} SET state = ?2, updated_at = ${NOW} WHERE name = ?1 AND state NOT IN ('scanned', 'reconciled')`,
    )
    .bind(name, state)
    .run();
}

/** Changes the rate of a run, on whichever machine it runs. Rows per second; null: no limit. Idempotent. */
export async function changeRate(d1: D1Database, name: string, rate: number | null): Promise<void> {
  await d1.prepare(`UPDATE ${BACKFILLS} SET rate = ?2 WHERE name = ?1`).bind(name, rate).run();
}

/**
 * Records a run's cost and its end. Without a window it has written nothing: an earlier reconciliation remains valid. `updatedAt`:
 * when a row was last processed, for a run that has processed none. Idempotent.
 */
export async function endRun(
  d1: D1Database,
  { name, token, rowsRead, rowsWritten }: Progress,
  updatedAt: string | null = null,
): Promise<Progress | null> {
  const updated = d1
    .prepare(
      `UPDATE ${BACKFILLS} SET rows_read = ?3, rows_written = ?4, updated_at = coalesce(?5, updated_at), state = CASE WHEN state <> 'running' THEN state WHEN reconciled_at IS NULL THEN 'paused' ELSE 'reconciled' END
WHERE name = ?1 AND token = ?2 RETURNING ${COLUMNS}`,
    )
    .bind(name, token, rowsRead, rowsWritten, updatedAt);
  return returned(updated);
}

/** Shows that a waiting run is alive. Returns null if another command has stopped it. */
export async function signOfLife(
  d1: D1Database,
  { name, token }: Progress,
): Promise<Progress | null> {
  const updated = d1
    .prepare(
      `UPDATE ${BACKFILLS} SET updated_at = ${NOW} WHERE name = ?1 AND token = ?2 AND state = 'running' RETURNING ${COLUMNS}`,
    )
    .bind(name, token);
  return returned(updated);
}

async function returned(update: D1PreparedStatement): Promise<Progress | null> {
  const [row] = (await update.all<Row>()).results;
  return row === undefined ? null : progressOf(row);
}

/** A read cannot exclude a run that begins right after it. @throws OpsError BACKFILL_HELD if another run is alive */
export function requireNotRunning(
  progress: Progress | undefined,
  isDead: (token: string) => boolean,
): void {
  if (progress?.state !== "running" || progress.silentMs > SILENCE_MS) return;
  if (!isDead(progress.token)) throw held(progress);
}

function held({ name, holder, startedAt, silentMs }: Progress): OpsError {
  const message = `${holder} is running ${name}. Its last sign of life was ${Math.round(silentMs / 1000)} s ago.`;
  const hint = `${offer("To watch it", command("backfill status", name))}\n${offer("To stop it at its next window", command("backfill cancel", name, "--pause"))}\nIf that run has died, run the same command again: d1ops takes over at once on the same machine, and after a minute on another.`;
  return new OpsError("BACKFILL_HELD", { name, holder, since: startedAt }, { message, hint });
}
