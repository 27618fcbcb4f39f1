/**
 * The runs of a database: the database stores a row for each run that writes. The row that has neither ended nor expired is the lease,
 * and only its run may write. Ids grow with every run, so that they distinguish an old holder from a new one.
 * All times are by the database's clock, because the clocks of two machines differ.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { missingIn } from "../failure/kind.ts";

/** The format is described in `migrations/README.md`. */
export const RUNS = "d1ops_runs";

export interface Claim {
  readonly command: string;
  /** `user@host` and the process, for the messages of runs that wait. */
  readonly holder: string;
  readonly tool: string;
  readonly commit: string | null;
  /** Identifies the run: no other one has it, also if Time Travel brings an earlier state of the runs back. An id can then be given again. */
  readonly nonce: string;
  /** Seconds without a renewal after which the lease expires. */
  readonly leaseSeconds: number;
}

export interface Run {
  readonly id: number;
  readonly command: string;
  readonly holder: string;
  readonly tool: string;
  /** Time Travel's bookmark from just before the run's first write. */
  readonly bookmark: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly expiresAt: string;
  readonly endedAt: string | null;
  /** `done`, `failed`, `interrupted`, `expired`, `died`, `released by …` */
  readonly ending: string | null;
  /** The name of the migration that the run applied last. */
  readonly last: string | null;
  readonly nonce: string;
  /** True if this run holds the lease. */
  readonly holds: boolean;
}

const NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

const CREATE_RUNS = `CREATE TABLE IF NOT EXISTS ${RUNS} (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  command    TEXT NOT NULL,
  holder     TEXT NOT NULL,
  tool       TEXT NOT NULL,
  git_commit TEXT,
  bookmark   TEXT,
  started_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  ended_at   TEXT,
  ending     TEXT,
  last       TEXT,
  nonce      TEXT NOT NULL UNIQUE
)`;

export function createRuns(d1: D1Database): D1PreparedStatement {
  return d1.prepare(CREATE_RUNS);
}

const EXPIRE = `UPDATE ${RUNS} SET ended_at = expires_at, ending = 'expired'
WHERE ended_at IS NULL AND expires_at <= ${NOW}`;

/** Inserts nothing if a run holds the lease, or if this claim was made before: it can be sent twice. */
const BEGIN = `INSERT INTO ${RUNS} (command, holder, tool, git_commit, bookmark, nonce, started_at, expires_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ${NOW}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?7)
WHERE NOT EXISTS (SELECT 1 FROM ${RUNS} WHERE ended_at IS NULL OR nonce = ?6)`;

const SELECT = `SELECT id, command, holder, tool, bookmark, started_at, expires_at, ended_at, ending, last, nonce,
  ended_at IS NULL AND expires_at > ${NOW} AS holds FROM ${RUNS}`;

/**
 * Ends expired runs and the run with the nonce `dead`, takes the lease if it is free, and returns (last answer) the open runs and its own: see
 * {@link runsOf}.
 */
export function claimBatch(
  d1: D1Database,
  claim: Claim,
  bookmark: string | null,
  dead: string | null,
): D1PreparedStatement[] {
  const { command, holder, tool, commit, nonce, leaseSeconds } = claim;
  return [
    d1.prepare(CREATE_RUNS),
    d1.prepare(EXPIRE),
    ...(dead === null ? [] : [endStatement(d1, dead, "died")]),
    d1
      .prepare(BEGIN)
      .bind(command, holder, tool, commit, bookmark, nonce, `+${leaseSeconds} seconds`),
    d1.prepare(`${SELECT} WHERE ended_at IS NULL OR nonce = ? ORDER BY id DESC`).bind(nonce),
  ];
}

/**
 * The first statements of every batch of a run: they fail if the run no longer holds the lease, and renew it otherwise.
 * `json()` of invalid JSON is the only way to make a batch fail in D1's SQL.
 */
export function guardBatch(
  d1: D1Database,
  nonce: string,
  leaseSeconds: number,
  last: string | null,
): D1PreparedStatement[] {
  return [
    d1
      .prepare(
        `SELECT CASE WHEN EXISTS (SELECT 1 FROM ${RUNS} WHERE nonce = ? AND ended_at IS NULL AND expires_at > ${NOW})
  THEN 1 ELSE json('this run no longer holds the lease') END AS holds`,
      )
      .bind(nonce),
    d1
      .prepare(
        `UPDATE ${RUNS} SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?2), last = coalesce(?3, last) WHERE nonce = ?1`,
      )
      .bind(nonce, `+${leaseSeconds} seconds`, last),
  ];
}

/** Ends a run. A run that has ended keeps its ending. */
export function endStatement(d1: D1Database, nonce: string, ending: string): D1PreparedStatement {
  return d1
    .prepare(
      `UPDATE ${RUNS} SET ended_at = ${NOW}, ending = ?2 WHERE nonce = ?1 AND ended_at IS NULL`,
    )
    .bind(nonce, ending);
}

/** The last runs, newest first. Empty if the table does not exist. */
export async function readRuns(d1: D1Database, count: number): Promise<Run[]> {
  try {
    const { results } = await d1
      .prepare(`${SELECT} ORDER BY id DESC LIMIT ?`)
      .bind(count)
      .all<RunRow>();
    return runsOf(results);
  } catch (error) {
    if (missingIn(error)?.name === RUNS) return [];
    throw error;
  }
}

/** A row of the last statement of {@link claimBatch}. */
export interface RunRow extends Omit<Run, "startedAt" | "expiresAt" | "endedAt" | "holds"> {
  readonly started_at: string;
  readonly expires_at: string;
  readonly ended_at: string | null;
  readonly holds: 0 | 1;
}

export function runsOf(rows: readonly RunRow[]): Run[] {
  return rows.map((row) => ({
    id: row.id,
    command: row.command,
    holder: row.holder,
    tool: row.tool,
    bookmark: row.bookmark,
    startedAt: row.started_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    ending: row.ending,
    last: row.last,
    nonce: row.nonce,
    holds: row.holds === 1,
  }));
}
