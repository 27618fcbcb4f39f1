/** @module The options of `clone`. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf, type ReadOptions } from "../../options/check-options.ts";
import {
  BOOKMARK,
  type BookmarkOptions,
  WRITE,
  type WriteOptions,
} from "../../project/project-options.ts";
import type { OnProgress } from "../../report/progress.ts";
import { type SnapshotOptions, STORE } from "../snapshot/snapshot-options.ts";

export interface CloneOptions extends Omit<
  SnapshotOptions & WriteOptions & BookmarkOptions,
  "place"
> {
  /** A place: `local`, `remote`, `env:NAME`, `file:PATH.sqlite` or `snapshot:ID`. */
  readonly from: string;
  /** A place: `local`, `file:PATH.sqlite`, or the remote database of an environment that is not production: `env:NAME`, or `remote` with `env`. */
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

/** The places that can be replaced. A remote database only if it is not production. */
export const TO = ["local", "remote", "env", "file"] as const;

const { place: _, ...WRITING } = WRITE;

/** @throws OpsError OPTION_INVALID */
export const readClone: ReadOptions<CloneOptions> = optionsOf<CloneOptions>("clone", {
  ...WRITING,
  ...BOOKMARK,
  ...STORE,
  from: kinds.name,
  to: kinds.name,
  mask: kinds.optional(kinds.path),
  withoutBackup: kinds.optional(kinds.flag),
  onProgress: kinds.optional(kinds.listener<OnProgress>()),
});
