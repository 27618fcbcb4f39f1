/**
 * The batch of one window of a program: the writes, the quarantine, the checkpoint, and the query for the next rows. The rows of
 * the window came with the answer of the batch before, so a window is one request.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { OpsError } from "../report/error.ts";
import { sameIdentifier } from "../sql/quote.ts";
import {
  OUTCOMES,
  type RowBackfill,
  type SourceRow,
  type Verdict,
  type Write,
} from "./backfill.ts";
import { kept, keyList, literalOf } from "./window-keys.ts";
import { originalText } from "./original-row.ts";
import { behind, sourceOf } from "./slice.ts";
import { BACKFILLS, COLUMNS, guard, NOW, QUARANTINE } from "./backfill-state.ts";
import { textOfThrown } from "./thrown.ts";
import type { WindowOrder } from "./window-sql.ts";

/** A row, and its key as SQL literals. */
export interface Fetched {
  readonly row: SourceRow;
  readonly key: readonly string[];
}

export interface Judged extends Fetched {
  readonly verdict: Verdict;
  /** True: the quarantine stores only the key, because the row is too large or has no JSON. */
  readonly keyOnly?: boolean;
}

/** `after`: an SQL expression of a key, like `after` of `Edges`. */
export function nextRows(
  backfill: RowBackfill,
  { d1, rows }: Pick<WindowOrder, "d1" | "rows">,
  after: string | null,
  direction: "" | " DESC" = "",
): D1PreparedStatement {
  const quoted = backfill.key.map((column, i) => `${literalOf(column)} AS "d1ops key ${i + 1}"`);
  return d1.prepare(
    `SELECT *, ${quoted.join(", ")} FROM ${sourceOf(backfill)} WHERE ${behind(backfill, after)} ORDER BY ${keyList(backfill, direction)} LIMIT ${rows}`,
  );
}

export function fetchedOf(backfill: RowBackfill, found: readonly SourceRow[]): Fetched[] {
  return found.map((all) => {
    const row = new Map(Object.entries(all));
    const key = backfill.key.map((column, i) => {
      const text = String(row.get(`d1ops key ${i + 1}`));
      row.delete(`d1ops key ${i + 1}`);
      // As a number of JavaScript it could be the key of another row.
      const isLong = /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text));
      if (isLong) row.set(nameIn(row, column), BigInt(text));
      return text;
    });
    return { row: Object.fromEntries(row), key };
  });
}

/** The column's name as the database writes it. */
function nameIn(row: ReadonlyMap<string, unknown>, column: string): string {
  return [...row.keys()].find((name) => sameIdentifier(name, column)) ?? column;
}

/** The row is `invalid` if the program throws, or returns no valid write. @throws OpsError if the file is at fault for every row */
export function judge(
  d1: D1Database,
  backfill: RowBackfill,
  fetched: Fetched,
  prepared: unknown,
): Judged {
  try {
    const verdict = backfill.decide(copyOf(fetched.row), prepared);
    if (verdict.outcome === "changed")
      for (const write of verdict.writes) prepareWrite({ d1 }, write);
    return { ...fetched, verdict };
  } catch (error) {
    if (error instanceof OpsError) throw error;
    return { ...fetched, verdict: { outcome: "invalid", reason: textOfThrown(error) } };
  }
}

/** The program gets a copy that it may change, because the quarantine stores the row as it was read. A blob is an array of bytes. */
function copyOf(row: SourceRow): SourceRow {
  const copy: Record<string, unknown> = { ...row };
  for (const [column, value] of Object.entries(copy)) {
    if (Array.isArray(value)) copy[column] = [...value];
  }
  return copy;
}

/** Its last two answers are the new state and the next rows. `asked` is the limit of the query that read these rows. */
export function rowsWindow(
  backfill: RowBackfill,
  order: WindowOrder,
  judged: readonly Judged[],
  asked: number,
): D1PreparedStatement[] {
  const { d1, progress, spent } = order;
  const last = judged.at(-1)?.key;
  const cursor = (last ?? []).map((literal, i) => `cursor_${i + 1} = ${literal}`);
  const counts = OUTCOMES.map((outcome) => {
    const { length } = judged.filter(({ verdict }) => verdict.outcome === outcome);
    return `${outcome} = ${outcome} + ${length}`;
  });
  const sets = [
    ...cursor,
    ...counts,
    `scanned = scanned + ${judged.length}`,
    "windows = windows + 1",
    `updated_at = ${NOW}`,
    `window_rows = ${order.learnt}`,
    "reconciled_at = NULL",
    ...(judged.length < asked ? ["state = 'scanned'"] : []),
  ];
  return [
    guard(d1, progress),
    ...judged
      .flatMap(({ verdict }) => (verdict.outcome === "changed" ? verdict.writes : []))
      .map((write) => prepareWrite(order, write)),
    ...judged.flatMap((one) => quarantine(backfill, order, one)),
    d1
      .prepare(
        `UPDATE ${BACKFILLS} SET ${sets.join(", ")}, rows_read = rows_read + ?, rows_written = rows_written + ? WHERE name = ? RETURNING ${COLUMNS}`,
      )
      .bind(spent.read, spent.written, backfill.name),
    nextRows(backfill, order, kept(backfill, "cursor")),
  ];
}

/** D1 accepts no BigInt. A column of integers converts the text to the same number. */
export function prepareWrite({ d1 }: Pick<WindowOrder, "d1">, write: Write): D1PreparedStatement {
  if (typeof write === "string") return d1.prepare(write);
  const [sql, ...params] = write;
  return d1
    .prepare(sql)
    .bind(...params.map((param) => (typeof param === "bigint" ? param.toString() : param)));
}

function quarantine(
  { name }: RowBackfill,
  { d1 }: WindowOrder,
  { row, key, verdict, keyOnly }: Judged,
): D1PreparedStatement[] {
  if (verdict.outcome !== "conflict" && verdict.outcome !== "invalid") return [];
  const { outcome, reason } = verdict;
  const original = keyOnly === true ? null : originalText(row);
  return [
    d1
      .prepare(
        `INSERT OR REPLACE INTO ${QUARANTINE} (backfill, key, outcome, reason, original, at) VALUES (?, ?, ?, ?, ?, ${NOW})`,
      )
      .bind(name, key.join(", "), outcome, reason, original),
  ];
}
