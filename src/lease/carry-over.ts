/**
 * Keeps the runs of a database while Time Travel restores an earlier state of it. The rows of the runs go back with all others.
 * The run that restores would lose its lease, an old run could hold it again, and ids of runs would be given a second time.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { refusalOf } from "../failure/kind.ts";
import { untilKnown } from "../failure/retry.ts";
import { type Lease, leaseLost } from "./lease.ts";
import { createRuns, RUNS } from "./runs.ts";

const COLUMNS = [
  "id",
  "command",
  "holder",
  "tool",
  "git_commit",
  "bookmark",
  "started_at",
  "expires_at",
  "ended_at",
  "ending",
  "last",
  "nonce",
];

export interface CarriedRuns {
  /** Each a JSON array of the columns. */
  readonly rows: readonly string[];
  readonly nonces: readonly string[];
}

/** Reads all runs, before the state of the database changes. */
export async function readCarriedRuns(d1: D1Database): Promise<CarriedRuns> {
  const rows = await d1
    .prepare(`SELECT json_array(${COLUMNS.join(",")}), nonce FROM ${RUNS} ORDER BY id`)
    .raw<[string, string]>();
  return { rows: rows.map(([row]) => row), nonces: rows.map(([, nonce]) => nonce) };
}

/** Rows of a statement. */
const AT_ONCE = 1000;

/**
 * Writes them again, and renews the lease, which may have expired meanwhile.
 * @throws OpsError LEASE_LOST if another run has begun since, and those of the database
 */
export async function writeCarriedRuns(
  d1: D1Database,
  lease: Lease,
  { rows, nonces }: CarriedRuns,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  const parts = Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, i) =>
    rows.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  );
  const batch = [
    createRuns(d1),
    d1
      .prepare(
        `SELECT CASE WHEN EXISTS (SELECT 1 FROM ${RUNS} WHERE nonce NOT IN (SELECT value FROM json_each(?)))
  THEN json('another run has begun') ELSE 1 END AS alone`,
      )
      .bind(JSON.stringify(nonces)),
    ...parts.map((part) => d1.prepare(INSERT).bind(`[${part.join(",")}]`)),
    d1
      .prepare(
        `UPDATE ${RUNS} SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+60 seconds') WHERE id = ? AND ended_at IS NULL`,
      )
      .bind(lease.run),
  ];
  try {
    await untilKnown(sleep, async () => d1.batch(batch));
  } catch (error) {
    throw refusalOf(error) === null ? error : leaseLost(lease.run);
  }
}

const INSERT = `INSERT OR REPLACE INTO ${RUNS}(${COLUMNS.join(",")})
SELECT ${COLUMNS.map((_, i) => `value->>${i}`).join(",")} FROM json_each(?)`;
