/**
 * Compares two tables with the same name: kind, columns, constraints.
 * @module
 */
import { changedOrder, compareColumns } from "./compare-columns.ts";
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
  describeCheck,
  describeForeignKey,
  describeKind,
  describePrimaryKey,
  describeUnique,
  excerpts,
  type Texts,
} from "./describe.ts";
import { changed, type Difference } from "./difference.ts";
import type { OrdinaryTable, PrimaryKey, Table } from "./model.ts";

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
