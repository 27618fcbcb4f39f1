/**
 * What differs between a backfill in SQL and a program: how its windows are made, and how their answers are read.
 * @module
 */
import type { D1PreparedStatement, D1Result } from "../database/port.ts";
import type { Row } from "./backfill-state.ts";
import type { WalkState } from "./walk.ts";

export interface WindowBatch {
  /** Makes the statements anew for each attempt. */
  readonly statements: () => D1PreparedStatement[];
  /** The row of the new state. Keeps what the answers tell of the next window. */
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
