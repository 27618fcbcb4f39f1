/**
 * The options of `backfill run`, and what a number may be.
 * @module
 */
import { grouped } from "../../report/grouped.ts";
import * as kinds from "../../options/kinds.ts";
import { type Kind, optional } from "../../options/kinds.ts";
import { optionsInvalid } from "../../options/option-problem.ts";
import { optionsOf, type ReadOptions } from "../../options/check-options.ts";
import type { OnProgress } from "../../report/progress.ts";
import {
  BOOKMARK,
  type BookmarkOptions,
  MS_AT_MOST,
  WRITE,
  type WriteOptions,
} from "../../project/options.ts";

export interface BackfillRunOptions extends WriteOptions, BookmarkOptions {
  readonly name: string;
  /** Begin at the start, whatever was done. */
  readonly anew?: boolean;
  /** Rows of the first window. Default: 500. */
  readonly window?: number;
  /** Milliseconds that a window should take. Default: 200. */
  readonly targetMs?: number;
  /** Rows of a window at most. Default: 10,000 remotely, 50,000 locally. */
  readonly maxWindow?: number;
  /** Rest between windows, in milliseconds. */
  readonly pauseMs?: number;
  /** Rows a second at most; 0: as fast as it goes. */
  readonly rate?: number;
  readonly maxRowsWritten?: number;
  /** US dollars. */
  readonly budget?: number;
  readonly maxQuarantined?: number;
  /** Told after each window: rows so far, rows in all where that is known, and what to say. */
  readonly onProgress?: OnProgress;
}

/** More rows than this are no window: D1 ends a query after 30 seconds. */
const ROWS_AT_MOST = 1_000_000;

/** Rows a second. A rest between two windows that took longer than a minute and a half would be no rate, but a pause. */
export const RATE: Kind<number> = kinds.number(0.01, 1_000_000_000, "zero");

const readOptions: ReadOptions<BackfillRunOptions> = optionsOf<BackfillRunOptions>("backfillRun", {
  ...WRITE,
  ...BOOKMARK,
  name: kinds.name,
  anew: optional(kinds.flag),
  window: optional(kinds.wholeNumber(1, ROWS_AT_MOST)),
  targetMs: optional(kinds.number(1, 30_000)),
  maxWindow: optional(kinds.wholeNumber(1, ROWS_AT_MOST)),
  pauseMs: optional(kinds.number(0, MS_AT_MOST)),
  rate: optional(RATE),
  maxRowsWritten: optional(kinds.wholeNumber(1, Number.MAX_SAFE_INTEGER)),
  budget: optional(kinds.positive(1_000_000_000)),
  maxQuarantined: optional(kinds.wholeNumber(0, Number.MAX_SAFE_INTEGER)),
  onProgress: optional(kinds.callback<NonNullable<BackfillRunOptions["onProgress"]>>()),
});

/** @throws OpsError OPTION_INVALID */
export const readBackfillRun: ReadOptions<BackfillRunOptions> = (given) => {
  const options = readOptions(given);
  const { window = 0 } = options;
  const most = largestWindow(options);
  if (window <= most) return options;
  const problem = `is ${grouped(window)}; it has to be at most ${grouped(most)}, the largest window`;
  throw optionsInvalid("backfillRun", [{ option: "window", problem, nearest: null }]);
};

/** Rows. */
export function largestWindow({ maxWindow, place }: BackfillRunOptions): number {
  return maxWindow ?? LARGEST[place ?? "local"];
}

const LARGEST = { local: 50_000, remote: 10_000 } as const;
