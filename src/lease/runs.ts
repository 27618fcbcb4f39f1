/**
 * The runs of a database: a row for each run that writes, kept in the database itself. The one that has not ended and has not expired
 * is the lease: whoever holds it is the only runner. Its id grows with every run, so that it tells an old holder from a new one.
 * All times are the database's own, for no two machines agree on theirs.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { missingIn } from "../failure/kind.ts";

/** The format is described in `migrations/README.md`. */
export const RUNS = "d1ops_runs";

/** Who runs, and what. */
export interface Claim {
  readonly command: string;
  /** `user@host` and the process, for whoever has to wait for it. */
  readonly holder: string;
  readonly tool: string;
  readonly commit: string | null;
  /** Tells this run's own row where the answer that made it was lost. */
  readonly nonce: string;
  /** How long it may be silent, in seconds. */
  readonly leaseSeconds: number;
}

export interface Run {
  readonly id: number;
  readonly command: string;
  readonly holder: string;
  readonly tool: string;
  /** Time Travel's, of just before its first write. */
  readonly bookmark: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly expiresAt: string;
  readonly endedAt: string | null;
  /** `done`, `failed`, `interrupted`, `expired`, `died`, `released by …` */
  readonly ending: string | null;
  /** What it did last: the name of a migration. */
  readonly last: string | null;
  readonly nonce: string;
  /** True while nobody else may run. */
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

/** Makes the table, where it is not there. */
export function createRuns(d1: D1Database): D1PreparedStatement {
  return d1.prepare(CREATE_RUNS);
}

const EXPIRE = `UPDATE ${RUNS} SET ended_at = expires_at, ending = 'expired'
WHERE ended_at IS NULL AND expires_at <= ${NOW}`;

/** Nothing where somebody holds the lease, and nothing where this very claim has been made: it can be sent twice. */
const BEGIN = `INSERT INTO ${RUNS} (command, holder, tool, git_commit, bookmark, nonce, started_at, expires_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ${NOW}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?7)
WHERE NOT EXISTS (SELECT 1 FROM ${RUNS} WHERE ended_at IS NULL OR nonce = ?6)`;

const SELECT = `SELECT id, command, holder, tool, bookmark, started_at, expires_at, ended_at, ending, last, nonce,
  ended_at IS NULL AND expires_at > ${NOW} AS holds FROM ${RUNS}`;

/**
 * Ends what has expired, and `dead`, a run that is known to be; takes the lease if it is free, and answers (last) with the runs that
 * matter: see {@link runsOf}.
 */
export function claimBatch(
  d1: D1Database,
  claim: Claim,
  bookmark: string | null,
  dead: number | null,
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
 * The first statements of every batch of a run: they fail where the lease is no longer this run's, and make it longer where it is.
 * `json()` of something that is none is the one way to fail inside of D1's SQL.
 */
export function guardBatch(
  d1: D1Database,
  run: number,
  leaseSeconds: number,
  last: string | null,
): D1PreparedStatement[] {
  return [
    d1
      .prepare(
        `SELECT CASE WHEN EXISTS (SELECT 1 FROM ${RUNS} WHERE id = ? AND ended_at IS NULL AND expires_at > ${NOW})
  THEN 1 ELSE json('the lease of this run is over') END AS holds`,
      )
      .bind(run),
    d1
      .prepare(
        `UPDATE ${RUNS} SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?2), last = coalesce(?3, last) WHERE id = ?1`,
      )
      .bind(run, `+${leaseSeconds} seconds`, last),
  ];
}

/** Ends a run; one that has ended already stays as it ended. */
export function endStatement(d1: D1Database, run: number, ending: string): D1PreparedStatement {
  return d1
    .prepare(`UPDATE ${RUNS} SET ended_at = ${NOW}, ending = ?2 WHERE id = ?1 AND ended_at IS NULL`)
    .bind(run, ending);
}

/** The last runs, newest first. A database without the table has had none. */
export async function readRuns(d1: D1Database, count: number): Promise<Run[]> {
  try {
    const { results } = await d1
      .prepare(`${SELECT} ORDER BY id DESC LIMIT ?`)
      .bind(count)
      .all<Row>();
    return runsOf(results);
  } catch (error) {
    if (missingIn(error)?.name === RUNS) return [];
    throw error;
  }
}

type Row = Record<string, unknown>;

/** Rows of the last statement of {@link claimBatch}. */
export function runsOf(rows: readonly Row[]): Run[] {
  return rows.map((row) => ({
    id: Number(row["id"]),
    command: String(row["command"]),
    holder: String(row["holder"]),
    tool: String(row["tool"]),
    bookmark: textOrNull(row["bookmark"]),
    startedAt: String(row["started_at"]),
    expiresAt: String(row["expires_at"]),
    endedAt: textOrNull(row["ended_at"]),
    ending: textOrNull(row["ending"]),
    last: textOrNull(row["last"]),
    nonce: String(row["nonce"]),
    holds: row["holds"] === 1,
  }));
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
