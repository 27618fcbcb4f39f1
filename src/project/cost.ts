/**
 * The cost of work on a database, as text.
 * @module
 */
import { count as counted } from "../report/wording.ts";
import { costOf } from "../backfills/window-pace.ts";
import type { Target } from "../report/report.ts";

/** Rows, as D1 bills them. */
export interface Billed {
  readonly read: number;
  readonly written: number;
}

/** `$0.0120, 3,000 rows written`. A local database has no price: `3,000 rows written`. */
export function costText({ place }: Pick<Target, "place">, billed: Billed, rows: number): string {
  const written = `${counted(rows, "row")} written`;
  return place === "local"
    ? written
    : `$${costOf(billed.read, billed.written).toFixed(4)}, ${written}`;
}
