/**
 * Is anything left over? The backfill's own query has to find nothing.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import type { Backfill } from "./backfill.ts";
import { BACKFILLS, NOW, type Row } from "./state.ts";

export type Reconciliation =
  | { readonly outcome: "empty" }
  | { readonly outcome: "left over"; readonly count: number; readonly sample: readonly Row[] }
  /** The file has no such query. */
  | { readonly outcome: "not checked" };

const SAMPLE = 20;

/** Writes down that it passed, in the transaction in which it passed. */
export async function reconcile(
  d1: D1Database,
  { name, reconcile: query }: Backfill,
): Promise<Reconciliation> {
  if (query === null) return { outcome: "not checked" };
  const answers = await d1.batch<Row>([
    d1
      .prepare(
        `UPDATE ${BACKFILLS} SET state = 'reconciled', reconciled_at = ${NOW} WHERE name = ? AND state IN ('scanned', 'reconciled') AND NOT EXISTS (SELECT 1 FROM (${query}))`,
      )
      .bind(name),
    d1.prepare(`SELECT count(*) AS n FROM (${query})`),
    d1.prepare(`SELECT * FROM (${query}) LIMIT ${SAMPLE}`),
  ]);
  const count = Number(answers[1]?.results[0]?.["n"] ?? 0);
  return count === 0
    ? { outcome: "empty" }
    : { outcome: "left over", count, sample: answers[2]?.results ?? [] };
}

/** In a migration's batch: fails unless nothing is left over of what it destroys the source of. */
export function demandReconciled(name: string, query: string): string {
  return `SELECT CASE WHEN EXISTS (SELECT 1 FROM ${BACKFILLS} WHERE name = '${name.replaceAll("'", "''")}' AND state = 'reconciled')
  AND NOT EXISTS (SELECT 1 FROM (${query})) THEN 1 ELSE json('a backfill that this migration requires is not reconciled') END AS reconciled`;
}
