/** @module The options of `snapshot copy`. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf, type ReadOptions } from "../../options/check-options.ts";
import type { WriteOptions } from "../../project/project-options.ts";
import type { OnProgress } from "../../report/progress.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";

export interface SnapshotCopyOptions extends SnapshotOptions, Pick<WriteOptions, "dryRun"> {
  /** The beginnings of their ids. Default: `latest`. */
  readonly ids?: readonly string[];
  /** Every snapshot of the store. */
  readonly all?: boolean;
  /** The other store: as `store`. */
  readonly to: string;
  /** Called after each pack that was written: bytes. */
  readonly onProgress?: OnProgress;
}

export const readCopy: ReadOptions<SnapshotCopyOptions> = optionsOf<SnapshotCopyOptions>(
  "snapshotCopy",
  {
    ...SNAPSHOT,
    ids: kinds.optional(kinds.listOf(kinds.name)),
    all: kinds.optional(kinds.flag),
    to: kinds.path,
    dryRun: kinds.optional(kinds.flag),
    onProgress: kinds.optional(kinds.listener<OnProgress>()),
  },
);
