/**
 * Compares the columns of two tables with the same name, and their order.
 * @module
 */
import { keyColumns } from "./compare-constraints.ts";
import { columnParts, describeColumn, excerpts, joinParts, type Texts } from "./describe.ts";
import { changed, type Difference, differences } from "./difference.ts";
import type { Column, OrdinaryTable } from "./model.ts";
import { fold } from "./normal.ts";

/** Compares the order of the columns that both tables have. Returns at most one pair of texts. */
export function changedOrder(left: readonly Column[], right: readonly Column[]): Texts[] {
  const texts = [commonNames(left, right), commonNames(right, left)] as const;
  return fold(texts[0]) === fold(texts[1]) ? [] : [excerpts(...texts)];
}

function commonNames(columns: readonly Column[], others: readonly Column[]): string {
  const names = new Set(others.map(({ name }) => fold(name)));
  const common = columns.filter(({ name }) => names.has(fold(name)));
  return `columns in order: ${common.map(({ name }) => name).join(", ")}`;
}

/**
 * Compares column by column. A PRIMARY KEY implies NOT NULL in some tables. If the keys or options of the tables differ
 * (`keysDiffer`), that difference is reported already, and NOT NULL of the key's columns is not compared.
 */
export function compareColumns(
  left: OrdinaryTable,
  right: OrdinaryTable,
  table: string,
  keysDiffer: boolean,
): readonly Difference[] {
  const keys = new Set([left, right].flatMap(keyNames));
  return differences(left.columns, right.columns, {
    object: "column",
    prefix: `${table}.`,
    describe: describeColumn,
    compare: (a, b, name) => {
      const implied = keysDiffer && keys.has(fold(a.name));
      return changed("column", name, changedColumn(a, implied ? { ...b, notNull: a.notNull } : b));
    },
  });
}

function keyNames({ primaryKey }: OrdinaryTable): string[] {
  return primaryKey === null ? [] : keyColumns(primaryKey).map(fold);
}

/** Describes the type and every other part that differs. */
function changedColumn(left: Column, right: Column): Texts | null {
  const [a, b] = [columnParts(left), columnParts(right)];
  if (a.every((part, place) => part === b[place])) return null;
  const differing = (parts: readonly string[], others: readonly string[]): string =>
    joinParts(parts.filter((part, place) => place === 0 || part !== others[place]));
  return excerpts(differing(a, b), differing(b, a));
}
