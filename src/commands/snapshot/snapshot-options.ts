/** @module The options of all verbs of snapshots. */
import * as kinds from "../../options/kinds.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";

export interface SnapshotOptions extends ProjectOptions {
  /** The folder of the snapshots, relative to `cwd`, or `s3://BUCKET/PREFIX`. Default: the setting `snapshots.store`, else `backups` beside the config. */
  readonly store?: string;
  /** Paths of identity files of `age`, relative to `cwd`. One of them unlocks an encrypted store. */
  readonly identity?: readonly string[];
  /**
   * Prompts for the passphrase of an encrypted store, unless the variable `D1OPS_PASSPHRASE` has it or `identity` is given. Null: the user
   * has none.
   */
  readonly askPassphrase?: (question: string) => Promise<string | null>;
}

export const STORE: kinds.Shape<Omit<SnapshotOptions, keyof ProjectOptions>> = {
  store: kinds.optional(kinds.path),
  identity: kinds.optional(kinds.listOf(kinds.path)),
  askPassphrase: kinds.optional(kinds.callback<NonNullable<SnapshotOptions["askPassphrase"]>>()),
};

export const SNAPSHOT: kinds.Shape<SnapshotOptions> = { ...PROJECT, ...STORE };
