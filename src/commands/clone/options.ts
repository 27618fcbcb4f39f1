/** @module The options of `clone`. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf, type ReadOptions } from "../../options/check-options.ts";
import { WRITE, type WriteOptions } from "../../project/project-options.ts";
import type { OnProgress } from "../../report/progress.ts";
import { type SnapshotOptions, STORE } from "../snapshot/snapshot-options.ts";

export interface CloneOptions extends Omit<SnapshotOptions & WriteOptions, "place"> {
  /** A place: `local`, `remote`, `env:NAME`, `file:PATH.sqlite` or `snapshot:ID`. */
  readonly from: string;
  /** A place: `local` or `file:PATH.sqlite`. */
  readonly to: string;
  /** The path of a file with masks, relative to `cwd`. Default: the setting `masks`, else every value is copied as it is. */
  readonly mask?: string;
  /** Takes no snapshot of the present. Then there is no way back. */
  readonly withoutBackup?: boolean;
  /** Called from time to time: rows. */
  readonly onProgress?: OnProgress;
}

/** The places that can be cloned. */
export const FROM = ["local", "remote", "env", "file", "snapshot"] as const;

/** The places that can be replaced. */
export const TO = ["local", "file"] as const;

const { place: _, ...WRITING } = WRITE;

/** @throws OpsError OPTION_INVALID */
export const readClone: ReadOptions<CloneOptions> = optionsOf<CloneOptions>("clone", {
  ...WRITING,
  ...STORE,
  from: kinds.name,
  to: kinds.name,
  mask: kinds.optional(kinds.path),
  withoutBackup: kinds.optional(kinds.flag),
  onProgress: kinds.optional(kinds.listener<OnProgress>()),
});
