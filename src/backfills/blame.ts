/**
 * Finds out whether the file or a row is at fault when the database rejects a window. d1ops decides this by trying, never by the text of the error:
 *
 * 1. If the same statements also fail without any row, the file is at fault.
 * 2. If no row was changed yet, and the statements also fail for each of many other rows, the file is at fault.
 * 3. Otherwise the row is at fault, once it is alone in its window.
 *
 * Each try is a batch that always rolls back, because it ends with a statement that fails on purpose.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { BACKFILLS, type Progress, type Row } from "./backfill-state.ts";
import { refusalOf } from "../failure/kind.ts";
import { quoteString } from "../sql/quote.ts";
import type { RowBackfill, SqlBackfill, Write } from "./backfill.ts";
import { type Edges, exactLiteral, keptCursor, keyList, literalOf, tuple } from "./window-keys.ts";
import { behind, sourceOf } from "./slice.ts";
import { fetchedOf, judge, type Judged, nextRows, prepareWrite } from "./window-rows.ts";
import { sqlWindow, type WindowOrder } from "./window-sql.ts";

/** How many of the next rows and of the last rows d1ops tries. */
const OTHERS = 25;

/** With fewer rows, all of them may be bad. */
const MANY = 2 * OTHERS;

/** Why the statements fail without the rows of the window; null if they do not. */
export async function faultOfStatements(
  d1: D1Database,
  progress: Progress,
  statements: readonly D1PreparedStatement[],
): Promise<string | null> {
  const result = await tryBatch(d1, progress, statements);
  return typeof result === "object" ? result.refused : null;
}

export interface FaultOfOthers {
  /** Null: the statements succeed for some row, or there are too few rows to tell. */
  readonly fault: string | null;
  /** True if trying again could give no other result. */
  readonly conclusive: boolean;
}

/** `others`: the statements for each of the other rows. `message`: why D1 rejected the first row. */
export async function faultOfOthers(
  d1: D1Database,
  progress: Progress,
  others: readonly (readonly D1PreparedStatement[])[],
  message: string,
): Promise<FaultOfOthers> {
  if (others.length < MANY) return { fault: null, conclusive: true };
  let refused = 0;
  for (const statements of others) {
    const result = await tryBatch(d1, progress, statements);
    if (result === "changed") return { fault: null, conclusive: true };
    if (result !== "idle") refused += 1;
  }
  if (refused < MANY) return { fault: null, conclusive: false };
  const fault = `${message} (each of ${refused + 1} rows fails when d1ops tries it alone)`;
  return { fault, conclusive: true };
}

/** `idle`: the statements succeeded and changed nothing. */
type Trial = "changed" | "idle" | { readonly refused: string };

async function tryBatch(
  d1: D1Database,
  { name, counts }: Pick<Progress, "name" | "counts">,
  statements: readonly D1PreparedStatement[],
): Promise<Trial> {
  try {
    await d1.batch([...statements, rollBack(d1, name, counts.changed)]);
    throw new Error("a batch that must roll back was written");
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    const message = refusal.reason;
    if (message.includes(`${BACKFILLS}.checksum`)) return "idle";
    return message.includes(`${BACKFILLS}.state`) ? "changed" : { refused: message };
  }
}

/** Always fails. The column in the error shows whether the count of changed rows grew. */
function rollBack(d1: D1Database, name: string, changedBefore: number): D1PreparedStatement {
  return d1
    .prepare(
      `INSERT INTO ${BACKFILLS} (name, checksum) SELECT NULL, (SELECT 'x' FROM ${BACKFILLS} WHERE name = ? AND changed > ?)`,
    )
    .bind(name, changedBefore);
}

/** The statements of a window without its guard. */
export function tried(
  backfill: SqlBackfill,
  order: WindowOrder,
  known: Edges,
): D1PreparedStatement[] {
  return sqlWindow(backfill, { ...order, known }).slice(1);
}

export function withoutRows(backfill: SqlBackfill, order: WindowOrder): D1PreparedStatement[] {
  const nulls = backfill.key.map(() => "NULL").join(", ");
  return tried(backfill, order, { after: null, until: `(SELECT ${nulls})` });
}

/** Compiles each statement of a program and runs none. It also reads the next rows, because a source that fails on them is not the fault of this window. */
export function compiled(
  backfill: RowBackfill,
  order: WindowOrder,
  judged: readonly Judged[],
): D1PreparedStatement[] {
  const writes = new Map<string, Write>();
  for (const { verdict } of judged) {
    if (verdict.outcome !== "changed") continue;
    for (const write of verdict.writes)
      writes.set(typeof write === "string" ? write : write[0], write);
  }
  const explained = [...writes.values()].map((write): Write =>
    typeof write === "string" ? `EXPLAIN ${write}` : [`EXPLAIN ${write[0]}`, ...write.slice(1)],
  );
  const rows = order.rows + judged.length;
  return [
    ...explained.map((write) => prepareWrite(order, write)),
    nextRows(backfill, { ...order, rows }, keptCursor(backfill, order.progress)),
  ];
}

/** Windows of one row each. Leaves out keys that may not survive as a text. */
export async function otherWindows(
  backfill: SqlBackfill,
  { d1, progress }: WindowOrder,
): Promise<Edges[]> {
  const literals = backfill.key.map((column, i) => `${literalOf(column)} AS key_${i + 1}`);
  const from = `SELECT ${literals.join(", ")} FROM ${sourceOf(backfill)} WHERE ${behind(backfill, keptCursor(backfill, progress))}`;
  const ask = async (order: string): Promise<(string | null)[]> => {
    const { results } = await d1
      .prepare(`${from} ORDER BY ${order} LIMIT ${OTHERS + 1}`)
      .all<Row>();
    return results.map((row) => {
      const keys = backfill.key.map((_, i) => String(row[`key_${i + 1}`]));
      return keys.every(exactLiteral) ? tuple(keys) : null;
    });
  };
  const next = await ask(keyList(backfill));
  const last = (await ask(keyList(backfill, " DESC"))).toReversed();
  const seen = new Set(next.slice(0, 1));
  const windows: Edges[] = [];
  // The last rows come first, because bad rows are often neighbours.
  for (const keys of [last, next]) {
    for (const [i, until] of keys.entries()) {
      const after = keys[i - 1] ?? null;
      if (after === null || until === null || seen.has(until)) continue;
      seen.add(until);
      windows.push({ after, until });
    }
  }
  return windows;
}

/** Rows after the one that D1 rejected, with the program's decision. Only those that the program would change. */
export async function otherRows(
  backfill: RowBackfill,
  order: WindowOrder,
  prepared: unknown,
): Promise<Judged[]> {
  const after = keptCursor(backfill, order.progress);
  const next = await nextRows(backfill, { ...order, rows: OTHERS + 1 }, after).all<Row>();
  const last = await nextRows(backfill, { ...order, rows: OTHERS }, after, " DESC").all<Row>();
  const [refused, ...others] = fetchedOf(backfill, next.results);
  const seen = new Set([refused?.key.join(", ")]);
  return [...fetchedOf(backfill, last.results), ...others].flatMap((one) => {
    const key = one.key.join(", ");
    if (seen.has(key)) return [];
    seen.add(key);
    const judged = judge(order.d1, backfill, one, prepared);
    return judged.verdict.outcome === "changed" ? [judged] : [];
  });
}

/** The writes of one row. The batch counts as `changed` if they succeed. */
export function writesOf(
  order: WindowOrder,
  { verdict }: Judged,
  name: string,
): D1PreparedStatement[] {
  if (verdict.outcome !== "changed") return [];
  return [
    ...verdict.writes.map((write) => prepareWrite(order, write)),
    order.d1.prepare(
      `UPDATE ${BACKFILLS} SET changed = changed + 1 WHERE name = ${quoteString(name)}`,
    ),
  ];
}
