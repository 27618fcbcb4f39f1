/** @module Masks the rows of a chunk, and counts what it did. */
import { literalMask, type MaskLiteral } from "./mask-literal.ts";
import type { MaskPlan, TableMaskPlan } from "./mask-plan.ts";
import type { Masker } from "./mask-value.ts";
import type { MaskKind } from "./masks.ts";
import { scanRows } from "../snapshots/rows/scan-rows.ts";

export interface ColumnTally {
  readonly column: string;
  /** Values that were replaced. */
  masked: number;
  /** Values with masks for paths that are not JSON text: they were masked as a whole. */
  notJson: number;
  /** Values of JSON in which none of the paths was found: they were copied as they are. */
  unmatched: number;
  /** The first few masked values. */
  readonly examples: string[];
}

/** Called with each original that was replaced. */
export type OnOriginal = (original: string, kind: MaskKind) => void;

/** Masks the text of a chunk of the table. */
export type MaskText = (text: string) => string;

const EXAMPLES = 3;

/** Characters of an example. */
const LONGEST = 60;

export class RowMasker {
  readonly #plan: MaskPlan;
  readonly #masker: Masker;
  readonly #onOriginal: OnOriginal;
  readonly #tallies = new Map<string, ColumnTally[]>();

  constructor(plan: MaskPlan, masker: Masker, onOriginal: OnOriginal) {
    this.#plan = plan;
    this.#masker = masker;
    this.#onOriginal = onOriginal;
  }

  /** Null if the table is copied without rows. `columns`: those of its chunks. Begins its tally again. */
  of(table: string, columns: readonly string[]): MaskText | null {
    const plan = this.#plan.tables.get(table);
    if (plan === undefined) return (text) => text;
    if (plan.isEmpty) return null;
    const masks = this.#masksOf(plan, columns);
    return (text) => {
      const rows: string[] = [];
      for (const values of scanRows(text)) {
        for (const { index, mask } of masks) values[index] = mask(values[index] ?? "NULL");
        rows.push(`(${values.join(",")})`);
      }
      return rows.join(",\n");
    };
  }

  /** By table, the columns that have a mask. */
  get tallies(): ReadonlyMap<string, readonly ColumnTally[]> {
    return this.#tallies;
  }

  #masksOf(
    { name, columns: masks }: TableMaskPlan,
    columns: readonly string[],
  ): { readonly index: number; readonly mask: (literal: string) => string }[] {
    const tallies: ColumnTally[] = [];
    this.#tallies.set(name, tallies);
    return masks.flatMap((one, index) => {
      if (one === null) return [];
      const tally = {
        column: columns[index] ?? "",
        masked: 0,
        notJson: 0,
        unmatched: 0,
        examples: [],
      };
      tallies.push(tally);
      return [{ index, mask: this.#counted(literalMask(one, this.#masker), tally) }];
    });
  }

  #counted(mask: MaskLiteral, tally: ColumnTally): (literal: string) => string {
    const onMasked = (original: string, masked: string, kind: MaskKind): void => {
      tally.masked += 1;
      if (tally.examples.length < EXAMPLES) tally.examples.push(masked.slice(0, LONGEST));
      this.#onOriginal(original, kind);
    };
    const onNotJson = (): void => void (tally.notJson += 1);
    const onUnmatched = (): void => void (tally.unmatched += 1);
    return (literal) => mask(literal, { onMasked, onNotJson, onUnmatched });
  }
}
