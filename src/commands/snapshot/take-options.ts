/** @module The options of `snapshot take`. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { WRITE, type WriteOptions } from "../../project/project-options.ts";
import type { OnProgress } from "../../report/progress.ts";
import { ENCRYPTION, type EncryptionOptions } from "./encryption-options.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";

export interface SnapshotTakeOptions
  extends
    SnapshotOptions,
    EncryptionOptions,
    Pick<WriteOptions, "dryRun" | "yes" | "confirm" | "ask"> {
  /** Patterns of project files, relative to the config. Default: the setting `snapshots.files`, else no files. */
  readonly files?: readonly string[];
  /** Takes no files, also if the setting names some. */
  readonly withoutFiles?: boolean;
  readonly withoutDatabase?: boolean;
  /**
   * `export`: reads a copy that Cloudflare's export of the remote database makes. The database is unavailable meanwhile, and the export
   * changes some values. Default: reads the database itself.
   */
  readonly via?: "export";
  /** A remark. */
  readonly label?: string;
  /** Called from time to time: rows of the database, then bytes of the files. */
  readonly onProgress?: OnProgress;
}

export const readTakeOptions: (given: SnapshotTakeOptions) => SnapshotTakeOptions =
  optionsOf<SnapshotTakeOptions>("snapshotTake", {
    ...SNAPSHOT,
    ...ENCRYPTION,
    dryRun: WRITE.dryRun,
    yes: WRITE.yes,
    confirm: WRITE.confirm,
    ask: WRITE.ask,
    via: kinds.optional(kinds.oneOf(["export"])),
    files: kinds.optional(kinds.listOf(kinds.name)),
    withoutFiles: kinds.optional(kinds.flag),
    withoutDatabase: kinds.optional(kinds.flag),
    label: kinds.optional(kinds.text),
    onProgress: kinds.optional(kinds.listener<OnProgress>()),
  });
