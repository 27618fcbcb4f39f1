/** @module The options of `snapshot prune`. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf, type ReadOptions } from "../../options/check-options.ts";
import type { WriteOptions } from "../../project/project-options.ts";
import type { OnProgress } from "../../report/progress.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";

export interface SnapshotPruneOptions
  extends SnapshotOptions, Pick<WriteOptions, "dryRun" | "yes" | "ask"> {
  /** Keeps so many newest snapshots of each database. 0 is the same as no rule; so for all numbers. */
  readonly keepLast?: number;
  /** Keeps the last snapshot of each of so many hours that have one, in UTC. */
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  /** Weeks begin on Monday. */
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  /** Keeps all of this time before the newest snapshot: `1y5m7d2h`. */
  readonly keepWithin?: string;
  /** Keeps all that have one of these labels. */
  readonly keepLabel?: readonly string[];
  /** Called after each deleted file. */
  readonly onProgress?: OnProgress;
}

/** restic has -1 for all. */
const number = kinds.optional({
  ...kinds.wholeNumber(0, Number.MAX_SAFE_INTEGER),
  words: () => "a whole number, 0 or more; to keep all, write a large one, such as 1000000",
});

/** @throws OpsError OPTION_INVALID */
export const readPrune: ReadOptions<SnapshotPruneOptions> = optionsOf<SnapshotPruneOptions>(
  "snapshotPrune",
  {
    ...SNAPSHOT,
    dryRun: kinds.optional(kinds.flag),
    yes: kinds.optional(kinds.flag),
    ask: kinds.optional(kinds.callback<NonNullable<WriteOptions["ask"]>>()),
    keepLast: number,
    keepHourly: number,
    keepDaily: number,
    keepWeekly: number,
    keepMonthly: number,
    keepYearly: number,
    keepWithin: kinds.optional(kinds.text),
    keepLabel: kinds.optional(kinds.listOf(kinds.name)),
    onProgress: kinds.optional(kinds.listener<OnProgress>()),
  },
);
