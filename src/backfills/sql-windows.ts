/**
 * The windows of a backfill in SQL.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import type { SqlBackfill } from "./backfill.ts";
import { type Ahead, edgesOf, knownEdges } from "./edges.ts";
import { otherWindows, tried, withoutRows } from "./probe.ts";
import type { WalkState } from "./walk.ts";
import { setAside, sqlWindow, type WindowOrder } from "./window-sql.ts";
import type { WindowStrategy } from "./window-strategy.ts";

export function sqlWindows(
  d1: D1Database,
  backfill: SqlBackfill,
  columns: readonly string[],
): WindowStrategy {
  let ahead: Ahead | null = null;
  // The database cuts a window to the rate, which another command may have changed.
  const orderOf = (state: WalkState, rowsAhead: number): WindowOrder => {
    const { progress, rows, spent, lookAhead } = state;
    const known = lookAhead ? edgesOf(ahead, progress.windows, rows) : null;
    return { d1, progress, rows, learnt: rows, known, ahead: rowsAhead, spent, columns };
  };
  return {
    window: async (state, rowsAhead) => ({
      statements: () => sqlWindow(backfill, orderOf(state, rowsAhead)),
      read(answers) {
        const row = answers.at(-1)?.results[0];
        const windows = state.progress.windows + 1;
        ahead = { windows, rows: rowsAhead, edges: knownEdges(backfill, row ?? {}) };
        return row;
      },
    }),
    setAside: (state, reason, keyOnly) => ({
      statements: () => setAside(backfill, orderOf(state, state.rows), reason, keyOnly),
      read: (answers) => answers.at(-1)?.results[0],
    }),
    withoutRows: (state) => withoutRows(backfill, orderOf(state, state.rows)),
    async otherRows(state) {
      const order = orderOf(state, state.rows);
      return (await otherWindows(backfill, order)).map((known) => tried(backfill, order, known));
    },
  };
}
