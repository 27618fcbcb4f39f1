/**
 * What a verb says of its progress, and what shows it.
 * @module
 */

/** How far a verb is: so many so far, in all (null where that is not known), and of what. The rate is for the listener to measure. */
export type OnProgress = (
  done: number,
  total: number | null,
  label: string,
  details: ProgressDetails,
) => void;

export interface ProgressDetails {
  /** What is counted: `migrations`, `rows`, `tenants`, `bytes`, `seconds`. */
  readonly unit: string;
  /** What it has cost so far: `$0.0120, 3,000 rows written`; locally without the price. */
  readonly cost?: string;
  /** What else to know: `3 failed`. */
  readonly note?: string;
}
