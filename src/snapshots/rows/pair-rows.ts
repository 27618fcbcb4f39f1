/** @module How the rows of two tables correspond: by which key, and in which columns they are compared. */
import { upperCase } from "../../sql/quote.ts";
import type { SnapshotTable } from "../store/manifest.ts";

type Columns = Pick<SnapshotTable, "columns" | "key">;

export interface Pairing {
  /** The columns of the key. Empty if the rows have no key in common: then equal rows correspond, as often as both sides have them. */
  readonly key: readonly string[];
  /** True if a row has the same columns on both sides, in the same order. So equal texts are equal rows. */
  readonly sameColumns: boolean;
  readonly addedColumns: readonly string[];
  readonly removedColumns: readonly string[];
  /** All columns: those of `right` in their order, then the removed ones, each with its index in a row. Null: not a column of that side. */
  readonly columns: readonly PairedColumn[];
  readonly left: KeyOf;
  readonly right: KeyOf;
}

export interface PairedColumn {
  readonly name: string;
  readonly left: number | null;
  readonly right: number | null;
}

/** The key of a row, as SQL literals with commas between them. Corresponding rows have equal keys. */
export type KeyOf = (row: readonly string[]) => string;

export function pairTables(left: Columns, right: Columns): Pairing {
  const [before, after] = [left.columns.map(upperCase), right.columns.map(upperCase)];
  const columns = [
    ...right.columns.map((name, i) => ({ name, left: indexOrNull(before, name), right: i })),
    ...left.columns
      .map((name, i) => ({ name, left: i, right: indexOrNull(after, name) }))
      .filter((one) => one.right === null),
  ];
  const sameKey =
    left.key.length > 0 &&
    left.key.map(upperCase).join("\n") === right.key.map(upperCase).join("\n");
  const key = sameKey ? right.key : [];
  const common = columns.filter((one) => one.left !== null && one.right !== null);
  const identifying = sameKey ? key : common.map(({ name }) => name);
  return {
    key,
    sameColumns: before.join("\n") === after.join("\n"),
    addedColumns: columns.filter((one) => one.left === null).map(({ name }) => name),
    removedColumns: columns.filter((one) => one.right === null).map(({ name }) => name),
    columns,
    left: keyOf(
      identifying.map((name) => before.indexOf(upperCase(name))),
      "left",
    ),
    right: keyOf(
      identifying.map((name) => after.indexOf(upperCase(name))),
      "right",
    ),
  };
}

function indexOrNull(names: readonly string[], name: string): number | null {
  const index = names.indexOf(upperCase(name));
  return index === -1 ? null : index;
}

/** Rows of tables without a common column do not correspond, so each side has its own key. */
function keyOf(indexes: readonly number[], side: string): KeyOf {
  const [only = -1] = indexes;
  if (indexes.length === 0) return () => side;
  if (indexes.length === 1) return (row) => row[only] ?? "";
  return (row) => indexes.map((index) => row[index] ?? "").join(",");
}
