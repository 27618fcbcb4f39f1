/**
 * The common case, cheaply: two databases whose definitions are the same to the letter have the same schema, and need no comparing.
 * @module
 */
import type { D1Database } from "../database/port.ts";

const DEFINITIONS = String.raw`SELECT type, name, tbl_name, sql FROM sqlite_master
WHERE name NOT LIKE '\_cf\_%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY type, name`;

/** How many objects there are where all are the same to the letter; null where any differs, which says nothing yet. */
export async function countIdentical(
  left: D1Database,
  right: D1Database,
  ignore: readonly string[],
): Promise<number | null> {
  const [one, other] = [await definitions(left, ignore), await definitions(right, ignore)];
  return one.length === other.length && one.every((text, i) => text === other[i])
    ? one.length
    : null;
}

async function definitions(d1: D1Database, ignore: readonly string[]): Promise<string[]> {
  const rows = await d1.prepare(DEFINITIONS).raw<[string, string, string, string | null]>();
  return rows.filter(([, , table]) => !ignore.includes(table)).map((row) => JSON.stringify(row));
}
