/** @module Counts the rows of a clone that contain an original of a masked value. */
import type { LeakSearch } from "./leak-search.ts";
import { plainText } from "./mask-literal.ts";
import type { ColumnName } from "./mask-plan.ts";
import { scanRows } from "../snapshots/rows/scan-rows.ts";

export interface Leak extends ColumnName {
  readonly rows: number;
}

export class LeakTally {
  readonly search: LeakSearch;
  readonly #nameOf: (stored: ColumnName) => ColumnName | null;
  readonly #leaks: (ColumnName & { rows: number })[] = [];

  /** `nameOf`: how masks name a stored column. Null: it is copied as it is on purpose. */
  constructor(search: LeakSearch, nameOf: (stored: ColumnName) => ColumnName | null) {
    this.search = search;
    this.#nameOf = nameOf;
  }

  get leaks(): readonly Leak[] {
    return this.#leaks.filter(({ rows }) => rows > 0);
  }

  /** Returns the same text. */
  reader(table: string, columns: readonly string[]): (text: string) => string {
    const counted = columns.flatMap((column, index) => {
      const name = this.#nameOf({ table, column });
      return name === null ? [] : [{ index, leak: { ...name, rows: 0 } }];
    });
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
