/** @module The order in which tables are written. */
import type { ForeignKeyRow } from "../../schema/rows.ts";
import { upperCase } from "../../sql/quote.ts";

/**
 * Tables to which others refer come first. If a row of such a table is deleted, a foreign key may delete or change rows that refer to it.
 * They are written afterwards. Of tables that refer to each other, one has to be first.
 */
export function parentsFirst<T extends { readonly name: string }>(
  tables: readonly T[],
  foreignKeys: readonly Pick<ForeignKeyRow, "owner" | "table">[],
): T[] {
  const parents = Map.groupBy(foreignKeys, ({ owner }) => upperCase(owner));
  const byName = new Map(tables.map((table) => [upperCase(table.name), table]));
  const ordered = new Set<T>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const { table } of parents.get(name) ?? []) visit(upperCase(table));
    const found = byName.get(name);
    if (found !== undefined) ordered.add(found);
  };
  for (const name of byName.keys()) visit(name);
  return [...ordered];
}
