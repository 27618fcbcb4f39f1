/**
 * The windows of a program. The answer of each window contains the rows of the next one.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import type { RowBackfill } from "./backfill.ts";
import type { Row } from "./backfill-state.ts";
import { compiled, otherRows, writesOf } from "./probe.ts";
import { sizeOf, type WalkState } from "./walk.ts";
import { fetchedOf, judge, type Judged, nextRows, rowsWindow } from "./window-rows.ts";
import type { WindowOrder } from "./window-sql.ts";
import type { WindowStrategy } from "./window-strategy.ts";

interface FetchedRows {
  /** The number of the window that these rows are for. */
  readonly windows: number;
  /** How many rows the query asked for: fewer rows mean that there are no others. */
  readonly limit: number;
  readonly rows: readonly Row[];
}

/** `prepared` is what `prepare` of the program returned. */
export function rowWindows(
  d1: D1Database,
  backfill: RowBackfill,
  prepared: unknown,
): WindowStrategy {
  let fetched: FetchedRows | null = null;
  let judged: readonly Judged[] = [];
  const orderOf = (state: WalkState): WindowOrder => {
    const { progress, rows, spent } = state;
    const size = sizeOf(state);
    return { d1, progress, rows: size, learnt: rows, known: null, ahead: size, spent, columns: [] };
  };
  const rowsFor = async (state: WalkState): Promise<FetchedRows> => {
    const { windows, cursor } = state.progress;
    if (fetched?.windows === windows) return fetched;
    const order = orderOf(state);
    const { results } = await nextRows(backfill, order, cursor === null).all<Row>();
    return { windows, limit: order.rows, rows: results };
  };
  return {
    async window(state) {
      const order = orderOf(state);
      fetched = await rowsFor(state);
      const limit = Math.min(fetched.limit, order.rows);
      const rows = fetchedOf(backfill, fetched.rows.slice(0, limit));
      const window = rows.map((one) => judge(d1, backfill, one, prepared));
      judged = window;
      return {
        statements: () => rowsWindow(backfill, order, window, limit),
        read(answers) {
          const windows = state.progress.windows + 1;
          fetched = { windows, limit: order.rows, rows: answers.at(-1)?.results ?? [] };
          return answers.at(-2)?.results[0];
        },
      };
    },
    setAside(state, reason, keyOnly) {
      const verdict = { outcome: "conflict", reason } as const;
      const row = judged.slice(0, 1).map((one) => ({ ...one, verdict, keyOnly }));
      return {
        statements: () => rowsWindow(backfill, orderOf(state), row, 1),
        read: (answers) => answers.at(-2)?.results[0],
      };
    },
    withoutRows: (state) => compiled(backfill, orderOf(state), judged),
    async otherRows(state) {
      const order = orderOf(state);
      const others = await otherRows(backfill, order, prepared);
      return others.map((one) => writesOf(order, one, backfill.name));
    },
  };
}
