/** @module Compares the rows of the tables of two databases. Reads only chunks that differ. */
import { sameIdentifier, upperCase } from "../../sql/quote.ts";
import { sameText } from "./compare-schema.ts";
import { isInteger, joinRun } from "../rows/join-rows.ts";
import type { SnapshotTable, TableChunk } from "../store/manifest.ts";
import { type Pairing, pairTables } from "../rows/pair-rows.ts";
import { type Detail, type RowCounts, type RowDifference, RowTally } from "./row-tally.ts";
import { type Run, runsOf } from "../rows/chunk-runs.ts";
import type { ReadText, Side } from "../rows/side.ts";

export interface TableComparison extends RowCounts {
  readonly name: string;
  /** `added`: only the right side has the table. `removed`: only the left side. */
  readonly kind: "added" | "removed" | "both";
  /** The columns by which the rows were matched. Empty if the sides have no key in common: then no row counts as changed. */
  readonly key: readonly string[];
  readonly addedColumns: readonly string[];
  readonly removedColumns: readonly string[];
  /** Rows on each side. */
  readonly left: number;
  readonly right: number;
  /** Rows that are equal in all columns which both sides have. */
  readonly intact: number;
  readonly examples: readonly RowDifference[];
}

export interface Sides {
  readonly left: Side;
  readonly right: Side;
}

/** Null: this side does not have the table. */
interface TablePair {
  readonly left: SnapshotTable | null;
  readonly right: SnapshotTable | null;
}

/** In the order of `left`, then the added tables. `isWanted` gets the name of a table. */
export async function compareTables(
  sides: Sides,
  isWanted: (name: string) => boolean,
  detail: Detail,
): Promise<TableComparison[]> {
  const compared: TableComparison[] = [];
  for (const pair of pairsOf(sides)) {
    const name = (pair.left ?? pair.right)?.name ?? "";
    if (isWanted(name)) compared.push(await comparePair(sides, pair, name, detail));
  }
  return compared;
}

function pairsOf({ left, right }: Sides): TablePair[] {
  const unmatched = new Map(
    (right.database?.tables ?? []).map((one) => [upperCase(one.name), one]),
  );
  const pairs = (left.database?.tables ?? []).map((table): TablePair => {
    const other = unmatched.get(upperCase(table.name)) ?? null;
    unmatched.delete(upperCase(table.name));
    return { left: table, right: other };
  });
  return [...pairs, ...Array.from(unmatched.values(), (table) => ({ left: null, right: table }))];
}

async function comparePair(
  sides: Sides,
  pair: TablePair,
  name: string,
  detail: Detail,
): Promise<TableComparison> {
  const { left, right } = pair;
  const some = right ?? left ?? { columns: [], key: [] };
  const pairing = pairTables(left ?? some, right ?? some);
  const tally = new RowTally(pairing, detail);
  const runs = runsOfPair(sides, pair, pairing);
  const read = {
    left: readerOf(
      sides.left,
      left,
      runs.flatMap((run) => run.left),
    ),
    right: readerOf(
      sides.right,
      right,
      runs.flatMap((run) => run.right),
    ),
  };
  for (const run of runs) await joinRun(run, { pairing, read }, tally);
  const { added, removed, changed } = tally.counts;
  const [before, after] = [left?.rows ?? 0, right?.rows ?? 0];
  if (before - removed !== after - added) {
    throw new Error(`${name}: ${before} - ${removed} rows are not ${after} - ${added}`);
  }
  return {
    name,
    kind: left === null ? "added" : right === null ? "removed" : "both",
    key: pairing.key,
    addedColumns: pairing.addedColumns,
    removedColumns: pairing.removedColumns,
    left: before,
    right: after,
    added,
    removed,
    changed,
    intact: before - removed - changed,
    examples: tally.examples,
  };
}

function readerOf(
  side: Side,
  table: SnapshotTable | null,
  planned: readonly TableChunk[],
): ReadText {
  return table === null || planned.length === 0 ? async () => "" : side.reader(table, planned);
}

function runsOfPair(sides: Sides, { left, right }: TablePair, pairing: Pairing): Run[] {
  const { sameColumns } = pairing;
  if (sameColumns && left?.digest === right?.digest) return [];
  const sameOrder = pairing.key.length > 0 && (isNumbered(left) || sameDefinition(sides, left));
  return runsOf(left?.chunks ?? [], right?.chunks ?? [], { sameOrder, sameColumns });
}

/** Integers have one order. Texts have that of the collation, which the definition of the table decides. */
function isNumbered(table: SnapshotTable | null): boolean {
  const cuts = table?.chunks ?? [];
  return table?.key.length === 1 && cuts.every(({ from }) => from === null || isInteger(from));
}

function sameDefinition({ left, right }: Sides, table: SnapshotTable | null): boolean {
  const sqlOf = ({ database }: Side): string | undefined =>
    database?.schema.find(
      (one) => one.type === "table" && sameIdentifier(one.name, table?.name ?? ""),
    )?.sql;
  const [before, after] = [sqlOf(left), sqlOf(right)];
  return before !== undefined && after !== undefined && sameText(before, after);
}
