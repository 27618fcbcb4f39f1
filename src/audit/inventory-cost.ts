/** @module What an inventory would cost, before it is spent: counting a table reads each of its rows, and D1 bills rows read. */
import type { D1Database } from "../database/port.ts";
import type { Check } from "../report/report.ts";
import { command, offer } from "../report/command.ts";
import { count } from "../report/wording.ts";
import type { Rows } from "../schema/rows.ts";
import { shapesOf } from "../snapshots/rows/table-shape.ts";
import { quoteIdentifier } from "../sql/quote.ts";

/** D1 bills rows read at $0.001 a million, and a free account may read 5 million a day. https://developers.cloudflare.com/d1/platform/pricing/ */
export const DEFAULT_ROWS_READ = 1_000_000;

export interface Estimate {
  /** By the highest key of each table, so deleted rows count. */
  readonly rows: number;
  /** Tables whose keys are no integers, so nothing says how many rows they have. */
  readonly unknown: readonly string[];
}

/** Reads one row of each table, with one request. */
export async function estimateRows(d1: D1Database, rows: Rows): Promise<Estimate> {
  const shapes = shapesOf(rows);
  const numbered = shapes.filter(({ numbered: isNumbered }) => isNumbered);
  const unknown = shapes.filter((one) => !one.numbered).map(({ name }) => name);
  if (numbered.length === 0) return { rows: 0, unknown };
  const answers = await d1.batch<{ rows: number | null }>(
    numbered.map(({ name, key: [key = "rowid"] }) =>
      d1.prepare(`SELECT max(${quoteIdentifier(key)}) AS rows FROM ${quoteIdentifier(name)}`),
    ),
  );
  const all = answers.map(({ results }) => Math.max(0, results[0]?.rows ?? 0));
  return { rows: all.reduce((sum, one) => sum + one, 0), unknown };
}

/** The rows were not counted, because that would read more of them than `most`. */
export function costCheck({ rows, unknown }: Estimate, most: number): Check {
  const more = unknown.length === 0 ? "" : `, and those of ${count(unknown.length, "other table")}`;
  return {
    id: "tables.rows",
    outcome: "not-checked",
    measured: `counting would read about ${count(rows, "row")}${more}`,
    expected: `at most ${count(most, "row")} read`,
    evidence: {
      rows,
      unknown,
      help: offer("To count them", command("audit tables", "--max-rows-read", String(2 * rows))),
    },
  };
}
