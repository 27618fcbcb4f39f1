/** @module Counts the rows of a clone that contain an original of a masked value. */
import type { LeakSearch } from "./leak-search.ts";
import { plainText } from "./mask-literal.ts";
import { scanRows } from "../snapshots/rows/scan-rows.ts";

export interface Leak {
  readonly table: string;
  readonly column: string;
  readonly rows: number;
}

export class LeakTally {
  readonly search: LeakSearch;
  readonly #isKept: (table: string, column: string) => boolean;
  readonly #leaks: { readonly table: string; readonly column: string; rows: number }[] = [];

  /** `isKept`: columns that are copied as they are on purpose. */
  constructor(search: LeakSearch, isKept: (table: string, column: string) => boolean) {
    this.search = search;
    this.#isKept = isKept;
  }

  get leaks(): readonly Leak[] {
    return this.#leaks.filter(({ rows }) => rows > 0);
  }

  /** Returns the same text. */
  reader(table: string, columns: readonly string[]): (text: string) => string {
    const counted = columns.flatMap((column, index) =>
      this.#isKept(table, column) ? [] : [{ index, leak: { table, column, rows: 0 } }],
    );
    this.#leaks.push(...counted.map(({ leak }) => leak));
    return (text) => {
      if (this.search.size === 0) return text;
      for (const values of scanRows(text)) {
        for (const { index, leak } of counted) {
          const value = plainText(values[index] ?? "NULL");
          if (value !== null && this.search.isIn(value)) leak.rows += 1;
        }
      }
      return text;
    };
  }
}
