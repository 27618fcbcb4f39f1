/**
 * The rows that a run leaves undone: those that it put into the quarantine, and those that the reconciliation finds. The query of a
 * reconciliation selects the rows that are not done, so it must find none.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { BACKFILLS, NOW, QUARANTINE, type Row } from "./backfill-state.ts";
import type { Backfill } from "./backfill.ts";
import type { RunRequest } from "./run-request.ts";

export interface Quarantined {
  readonly count: number;
  /** In the order in which the run found them, at most {@link NAMED}. */
  readonly rows: readonly {
    /** As SQL literals. */
    readonly key: string;
    readonly outcome: string;
    readonly reason: string;
  }[];
}

const NAMED = 1000;

/**
 * The last row id of the quarantine before a run, for {@link quarantinedSince}. A run that begins with the first row empties the
 * quarantine of this backfill, so its row ids start again.
 */
export async function lastQuarantined(
  d1: D1Database,
  { before, anew }: Pick<RunRequest, "before" | "anew">,
): Promise<number> {
  if (anew || before?.state === "cancelled") return 0;
  const { results } = await d1
    .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .bind(QUARANTINE)
    .all();
  if (results.length === 0) return 0;
  return Number(await d1.prepare(`SELECT max(rowid) AS last FROM ${QUARANTINE}`).first("last"));
}

export async function quarantinedSince(
  d1: D1Database,
  name: string,
  last: number,
): Promise<Quarantined> {
  const where = `FROM ${QUARANTINE} WHERE backfill = ? AND rowid > ?`;
  const [count, rows] = await d1.batch<Row>([
    d1.prepare(`SELECT count(*) AS n ${where}`).bind(name, last),
    d1
      .prepare(`SELECT key, outcome, reason ${where} ORDER BY rowid LIMIT ${NAMED}`)
      .bind(name, last),
  ]);
  return {
    count: Number(count?.results[0]?.["n"] ?? 0),
    rows: (rows?.results ?? []).map((row) => ({
      key: String(row["key"]),
      outcome: String(row["outcome"]),
      reason: String(row["reason"]),
    })),
  };
}

export type Reconciliation =
  | { readonly outcome: "empty" }
  | { readonly outcome: "left over"; readonly count: number; readonly sample: readonly Row[] }
  /** The file has no such query. */
  | { readonly outcome: "not checked" };

const SAMPLE = 20;

/** Records the success in the same transaction as the query. */
export async function reconcile(
  d1: D1Database,
  { name, reconcile: query }: Backfill,
): Promise<Reconciliation> {
  if (query === null) return { outcome: "not checked" };
  const { meta } = await d1
    .prepare(
      `UPDATE ${BACKFILLS} SET state = 'reconciled', reconciled_at = ${NOW} WHERE name = ? AND state IN ('scanned', 'reconciled') AND NOT EXISTS (SELECT 1 FROM (${query}\n))`,
    )
    .bind(name)
    .run();
  // The query may scan the whole table, so it runs again only if it found rows.
  if (meta.changes > 0) return { outcome: "empty" };
  const answers = await d1.batch<Row>([
    d1.prepare(`SELECT count(*) AS n FROM (${query}\n)`),
    d1.prepare(`SELECT * FROM (${query}\n) LIMIT ${SAMPLE}`),
  ]);
  const count = Number(answers[0]?.results[0]?.["n"] ?? 0);
  return count === 0
    ? { outcome: "empty" }
    : { outcome: "left over", count, sample: answers[1]?.results ?? [] };
}
