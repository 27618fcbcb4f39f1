/** @module The cost of work on a database, as text. */
import { count } from "../report/wording.ts";
import { type Cost, costOf } from "../report/billing.ts";
import type { Target } from "../report/report.ts";

/** `$0.0120, 3,000 rows written`. A local database has no price: `3,000 rows written`. */
export function costText({ place }: Pick<Target, "place">, billed: Cost, rows: number): string {
  const written = `${count(rows, "row")} written`;
  return place === "local"
    ? written
    : `$${costOf(billed.read, billed.written).toFixed(4)}, ${written}`;
}
