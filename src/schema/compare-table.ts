/** @module Compares two tables with the same name: kind, columns, constraints. */
import {
  keyColumns,
  sameCheck,
  sameForeignKey,
  sameKey,
  sameNames,
  sameText,
  type Sides,
  unmatched,
} from "./compare-constraints.ts";
import {
  beginning,
  columnParts,
  describeCheck,
  describeColumn,
  describeForeignKey,
  describeKind,
  describePrimaryKey,
  describeUnique,
  excerpts,
  joinParts,
  type Texts,
} from "./describe.ts";
import { changed, type Difference, differences } from "./difference.ts";
import type { Column, OrdinaryTable, PrimaryKey, Table } from "./model.ts";
import { fold } from "./normal.ts";

export function compareTables(
  left: Table,
  right: Table,
  name: string,
  sides: Sides,
): readonly Difference[] {
  if (left.kind === "virtual" || right.kind === "virtual") {
    const kinds = [describeKind(left), describeKind(right)] as const;
    return kinds[0] === kinds[1] ? [] : changed("table", name, excerpts(...kinds));
  }
  const keys = unmatched(
    keyOf(left),
    keyOf(right),
    samePrimaryKey(left, right),
    describePrimaryKey,
  );
  const options = unmatched(optionsOf(left), optionsOf(right), sameText, String);
  const texts = [
    ...keys,
    ...options,
    ...unmatched(left.uniques, right.uniques, sameKey, describeUnique),
    ...unmatched(left.checks, right.checks, sameCheck, describeCheck),
    ...unmatched(left.foreignKeys, right.foreignKeys, sameForeignKey(sides), describeForeignKey),
    ...unmatched(left.unknown, right.unknown, sameText, String),
    ...changedOrder(left.columns, right.columns),
  ];
  return [
    ...texts.flatMap((pair) => changed("table", name, shorten(pair))),
    ...compareColumns(left, right, name, keys.length + options.length > 0),
  ];
}

/**
 * Sort order and collation have no meaning if the key is the rowid, and may have one in a WITHOUT ROWID table. A change
 * between the two is one difference, not two.
 */
function samePrimaryKey(
  left: OrdinaryTable,
  right: OrdinaryTable,
): (a: PrimaryKey, b: PrimaryKey) => boolean {
  return (a, b) =>
    left.withoutRowid !== right.withoutRowid && a.rowid !== b.rowid
      ? a.conflict === b.conflict && sameNames(keyColumns(a), keyColumns(b))
      : sameKey(a, b);
}

function keyOf({ primaryKey }: OrdinaryTable): readonly PrimaryKey[] {
  return primaryKey === null ? [] : [primaryKey];
}

function optionsOf(table: OrdinaryTable): readonly string[] {
  return [
    table.strict ? "STRICT" : "",
    table.withoutRowid ? "WITHOUT ROWID" : "",
    table.autoincrement ? "AUTOINCREMENT" : "",
  ].filter((option) => option !== "");
}

function shorten([left, right]: Texts): Texts {
  if (left !== null && right !== null) return excerpts(left, right);
  return [left && beginning(left), right && beginning(right)];
}

/** Compares the order of the columns that both tables have. Returns at most one pair of texts. */
function changedOrder(left: readonly Column[], right: readonly Column[]): Texts[] {
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
function compareColumns(
  left: OrdinaryTable,
  right: OrdinaryTable,
  table: string,
  keysDiffer: boolean,
): readonly Difference[] {
  const keys = new Set([left, right].flatMap(keyOf).flatMap(keyColumns).map(fold));
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

/** Describes the type and every other part that differs. */
function changedColumn(left: Column, right: Column): Texts | null {
  const [a, b] = [columnParts(left), columnParts(right)];
  if (a.every((part, place) => part === b[place])) return null;
  const differing = (parts: readonly string[], others: readonly string[]): string =>
    joinParts(parts.filter((part, place) => place === 0 || part !== others[place]));
  return excerpts(differing(a, b), differing(b, a));
}
