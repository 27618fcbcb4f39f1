/** @module The options of `backfill run`, the limits of their values, and the pace that they mean. */
import type { BeginOptions } from "../../backfills/begin.ts";
import type { RunRequest } from "../../backfills/run-request.ts";
import type { RunLimits } from "../../backfills/window-pace.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsInvalid } from "../../options/option-problem.ts";
import { optionsOf, type ReadOptions } from "../../options/check-options.ts";
import {
  BOOKMARK,
  type BookmarkOptions,
  MS_AT_MOST,
  WRITE,
  type WriteOptions,
} from "../../project/project-options.ts";
import { grouped } from "../../report/wording.ts";
import type { OnProgress } from "../../report/progress.ts";

export interface BackfillRunOptions extends WriteOptions, BookmarkOptions {
  readonly name: string;
  /** Begin with the first row, whatever earlier runs did. */
  readonly anew?: boolean;
  /** Rows of the first window, at most `maxWindow`. Default: 500. */
  readonly window?: number;
  /** Milliseconds that a window should take. Default: 200. */
  readonly targetMs?: number;
  /** Rows of a window, at most. Default: 10,000 remotely, 50,000 locally. */
  readonly maxWindow?: number;
  /** Pause between windows, in milliseconds. */
  readonly pauseMs?: number;
  /** Rows per second, at most. 0: no limit. */
  readonly rate?: number;
  readonly maxRowsWritten?: number;
  /** US dollars. */
  readonly budget?: number;
  readonly maxQuarantined?: number;
  /** Called after each window: rows so far, rows in all (null: not known), the backfill's name, details. */
  readonly onProgress?: OnProgress;
}

/** A window is one batch, and D1 ends a query after 30 seconds. */
const ROWS_AT_MOST = 1_000_000;

/** Rows per second. At the lowest rate, a run waits 100 seconds between two rows. */
export const RATE: kinds.Kind<number> = kinds.number(0.01, 1_000_000_000, "zero");

const readOptions: ReadOptions<BackfillRunOptions> = optionsOf<BackfillRunOptions>("backfillRun", {
  ...WRITE,
  ...BOOKMARK,
  name: kinds.name,
  anew: kinds.optional(kinds.flag),
  window: kinds.optional(kinds.wholeNumber(1, ROWS_AT_MOST)),
  targetMs: kinds.optional(kinds.number(1, 30_000)),
  maxWindow: kinds.optional(kinds.wholeNumber(1, ROWS_AT_MOST)),
  pauseMs: kinds.optional(kinds.number(0, MS_AT_MOST)),
  rate: kinds.optional(RATE),
  maxRowsWritten: kinds.optional(kinds.wholeNumber(1, Number.MAX_SAFE_INTEGER)),
  budget: kinds.optional(kinds.positive(1_000_000_000)),
  maxQuarantined: kinds.optional(kinds.wholeNumber(0, Number.MAX_SAFE_INTEGER)),
  onProgress: kinds.optional(kinds.listener<OnProgress>()),
});

/** @throws OpsError OPTION_INVALID */
export const readBackfillRun: ReadOptions<BackfillRunOptions> = (given) => {
  const options = readOptions(given);
  const { window = 0 } = options;
  const largest = largestWindow(options);
  if (window <= largest) return options;
  const problem = `is ${grouped(window)}; it has to be at most ${grouped(largest)}, the largest window (--max-window)`;
  throw optionsInvalid("backfillRun", [{ option: "window", problem, nearest: null }]);
};

/** The defaults of a run's pace and limits. A copy needs no pauses, and it may contain a rate that was set for the database. */
export function paceOf(
  options: BackfillRunOptions,
): RunLimits & Omit<BeginOptions, "bookmark"> & Pick<RunRequest, "limits" | "pauseMs"> {
  const onCopy = options.dryRun === true;
  return {
    anew: options.anew === true,
    windowRows: options.window ?? 500,
    windowGiven: options.window !== undefined,
    limits: { targetMs: options.targetMs ?? 200, maxRows: largestWindow(options) },
    pauseMs: onCopy ? 0 : (options.pauseMs ?? 0),
    rate: onCopy ? 0 : (options.rate ?? null),
    maxRowsWritten: options.maxRowsWritten ?? null,
    budget: options.budget ?? null,
    maxQuarantined: options.maxQuarantined ?? null,
  };
}

/** Rows. */
function largestWindow({ maxWindow, place = "local" }: BackfillRunOptions): number {
  return maxWindow ?? LARGEST[place];
}

const LARGEST = { local: 50_000, remote: 10_000 } as const;
