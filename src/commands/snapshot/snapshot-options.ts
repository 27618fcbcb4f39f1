/** @module The options of all verbs of snapshots. */
import * as kinds from "../../options/kinds.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";

export interface SnapshotOptions extends ProjectOptions {
  /** The folder of the snapshots, relative to `cwd`. Default: `backups` beside the config. */
  readonly store?: string;
}

export const STORE: kinds.Shape<Pick<SnapshotOptions, "store">> = {
  store: kinds.optional(kinds.path),
};

export const SNAPSHOT: kinds.Shape<SnapshotOptions> = { ...PROJECT, ...STORE };
