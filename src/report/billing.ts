/** @module What D1 bills. */

/** Rows, as D1 counts them. */
export interface Cost {
  readonly read: number;
  readonly written: number;
}

interface Metered {
  readonly meta: { readonly rows_read: number; readonly rows_written: number };
}

export const NO_COST: Cost = { read: 0, written: 0 };

export function addCosts(one: Cost, other: Cost): Cost {
  return { read: one.read + other.read, written: one.written + other.written };
}

export function costOfAll(answers: readonly Metered[]): Cost {
  return answers
    .map(({ meta }) => ({ read: meta.rows_read, written: meta.rows_written }))
    .reduce(addCosts, NO_COST);
}

/** US dollars, by D1's prices beyond the included amount (developers.cloudflare.com/d1/platform/pricing). */
export function costOf(rowsRead: number, rowsWritten: number): number {
  return (rowsRead * 0.001 + rowsWritten * 1) / 1_000_000;
}
