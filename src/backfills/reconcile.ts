/**
 * Reconciles a backfill: its query must find no row, because it selects the rows that are not done.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import type { Backfill } from "./backfill.ts";
import { BACKFILLS, NOW, type Row } from "./backfill-state.ts";

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
