/**
 * Keeps the runs of a database while Time Travel restores an earlier state of it. The rows of the runs go back with all others.
 * The run that restores would lose its lease, an old run could hold it again, and ids of runs would be given a second time.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { missingIn, refusalOf } from "../failure/kind.ts";
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

export type CarriedRuns = readonly CarriedRun[];

export interface CarriedRun {
  readonly nonce: string;
  /** A JSON array of the columns. */
  readonly row: string;
}

/** Reads all runs. Empty if the table does not exist. */
export async function readCarriedRuns(d1: D1Database): Promise<CarriedRuns> {
  try {
    const rows = await d1
      .prepare(`SELECT json_array(${COLUMNS.join(",")}), nonce FROM ${RUNS} ORDER BY id`)
      .raw<[string, string]>();
    return rows.map(([row, nonce]) => ({ row, nonce }));
  } catch (error) {
    if (missingIn(error)?.name === RUNS) return [];
    throw error;
  }
}

/** Rows of a statement. */
const AT_ONCE = 1000;

/**
 * Writes them after Time Travel, and renews the lease, which may have expired meanwhile.
 * @throws OpsError LEASE_LOST if another run has begun since, and those of the database
 */
export async function writeCarriedRuns(
  d1: D1Database,
  lease: Lease,
  runs: CarriedRuns,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  const batch = [
    createRuns(d1),
    d1
      .prepare(
        `SELECT CASE WHEN EXISTS (SELECT 1 FROM ${RUNS} WHERE nonce NOT IN (SELECT value FROM json_each(?)))
  THEN json('another run has begun') ELSE 1 END AS alone`,
      )
      .bind(JSON.stringify(runs.map(({ nonce }) => nonce))),
    ...textsOf(runs).map((text) => d1.prepare(REPLACE).bind(text)),
    d1
      .prepare(
        `UPDATE ${RUNS} SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+60 seconds') WHERE nonce = ? AND ended_at IS NULL`,
      )
      .bind(lease.nonce),
  ];
  try {
    await untilKnown(sleep, async () => d1.batch(batch));
  } catch (error) {
    throw refusalOf(error) === null ? error : leaseLost(lease.run);
  }
}

/**
 * Writes runs that an earlier Time Travel took away, as ended ones. Other runs may have begun since, also with their ids: then they get new
 * ones. It can be repeated.
 * @throws those of the database
 */
export async function putBackRuns(
  d1: D1Database,
  runs: CarriedRuns,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  const texts = textsOf(runs);
  const batch = [
    createRuns(d1),
    ...texts.map((text) => d1.prepare(WITH_OLD_ID).bind(text)),
    ...texts.map((text) => d1.prepare(WITH_NEW_ID).bind(text)),
  ];
  await untilKnown(sleep, async () => d1.batch(batch));
}

/** JSON arrays of rows. */
function textsOf(runs: CarriedRuns): string[] {
  return Array.from({ length: Math.ceil(runs.length / AT_ONCE) }, (_, i) => {
    const part = runs.slice(i * AT_ONCE, (i + 1) * AT_ONCE);
    return `[${part.map(({ row }) => row).join(",")}]`;
  });
}

const REPLACE = `INSERT OR REPLACE INTO ${RUNS}(${COLUMNS.join(",")})
SELECT ${COLUMNS.map(valueOf).join(",")} FROM json_each(?)`;

const WITHOUT_ID = COLUMNS.filter((name) => name !== "id");

const ENDED: Readonly<Record<string, string>> = {
  ended_at: `coalesce(${valueOf("ended_at")}, ${valueOf("expires_at")})`,
  ending: `coalesce(${valueOf("ending")}, 'expired')`,
};

const WITH_NEW_ID = `INSERT INTO ${RUNS}(${WITHOUT_ID.join(",")})
SELECT ${WITHOUT_ID.map((name) => ENDED[name] ?? valueOf(name)).join(",")} FROM json_each(?)
WHERE ${valueOf("nonce")} NOT IN (SELECT nonce FROM ${RUNS})`;

const WITH_OLD_ID = `INSERT INTO ${RUNS}(${COLUMNS.join(",")})
SELECT ${COLUMNS.map((name) => ENDED[name] ?? valueOf(name)).join(",")} FROM json_each(?)
WHERE ${valueOf("nonce")} NOT IN (SELECT nonce FROM ${RUNS}) AND ${valueOf("id")} NOT IN (SELECT id FROM ${RUNS})`;

function valueOf(column: string): string {
  return `value->>${COLUMNS.indexOf(column)}`;
}
