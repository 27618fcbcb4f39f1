/** @module A fast path for the common case: two databases with identical definitions have the same schema. */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";

const DEFINITIONS = String.raw`SELECT type, name, tbl_name, sql FROM sqlite_master
WHERE name NOT LIKE '\_cf\_%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY type, name`;

/** The statement that reads a database's definitions for {@link countIdentical}. */
export function definitionsStatement(d1: D1Database): D1PreparedStatement {
  return d1.prepare(DEFINITIONS);
}

export type DefinitionRow = Readonly<Record<string, unknown>>;

/** The definitions, ordered so that an object comes before those that refer to it. */
export function definitionsInOrder(rows: readonly DefinitionRow[]): string[] {
  const order = ["table", "view", "index", "trigger"];
  return order.flatMap((type) =>
    rows.flatMap((row) => {
      const { sql } = row;
      return row["type"] === type && typeof sql === "string" ? [sql] : [];
    }),
  );
}

/** Returns the number of objects if all definitions are identical. Otherwise returns null; the schemas may still be equal. */
export function countIdentical(
  left: readonly DefinitionRow[],
  right: readonly DefinitionRow[],
  ignore: readonly string[],
): number | null {
  const [one, other] = [definitionTexts(left, ignore), definitionTexts(right, ignore)];
  return one.length === other.length && one.every((text, i) => text === other[i])
    ? one.length
    : null;
}

/** One text per object that does not belong to a table of `ignore`. */
export function definitionTexts(
  rows: readonly DefinitionRow[],
  ignore: readonly string[],
): string[] {
  return rows
    .filter((row) => !ignore.includes(String(row["tbl_name"])))
    .map(({ type, name, tbl_name, sql }) => JSON.stringify([type, name, tbl_name, sql]));
}
