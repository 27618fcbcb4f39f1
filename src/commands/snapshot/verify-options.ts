/** @module The options of `snapshot verify`. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import type { OnProgress } from "../../report/progress.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";

export interface SnapshotVerifyOptions extends SnapshotOptions {
  /** The beginning of its id. Default: `latest`. */
  readonly id?: string;
  /** Every snapshot of the store. */
  readonly all?: boolean;
  /** Rebuilds each database in a temporary file, examines it, and compares each table with the snapshot. */
  readonly drill?: boolean;
  /** Called from time to time: bytes of the content, or rows of the drill. */
  readonly onProgress?: OnProgress;
}

/** @throws OpsError OPTION_INVALID */
export const readVerify: (given: SnapshotVerifyOptions) => SnapshotVerifyOptions =
  optionsOf<SnapshotVerifyOptions>("snapshotVerify", {
    ...SNAPSHOT,
    id: kinds.optional(kinds.name),
    all: kinds.optional(kinds.flag),
    drill: kinds.optional(kinds.flag),
    onProgress: kinds.optional(kinds.listener<OnProgress>()),
  });
