/** @module The batch of one window of a backfill in SQL: guard, the window's end, counts, quarantine, writes, checkpoint. */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { quoteString } from "../sql/quote.ts";
import { type Outcome, OUTCOMES, type SqlBackfill } from "./backfill.ts";
import {
  edgeColumns,
  type Edges,
  kept,
  keptEdges,
  keyList,
  keyText,
  tuple,
} from "./window-keys.ts";
import { originalSql } from "./original-row.ts";
import {
  behind,
  inWindow,
  isOutcome,
  isPlainly,
  overSlice,
  sourceOf,
  VERDICT,
  withSlice,
} from "./slice.ts";
import {
  BACKFILLS,
  COLUMNS,
  guard,
  NOW,
  type Progress,
  QUARANTINE,
  TODO,
} from "./backfill-state.ts";

export interface WindowOrder {
  readonly d1: D1Database;
  readonly progress: Progress;
  /** Rows, at most. For SQL, the database also cuts them to the rate. */
  readonly rows: number;
  /** Rows of the next run's first window: as many as fit into a window's target time, whatever the rate is. */
  readonly learnt: number;
  /** Its edges, from the answer before; null: the batch finds them. */
  readonly known: Edges | null;
  /** Expected rows of the window after this one, whose edges the answer contains. */
  readonly ahead: number;
  /** The cost of the last batch, which this one records. */
  readonly spent: { readonly read: number; readonly written: number };
  /** The source's columns, which the quarantine stores. */
  readonly columns: readonly string[];
}

/** Its last answer is the new state: a row with {@link COLUMNS} and `edgeColumns`. */
export function sqlWindow(backfill: SqlBackfill, order: WindowOrder): D1PreparedStatement[] {
  const { d1, progress, known } = order;
  const edges = known ?? keptEdges(backfill, progress);
  const { conflict, invalid } = progress.counts;
  const prepared = (sql: string): D1PreparedStatement => d1.prepare(sql);
  const several = backfill.writes.length > 1;
  return [
    guard(d1, progress),
    ...(known === null ? [setEnd(backfill, order)] : []),
    prepared(countVerdicts(backfill, edges)),
    ...(backfill.outcome === null
      ? []
      : [prepared(quarantine(backfill, edges, order.columns)).bind(conflict + invalid)]),
    ...(several ? [prepared(note(backfill, edges))] : []),
    ...backfill.writes.map((write) => prepared(overSlice(backfill, write, edges))),
    ...(several
      ? [prepared(`DELETE FROM ${TODO} WHERE backfill = ${quoteString(backfill.name)}`)]
      : []),
    ...checkpoint(backfill, order),
  ];
}

/** Quarantines a row that the database rejects, and moves past it. `keyOnly`: without the row, which the database may reject too. */
export function setAside(
  backfill: SqlBackfill,
  order: WindowOrder,
  { message, keyOnly }: { readonly message: string; readonly keyOnly: boolean },
): D1PreparedStatement[] {
  const { d1, progress } = order;
  const name = quoteString(backfill.name);
  const edges = keptEdges(backfill, progress);
  return [
    guard(d1, progress),
    setEnd(backfill, { ...order, rows: 1 }),
    d1
      .prepare(
        `INSERT OR REPLACE INTO ${QUARANTINE} (backfill, key, outcome, reason, original, at)
${withSlice(backfill, edges)}SELECT ${name}, ${keyText(backfill)}, 'conflict', ?, ${keyOnly ? "NULL" : originalSql(order.columns)}, ${NOW} FROM slice`,
      )
      .bind(message),
    d1.prepare(
      `UPDATE ${BACKFILLS} SET scanned = scanned + 1, conflict = conflict + 1 WHERE name = ${name} AND until_1 IS NOT NULL`,
    ),
    ...checkpoint(backfill, { ...order, rows: 1 }),
  ];
}

function setEnd(backfill: SqlBackfill, { d1, progress, rows }: WindowOrder): D1PreparedStatement {
  const { after } = keptEdges(backfill, progress);
  return d1.prepare(
    `UPDATE ${BACKFILLS} SET ${endOf(backfill, after, rows)} WHERE name = ${quoteString(backfill.name)}`,
  );
}

/** Like `cutToRate` of `window-pace.ts`, but by the rate that is in the database now, so that a change takes effect at once. */
function rateLimitSql(rows: number): string {
  return `iif(rate > 0, min(${rows}, max(1, CAST(rate AS INTEGER))), ${rows})`;
}

/** The key of a window's last row: the n-th row after the last window, or the last row of the source. Null if there is no row. */
function endOf(backfill: SqlBackfill, after: string | null, rows: number): string {
  const until = tuple(backfill.key.map((_, i) => `until_${i + 1}`));
  const keys = keyList(backfill);
  const all = `SELECT ${keys} FROM ${sourceOf(backfill)} WHERE ${behind(backfill, after)}`;
  const nth = `SELECT 1 AS d1ops_n, * FROM (${all} ORDER BY ${keys} LIMIT 1 OFFSET (SELECT ${rateLimitSql(rows)} - 1 FROM ${BACKFILLS} WHERE name = ${quoteString(backfill.name)}))`;
  const last = `SELECT 2 AS d1ops_n, * FROM (${all} ORDER BY ${keyList(backfill, " DESC")} LIMIT 1)`;
  return `${until} = (SELECT ${keys} FROM (${nth} UNION ALL ${last}) ORDER BY d1ops_n LIMIT 1)`;
}

/** A row with an unknown verdict, or NULL, counts as invalid. */
function countVerdicts(backfill: SqlBackfill, edges: Edges): string {
  const name = quoteString(backfill.name);
  if (backfill.outcome === null) {
    return `UPDATE ${BACKFILLS} AS b SET scanned = b.scanned + j.n, changed = b.changed + j.n
FROM (SELECT count(*) AS n FROM ${sourceOf(backfill)} WHERE ${inWindow(backfill, edges)}) AS j WHERE b.name = ${name}`;
  }
  const sums = OUTCOMES.map((outcome) => `${outcome} = b.${outcome} + j.${outcome}`).join(", ");
  const known = OUTCOMES.filter((outcome) => outcome !== "invalid");
  const counts = known.map(
    (outcome) =>
      `coalesce(sum(n) FILTER (WHERE ${isOutcome("verdict", outcome)}), 0)${outcome === "changed" ? " + (SELECT changed FROM plain)" : ""} AS ${outcome}`,
  );
  // Most rows are simply 'changed'. Only the others are grouped, because grouping sorts, which takes three times as long as a count.
  const plain = `plain AS MATERIALIZED (SELECT count(*) AS n, count(*) FILTER (WHERE ${isPlainly(VERDICT, "changed")}) AS changed FROM judged)`;
  const some = `(SELECT 1 AS "d1ops some" FROM plain WHERE n > changed)`;
  const grouped = `verdicts AS MATERIALIZED (SELECT ${VERDICT} AS verdict, count(*) AS n FROM ${some} CROSS JOIN judged
  WHERE NOT coalesce(${isPlainly(VERDICT, "changed")}, 0) GROUP BY ${VERDICT} COLLATE BINARY)`;
  const counted = `${withSlice(backfill, edges).trimEnd()}, ${plain}, ${grouped} SELECT (SELECT n FROM plain) AS n, ${counts.join(", ")} FROM verdicts`;
  return `UPDATE ${BACKFILLS} AS b SET ${sums}, scanned = b.scanned + j.n
FROM (SELECT *, n - ${known.join(" - ")} AS invalid FROM (${counted})) AS j WHERE b.name = ${name}`;
}

/** Reads the rows only if the counts have grown since the last window. */
function quarantine(backfill: SqlBackfill, edges: Edges, columns: readonly string[]): string {
  const name = quoteString(backfill.name);
  const some = `(SELECT 1 AS "d1ops some" FROM ${BACKFILLS} WHERE name = ${name} AND conflict + invalid > ?)`;
  const are = (...outcomes: Outcome[]): string =>
    outcomes.map((outcome) => isOutcome(VERDICT, outcome)).join(" OR ");
  const colon = `instr(${VERDICT}, ':')`;
  return `INSERT OR REPLACE INTO ${QUARANTINE} (backfill, key, outcome, reason, original, at)
${withSlice(backfill, edges)}SELECT ${name}, ${keyText(backfill)},
  CASE WHEN ${are("conflict")} THEN 'conflict' ELSE 'invalid' END,
  CASE WHEN NOT coalesce(${are("conflict", "invalid")}, 0) THEN 'd1ops:outcome returned ' || quote(${VERDICT}) || ', which is not an outcome'
    WHEN ${colon} > 0 THEN trim(substr(${VERDICT}, ${colon} + 1)) ELSE 'no reason given' END,
  ${originalSql(columns)}, ${NOW} FROM ${some} CROSS JOIN judged WHERE NOT coalesce(${are("changed", "already", "skipped")}, 0)`;
}

function note(backfill: SqlBackfill, edges: Edges): string {
  const columns = backfill.key.map((_, i) => `key_${i + 1}`).join(", ");
  return `INSERT INTO ${TODO} (backfill, ${columns})
${withSlice(backfill, edges)}SELECT ${quoteString(backfill.name)}, ${keyList(backfill)} FROM judged WHERE ${isOutcome(VERDICT, "changed")}`;
}

/** Moves the cursor to the window's end, and the end to that of the next window. If there is no next window, all rows are processed. */
function checkpoint(backfill: SqlBackfill, order: WindowOrder): D1PreparedStatement[] {
  const { d1, learnt, ahead, spent } = order;
  const name = quoteString(backfill.name);
  const cursor = backfill.key.map(
    (_, i) => `cursor_${i + 1} = iif(until_1 IS NULL, cursor_${i + 1}, until_${i + 1})`,
  );
  return [
    d1.prepare(
      `UPDATE ${BACKFILLS} SET ${cursor.join(", ")}, ${endOf(backfill, kept(backfill, "until"), ahead)} WHERE name = ${name}`,
    ),
    d1
      .prepare(
        `UPDATE ${BACKFILLS} SET windows = windows + 1, updated_at = ${NOW}, window_rows = ?2, reconciled_at = NULL,
  rows_read = rows_read + ?3, rows_written = rows_written + ?4, state = iif(until_1 IS NULL, 'scanned', state)
WHERE name = ?1 RETURNING ${COLUMNS}, ${edgeColumns(backfill)}`,
      )
      .bind(backfill.name, learnt, spent.read, spent.written),
  ];
}
