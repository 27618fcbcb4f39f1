/**
 * What differs between a backfill in SQL and a program: how its windows are made, and how their answers are read. The answer of each
 * window contains the edges of the next one, or the rows of the next one for a program.
 * @module
 */
import type { D1Database, D1PreparedStatement, D1Result } from "../database/port.ts";
import type { Row } from "./backfill-state.ts";
import { sizeOf, type WalkState } from "./walk.ts";
import type { RowBackfill, SqlBackfill } from "./backfill.ts";
import { type Ahead, edgesOf, knownEdges } from "./keys.ts";
import { compiled, otherRows, otherWindows, tried, withoutRows, writesOf } from "./blame.ts";
import { setAside, sqlWindow, type WindowOrder } from "./window-sql.ts";
import { fetchedOf, judge, type Judged, nextRows, rowsWindow } from "./window-rows.ts";

export interface WindowBatch {
  /** Makes the statements anew for each attempt. */
  readonly statements: () => D1PreparedStatement[];
  /** The row of the new state. Stores the edges or the rows of the next window. */
  readonly read: (answers: readonly D1Result<Row>[]) => Row | undefined;
}

/** `rowsAhead`: rows that the window after the next one is expected to have. */
export interface WindowStrategy {
  readonly window: (state: WalkState, rowsAhead: number) => Promise<WindowBatch>;
  /** Puts the single row of the window that was refused into the quarantine. */
  readonly setAside: (state: WalkState, reason: string, keyOnly: boolean) => WindowBatch;
  /** The statements of the window that was refused, without its rows. */
  readonly withoutRows: (state: WalkState) => D1PreparedStatement[];
  /** The statements for each of some other rows, alone. */
  readonly otherRows: (state: WalkState) => Promise<D1PreparedStatement[][]>;
}

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
