/**
 * One window of a backfill that is all SQL, as one batch: guard, the window's end, counts, quarantine, writes, checkpoint.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { quoteString } from "../sql/quote.ts";
import { type Outcome, OUTCOMES, type SqlBackfill } from "./backfill.ts";
import { originalOf } from "./original.ts";
import {
  afterCursor,
  inWindow,
  isOutcome,
  keyList,
  literalOf,
  overSlice,
  sourceOf,
  tuple,
  VERDICT,
  withSlice,
} from "./slice.ts";
import { BACKFILLS, COLUMNS, guard, NOW, type Progress, QUARANTINE, TODO } from "./state.ts";

export interface WindowOrder {
  readonly d1: D1Database;
  readonly progress: Progress;
  /** Rows at most; in SQL cut to the rate, too. */
  readonly rows: number;
  /** What the next run begins with: as many rows as take the time that a window should, whatever the rate is now. */
  readonly learnt: number;
  /** What the batches before have cost, as far as it is not written down yet. */
  readonly spent: { readonly read: number; readonly written: number };
  /** The source's columns: what a quarantined row keeps. */
  readonly columns: readonly string[];
}

/** Answers last the new state: a row with the columns of {@link COLUMNS}. */
export function sqlWindow(backfill: SqlBackfill, order: WindowOrder): D1PreparedStatement[] {
  const { d1, progress } = order;
  const first = progress.cursor === null;
  const prepared = (sql: string): D1PreparedStatement => d1.prepare(sql);
  const several = backfill.writes.length > 1;
  return [
    guard(d1, progress),
    setEnd(d1, backfill, first, order.rows),
    prepared(countVerdicts(backfill, first)),
    ...(backfill.outcome === null ? [] : [prepared(quarantine(backfill, first, order.columns))]),
    ...(several ? [prepared(note(backfill, first))] : []),
    ...backfill.writes.map((write) => prepared(overSlice(backfill, write, first))),
    ...(several
      ? [prepared(`DELETE FROM ${TODO} WHERE backfill = ${quoteString(backfill.name)}`)]
      : []),
    checkpoint(backfill, order),
  ];
}

/** A single row that the database refuses: it goes to the quarantine, and the cursor passes it. */
export function setAside(
  backfill: SqlBackfill,
  order: WindowOrder,
  reason: string,
): D1PreparedStatement[] {
  const { d1, progress } = order;
  const first = progress.cursor === null;
  const name = quoteString(backfill.name);
  return [
    guard(d1, progress),
    setEnd(d1, backfill, first, 1),
    d1
      .prepare(
        `INSERT OR REPLACE INTO ${QUARANTINE} (backfill, key, outcome, reason, original, at)
${withSlice(backfill, first)}SELECT ${name}, ${keyText(backfill)}, 'conflict', ?, ${originalOf(order.columns)}, ${NOW} FROM slice`,
      )
      .bind(reason),
    d1.prepare(
      `UPDATE ${BACKFILLS} SET scanned = scanned + 1, conflict = conflict + 1 WHERE name = ${name} AND until_1 IS NOT NULL`,
    ),
    checkpoint(backfill, { ...order, rows: 1 }),
  ];
}

/** The key of the window's last row: the n-th behind the cursor, or the last one of all. Null where there is none. */
function setEnd(
  d1: D1Database,
  backfill: SqlBackfill,
  first: boolean,
  rows: number,
): D1PreparedStatement {
  const until = tuple(backfill.key.map((_, i) => `until_${i + 1}`));
  const keys = keyList(backfill);
  const behind = `SELECT ${keys} FROM ${sourceOf(backfill)} WHERE ${afterCursor(backfill, first)}`;
  const nth = `SELECT 1 AS d1ops_n, * FROM (${behind} ORDER BY ${keys} LIMIT 1 OFFSET (SELECT ${cutToRate(rows)} - 1 FROM ${BACKFILLS} WHERE name = ${quoteString(backfill.name)}))`;
  const last = `SELECT 2 AS d1ops_n, * FROM (${behind} ORDER BY ${keyList(backfill, " DESC")} LIMIT 1)`;
  return d1.prepare(
    `UPDATE ${BACKFILLS} SET ${until} = (SELECT ${keys} FROM (${nth} UNION ALL ${last}) ORDER BY d1ops_n LIMIT 1)
WHERE name = ${quoteString(backfill.name)}`,
  );
}

/** As the pace has it, by the rate that the row has now: whoever changes it is heard at once. */
function cutToRate(rows: number | "?2"): string {
  return `CASE WHEN rate > 0 THEN min(${rows}, max(1, CAST(rate AS INTEGER))) ELSE ${rows} END`;
}

/** A verdict that is none, NULL too, is invalid: nobody knows what was meant for this row. */
function countVerdicts(backfill: SqlBackfill, first: boolean): string {
  const name = quoteString(backfill.name);
  if (backfill.outcome === null) {
    return `UPDATE ${BACKFILLS} AS b SET scanned = b.scanned + j.n, changed = b.changed + j.n
FROM (SELECT count(*) AS n FROM ${sourceOf(backfill)} WHERE ${inWindow(backfill, first)}) AS j WHERE b.name = ${name}`;
  }
  const sums = OUTCOMES.map((outcome) => `${outcome} = b.${outcome} + j.${outcome}`).join(", ");
  const known = OUTCOMES.filter((outcome) => outcome !== "invalid");
  const counts = known.map(
    (outcome) =>
      `coalesce(sum(n) FILTER (WHERE ${isOutcome("verdict", outcome)}), 0) AS ${outcome}`,
  );
  // Grouped first: the expression may be long, and is looked at once a row.
  const grouped = `verdicts AS MATERIALIZED (SELECT ${VERDICT} AS verdict, count(*) AS n FROM judged GROUP BY 1)`;
  const counted = `${withSlice(backfill, first).trimEnd()}, ${grouped} SELECT coalesce(sum(n), 0) AS n, ${counts.join(", ")} FROM verdicts`;
  return `UPDATE ${BACKFILLS} AS b SET ${sums}, scanned = b.scanned + j.n
FROM (SELECT *, n - ${known.join(" - ")} AS invalid FROM (${counted})) AS j WHERE b.name = ${name}`;
}

function quarantine(backfill: SqlBackfill, first: boolean, columns: readonly string[]): string {
  const are = (...outcomes: Outcome[]): string =>
    outcomes.map((outcome) => isOutcome(VERDICT, outcome)).join(" OR ");
  const colon = `instr(${VERDICT}, ':')`;
  return `INSERT OR REPLACE INTO ${QUARANTINE} (backfill, key, outcome, reason, original, at)
${withSlice(backfill, first)}SELECT ${quoteString(backfill.name)}, ${keyText(backfill)},
  CASE WHEN ${are("conflict")} THEN 'conflict' ELSE 'invalid' END,
  CASE WHEN NOT coalesce(${are("conflict", "invalid")}, 0) THEN 'd1ops:outcome answered ' || quote(${VERDICT}) || ', which is no outcome'
    WHEN ${colon} > 0 THEN trim(substr(${VERDICT}, ${colon} + 1)) ELSE 'no reason given' END,
  ${originalOf(columns)}, ${NOW} FROM judged WHERE NOT coalesce(${are("changed", "already", "skipped")}, 0)`;
}

function note(backfill: SqlBackfill, first: boolean): string {
  const columns = backfill.key.map((_, i) => `key_${i + 1}`).join(", ");
  return `INSERT INTO ${TODO} (backfill, ${columns})
${withSlice(backfill, first)}SELECT ${quoteString(backfill.name)}, ${keyList(backfill)} FROM judged WHERE ${isOutcome(VERDICT, "changed")}`;
}

/** As SQL would write it, so that no two keys are the same text. */
export function keyText({ key }: Pick<SqlBackfill, "key">): string {
  return key.map(literalOf).join(" || ', ' || ");
}

/** Fewer rows than were asked for are the last ones. */
function checkpoint(backfill: SqlBackfill, order: WindowOrder): D1PreparedStatement {
  const { d1, progress, rows, learnt, spent } = order;
  const cursor = backfill.key
    .map(
      (_, i) =>
        `cursor_${i + 1} = CASE WHEN until_1 IS NULL THEN cursor_${i + 1} ELSE until_${i + 1} END`,
    )
    .join(", ");
  return d1
    .prepare(
      `UPDATE ${BACKFILLS} SET ${cursor}, windows = windows + 1, updated_at = ${NOW}, window_rows = ?6, reconciled_at = NULL,
  rows_read = rows_read + ?3, rows_written = rows_written + ?4,
  state = CASE WHEN scanned - ?5 < ${cutToRate("?2")} THEN 'scanned' ELSE state END
WHERE name = ?1 RETURNING ${COLUMNS}`,
    )
    .bind(backfill.name, rows, spent.read, spent.written, progress.counts.scanned, learnt);
}
