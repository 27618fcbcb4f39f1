/** @module Compares a database that was rebuilt from a snapshot with the snapshot: every table, row by row, through its digest. */
import { notPartText, otherRowsText, schemaDifferences } from "../compare/difference-texts.ts";
import type { SnapshotDatabase, SnapshotTable } from "../store/manifest.ts";

/** What a drill has found. */
export interface Drill {
  /** Why the database cannot be rebuilt. Null if it was rebuilt. */
  readonly failure: string | null;
  /** Of SQLite's integrity check. */
  readonly problems: readonly string[];
  /** Rows per table whose parent row is missing. Null if SQLite could not check. */
  readonly orphans: readonly { readonly table: string; readonly rows: number }[] | null;
  /** See {@link differencesBetween}. */
  readonly differences: readonly string[];
}

/** What makes two databases different, each as the end of a sentence: `the table users has other rows`. Empty if they are equal. */
export function differencesBetween(
  wanted: Pick<SnapshotDatabase, "schema" | "tables">,
  found: Pick<SnapshotDatabase, "schema" | "tables">,
): string[] {
  return [
    ...schemaDifferences(wanted.schema, found.schema),
    ...tableDifferences(wanted.tables, found.tables),
  ];
}

function tableDifferences(
  wanted: readonly SnapshotTable[],
  found: readonly SnapshotTable[],
): string[] {
  const others = new Map(found.map((one) => [one.name, one]));
  const different = wanted.flatMap(({ name, rows, digest }) => {
    const other = others.get(name);
    if (other === undefined) return [`the table ${name} has no rows that can be read`];
    if (other.rows !== rows) return [`the table ${name} has ${other.rows} rows instead of ${rows}`];
    return other.digest === digest ? [] : [otherRowsText(`table ${name}`)];
  });
  const known = new Set(wanted.map(({ name }) => name));
  const extra = found.filter(({ name, rows }) => !known.has(name) && rows > 0);
  return [...different, ...extra.map(({ name }) => notPartText(`table ${name}`))];
}
