/** @module `d1ops snapshot restore` */
import { Command, Option } from "commander";
import type { SnapshotRestoreOptions } from "../../commands/snapshot/restore.ts";
import type { CommandRunner } from "../execute.ts";
import {
  collect,
  examples,
  tablesOption,
  withBookmarkFlags,
  withStoreFlag,
  withWriteFlags,
} from "../shared-flags.ts";

export function snapshotRestoreCommand({ executeWrite }: CommandRunner): Command {
  const command = withWriteFlags(
    new Command("restore"),
    "confirm in advance with the name of the database",
  );
  return withBookmarkFlags(withStoreFlag(command))
    .argument("<id>", "the beginning of its id, or latest")
    .option("--without-backup", "take no snapshot of the state before the restore")
    .optionsGroup("What it restores:")
    .option("--to <place>", "into local, remote, env:NAME or file:PATH.sqlite")
    .addOption(
      tablesOption("the rows of these tables, and no files").conflicts(["files", "filesOnly"]),
    )
    .option("--files <glob>", "these files, and no database; repeatable", collect)
    .addOption(new Option("--database-only", "no files").conflicts(["files", "filesOnly"]))
    .addOption(new Option("--files-only", "no database").conflicts("databaseOnly"))
    .summary("restore a database and the files of a snapshot")
    .addHelpText(
      "after",
      examples(
        "latest --local --dry-run",
        "2f3a51c0 --local",
        "latest --remote --dry-run",
        "2f3a51c0 --to env:staging --dry-run",
        "latest --to file:copy.sqlite",
        "2f3a51c0 --local --tables users orders --dry-run",
        "2f3a51c0 --local --files 'config/**'",
      ),
    )
    .action(
      executeWrite(async () => {
        const { snapshotRestore } = await import("../../commands/snapshot/restore.ts");
        return async (options: SnapshotRestoreOptions, { onProgress, askPassphrase }) =>
          snapshotRestore({ ...options, onProgress, askPassphrase });
      }),
    );
}
