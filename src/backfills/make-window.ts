/**
 * Makes the windows of a run: for a backfill in SQL, and for a program. The answer of each window contains the edges of the next one, or
 * the rows of the next one for a program.
 * @module
 */
import type { D1Database, D1PreparedStatement, D1Result } from "../database/port.ts";
import type { Row } from "./backfill-state.ts";
import { sizeOf, type WalkState } from "./walk.ts";
import type { RowBackfill, SqlBackfill } from "./backfill.ts";
import { type Ahead, edgesOf, keptCursor, knownEdges } from "./window-keys.ts";
import { compiled, otherRows, otherWindows, tried, withoutRows, writesOf } from "./blame.ts";
import { setAside, sqlWindow, type WindowOrder } from "./window-sql.ts";
import { fetchedOf, judge, nextRows, rowsWindow } from "./window-rows.ts";

/** `rowsAhead`: rows that the window after this one is expected to have. */
export type MakeWindow = (state: WalkState, rowsAhead: number) => Promise<Window>;

export interface WindowBatch {
  /** Makes the statements anew for each attempt. */
  readonly statements: () => D1PreparedStatement[];
  /** The row of the new state, and what makes the next window. */
  readonly read: (answers: readonly D1Result<Row>[]) => {
    readonly row: Row | undefined;
    readonly makeNext: MakeWindow;
  };
}

export interface Window extends WindowBatch {
  /** If this window was not written: makes it again, perhaps with fewer rows, and reads none of its rows twice. */
  readonly makeAgain: MakeWindow;
  /** If D1 rejected the window: puts its single row into the quarantine. */
  readonly setAside: (refused: Refused) => WindowBatch;
  /** The statements without the window's rows. */
  readonly withoutRows: () => D1PreparedStatement[];
  /** The statements for each of some other rows, alone. */
  readonly otherRows: () => Promise<D1PreparedStatement[][]>;
}

interface Refused {
  readonly message: string;
  /** The quarantine stores only the row's key. */
  readonly keyOnly: boolean;
}

/** `ahead`: from the answer of the window before. */
export function sqlWindows(
  d1: D1Database,
  backfill: SqlBackfill,
  columns: readonly string[],
  ahead: Ahead | null = null,
): MakeWindow {
  const makeWindow: MakeWindow = async (state, rowsAhead) => {
    const { progress, rows, spent, lookAhead } = state;
    const known = lookAhead ? edgesOf(ahead, progress.windows, rows) : null;
    // The database cuts a window to the rate, which another command may have changed.
    const order = { d1, progress, rows, learnt: rows, known, ahead: rowsAhead, spent, columns };
    return {
      statements: () => sqlWindow(backfill, order),
      read(answers) {
        const row = answers.at(-1)?.results[0];
        const edges = knownEdges(backfill, row ?? {});
        const next = { windows: progress.windows + 1, rows: rowsAhead, edges };
        return { row, makeNext: sqlWindows(d1, backfill, columns, next) };
      },
      makeAgain: makeWindow,
      setAside: (refused) => ({
        statements: () => setAside(backfill, order, refused),
        read: (answers) => ({
          row: answers.at(-1)?.results[0],
          makeNext: sqlWindows(d1, backfill, columns),
        }),
      }),
      withoutRows: () => withoutRows(backfill, order),
      otherRows: async () =>
        (await otherWindows(backfill, order)).map((edges) => tried(backfill, order, edges)),
    };
  };
  return makeWindow;
}

interface FetchedRows {
  /** The number of the window that these rows are for. */
  readonly windows: number;
  /** How many rows the query asked for: fewer rows mean that there are no others. */
  readonly limit: number;
  readonly rows: readonly Row[];
}

/** `prepared` is what `prepare` of the program returned; `ahead`: from the answer of the window before, or of an earlier attempt. */
export function rowWindows(
  d1: D1Database,
  backfill: RowBackfill,
  prepared: unknown,
  ahead: FetchedRows | null = null,
): MakeWindow {
  return async (state) => {
    const { progress } = state;
    const order = rowOrderOf(d1, state);
    const fetched = ahead?.windows === progress.windows ? ahead : await fetchRows(backfill, order);
    const limit = Math.min(fetched.limit, order.rows);
    const rows = fetchedOf(backfill, fetched.rows.slice(0, limit));
    const judged = rows.map((one) => judge(d1, backfill, one, prepared));
    return {
      statements: () => rowsWindow(backfill, order, judged, limit),
      read(answers) {
        const found = answers.at(-1)?.results ?? [];
        const next = { windows: progress.windows + 1, limit: order.rows, rows: found };
        return {
          row: answers.at(-2)?.results[0],
          makeNext: rowWindows(d1, backfill, prepared, next),
        };
      },
      makeAgain: rowWindows(d1, backfill, prepared, fetched),
      setAside({ message, keyOnly }) {
        const verdict = { outcome: "conflict", reason: message } as const;
        const row = judged.slice(0, 1).map((one) => ({ ...one, verdict, keyOnly }));
        return {
          statements: () => rowsWindow(backfill, order, row, 1),
          read: (answers) => ({
            row: answers.at(-2)?.results[0],
            makeNext: rowWindows(d1, backfill, prepared),
          }),
        };
      },
      withoutRows: () => compiled(backfill, order, judged),
      async otherRows() {
        const others = await otherRows(backfill, order, prepared);
        return others.map((one) => writesOf(order, one, backfill.name));
      },
    };
  };
}

function rowOrderOf(d1: D1Database, state: WalkState): WindowOrder {
  const { progress, rows, spent } = state;
  const size = sizeOf(state);
  return { d1, progress, rows: size, learnt: rows, known: null, ahead: size, spent, columns: [] };
}

async function fetchRows(backfill: RowBackfill, order: WindowOrder): Promise<FetchedRows> {
  const after = keptCursor(backfill, order.progress);
  const { results } = await nextRows(backfill, order, after).all<Row>();
  return { windows: order.progress.windows, limit: order.rows, rows: results };
}
