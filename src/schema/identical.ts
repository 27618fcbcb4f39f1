/**
 * The common case, cheaply: two databases whose definitions are the same to the letter have the same schema, and need no comparing.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";

const DEFINITIONS = String.raw`SELECT type, name, tbl_name, sql FROM sqlite_master
WHERE name NOT LIKE '\_cf\_%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY type, name`;

/** What reads the definitions of a database, to be handed to {@link countIdentical}. */
export function definitionsStatement(d1: D1Database): D1PreparedStatement {
  return d1.prepare(DEFINITIONS);
}

export type DefinitionRow = Readonly<Record<string, unknown>>;

/** How many objects there are where all are the same to the letter; null where any differs, which says nothing yet. */
export function countIdentical(
  left: readonly DefinitionRow[],
  right: readonly DefinitionRow[],
  ignore: readonly string[],
): number | null {
  const [one, other] = [texts(left, ignore), texts(right, ignore)];
  return one.length === other.length && one.every((text, i) => text === other[i])
    ? one.length
    : null;
}

function texts(rows: readonly DefinitionRow[], ignore: readonly string[]): string[] {
  return rows
    .filter((row) => !ignore.includes(String(row["tbl_name"])))
    .map(({ type, name, tbl_name, sql }) => JSON.stringify([type, name, tbl_name, sql]));
}
