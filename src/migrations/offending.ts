/**
 * Counts and lists the rows that made a statement fail, by querying the database after the rollback. A replay in memory gives the
 * schema at the statement. Only reads.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import type { Schema } from "../schema/model.ts";
import { unframe } from "../sql/complaint.ts";
import { quoteIdentifier, quoteString } from "../sql/quote.ts";
import { offendingQueries, type OffendingQuery } from "./offending-queries.ts";
import { rowsOf } from "./written-rows.ts";

export interface Offending {
  /** The number of rows, or of values that several rows share. */
  readonly rows: number;
  /** The first three, as `id = 4`, or `email = 'a@example.com'`. */
  readonly keys: readonly string[];
  /** What is wrong with them: `users.email is NULL`. */
  readonly what: string;
  /** `value` if several rows share it. Default: `row`. */
  readonly unit?: string;
}

/** Returns null if rows are not the cause, if they cannot be read any more, or if none is found. */
export async function findOffending(
  d1: D1Database,
  schema: Schema,
  statement: string,
  message: string,
): Promise<Offending | null> {
  const rows = rowsOf(statement, schema);
  if (rows === null) return null;
  for (const query of offendingQueries(rows, schema, unframe(message).text)) {
    const found = await queryRows(d1, query);
    if (found !== null) return found;
  }
  return null;
}

/** Runs the query. If it fails, d1ops reports the failure without the rows. */
async function queryRows(
  d1: D1Database,
  { query, columns, ...about }: OffendingQuery,
): Promise<Offending | null> {
  const key = columns
    .map((column) => `${quoteString(`${column} = `)} || quote(${quoteIdentifier(column)})`)
    .join(" || ', ' || ");
  try {
    const [count, first] = await d1.batch<{ n: number; key: string }>([
      d1.prepare(`SELECT count(*) AS n FROM (${query})`),
      d1.prepare(`SELECT ${key} AS key FROM (${query}) LIMIT 3`),
    ]);
    const rows = count?.results[0]?.n ?? 0;
    if (rows === 0) return null;
    return { rows, keys: first?.results.map((row) => row.key) ?? [], ...about };
  } catch {
    return null;
  }
}
