/** @module How a verb reports its progress. */

/** `total` is null if it is not known. The receiver computes the rate. */
export type OnProgress = (
  done: number,
  total: number | null,
  label: string,
  details: ProgressDetails,
) => void;

export interface ProgressDetails {
  /** The unit of `done` and `total`: `migrations`, `rows`, `tenants`, `bytes`, `seconds`. */
  readonly unit: string;
  /** The cost so far: `$0.0120, 3,000 rows written`. A local run has no price. */
  readonly cost?: string;
  /** A remark: `3 failed`. */
  readonly note?: string;
}
