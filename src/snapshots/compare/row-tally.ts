/** @module Counts the rows that differ, and keeps the first ones as examples. */
import type { Row, RowSink } from "../rows/join-rows.ts";
import type { Pairing } from "../rows/pair-rows.ts";

export interface RowDifference {
  readonly kind: "added" | "removed" | "changed";
  /** The values of the key, as SQL literals. Empty if the rows have no key in common. */
  readonly key: readonly string[];
  /** Of a changed row, the columns that differ; else all columns. Null if no values were wanted. */
  readonly values: readonly ValueDifference[] | null;
}

/** `left` and `right` are SQL literals: the value NULL is `NULL`. Null: this side does not have the row or the column. */
export interface ValueDifference {
  readonly column: string;
  readonly left: string | null;
  readonly right: string | null;
}

export interface Detail {
  /** The most examples for each table. */
  readonly limit: number;
  /** With old and new values. */
  readonly values: boolean;
}

export interface RowCounts {
  readonly added: number;
  readonly removed: number;
  /** Rows of both sides that differ in a column which both have. */
  readonly changed: number;
}

export class RowTally implements RowSink {
  readonly #pairing: Pairing;
  readonly #detail: Detail;
  readonly #common: Pairing["columns"];
  readonly #examples: RowDifference[] = [];
  readonly #counts = { added: 0, removed: 0, changed: 0 };

  constructor(pairing: Pairing, detail: Detail) {
    this.#pairing = pairing;
    this.#detail = detail;
    this.#common = pairing.columns.filter((one) => one.left !== null && one.right !== null);
  }

  get counts(): RowCounts {
    return { ...this.#counts };
  }

  get examples(): readonly RowDifference[] {
    return this.#examples;
  }

  wantsRows(): boolean {
    return (
      this.#examples.length < this.#detail.limit &&
      (this.#detail.values || this.#pairing.key.length > 0)
    );
  }

  count(side: "left" | "right", rows: number): void {
    this.#counts[side === "left" ? "removed" : "added"] += rows;
  }

  pair(left: Row | null, right: Row | null): void {
    const kind = left === null ? "added" : right === null ? "removed" : "changed";
    if (
      kind === "changed" &&
      this.#common.every((one) => valueOf(left, one.left) === valueOf(right, one.right))
    )
      return;
    this.#counts[kind] += 1;
    if (!this.wantsRows()) return;
    this.#examples.push({
      kind,
      key: this.#keyOf(left, right),
      values: this.#detail.values ? this.#values(left, right) : null,
    });
  }

  #keyOf(left: Row | null, right: Row | null): string[] {
    return this.#pairing.key.map((name) => {
      const column = this.#pairing.columns.find((one) => one.name === name);
      return valueOf(right, column?.right ?? null) ?? valueOf(left, column?.left ?? null) ?? "";
    });
  }

  #values(left: Row | null, right: Row | null): ValueDifference[] {
    const columns = left === null || right === null ? this.#pairing.columns : this.#common;
    return columns
      .map((one) => ({
        column: one.name,
        left: valueOf(left, one.left),
        right: valueOf(right, one.right),
      }))
      .filter((one) => one.left !== one.right);
  }
}

function valueOf(row: Row | null, index: number | null): string | null {
  return row === null || index === null ? null : (row[index] ?? null);
}
