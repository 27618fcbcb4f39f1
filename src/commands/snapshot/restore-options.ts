/** @module The options of `snapshot restore`. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf, type ReadOptions } from "../../options/check-options.ts";
import {
  BOOKMARK,
  type BookmarkOptions,
  WRITE,
  type WriteOptions,
} from "../../project/project-options.ts";
import type { OnProgress } from "../../report/progress.ts";
import { type SnapshotOptions, STORE } from "./snapshot-options.ts";

export interface SnapshotRestoreOptions extends SnapshotOptions, WriteOptions, BookmarkOptions {
  /** The beginning of its id, or `latest`: the newest one of this database. */
  readonly id: string;
  /**
   * A place, which replaces `place` and `env`: `local`, `remote`, `env:NAME`, or `file:PATH.sqlite`, which gets the database alone.
   * Default: the place.
   */
  readonly to?: string;
  /** Restores the rows of these tables, and no files. All other tables stay as they are. */
  readonly tables?: readonly string[];
  /** Restores the files that these globs match, and no database. All other files stay as they are. */
  readonly files?: readonly string[];
  readonly databaseOnly?: boolean;
  readonly filesOnly?: boolean;
  /** Takes no snapshot of the present. Then there is no way back. */
  readonly withoutBackup?: boolean;
  /** Called from time to time: rows, or bytes of files. */
  readonly onProgress?: OnProgress;
}

/** @throws OpsError OPTION_INVALID */
export const readRestore: ReadOptions<SnapshotRestoreOptions> = optionsOf<SnapshotRestoreOptions>(
  "snapshotRestore",
  {
    ...WRITE,
    ...BOOKMARK,
    ...STORE,
    id: kinds.name,
    to: kinds.optional(kinds.name),
    tables: kinds.optional(kinds.listOf(kinds.name)),
    files: kinds.optional(kinds.listOf(kinds.name)),
    databaseOnly: kinds.optional(kinds.flag),
    filesOnly: kinds.optional(kinds.flag),
    withoutBackup: kinds.optional(kinds.flag),
    onProgress: kinds.optional(kinds.listener<OnProgress>()),
  },
);

/** True if a restore leaves the database as it is. */
export function leavesDatabase({ filesOnly, files }: SnapshotRestoreOptions): boolean {
  return filesOnly === true || files !== undefined;
}

/** True if a restore leaves the files of the project as they are. */
export function leavesFiles({ databaseOnly, tables }: SnapshotRestoreOptions): boolean {
  return databaseOnly === true || tables !== undefined;
}
