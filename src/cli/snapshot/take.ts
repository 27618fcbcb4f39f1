/** @module `d1ops snapshot take` */
import { Command, Option } from "commander";
import type { SnapshotTakeOptions } from "../../commands/snapshot/take.ts";
import type { CommandRunner } from "../execute.ts";
import { collect, examples, withStoreFlag, withWriteFlags } from "../shared-flags.ts";

export function snapshotTakeCommand({ executeWrite }: CommandRunner): Command {
  return withStoreFlag(withWriteFlags(new Command("take")))
    .optionsGroup("What it contains:")
    .option("--files <glob>", "project files, such as 'config/**'; repeatable", collect)
    .option("--without-database", "only the files")
    .option("--without-files", "no files, also if the settings name some")
    .addOption(
      new Option(
        "--via <how>",
        "read an export of the remote database, which makes it unavailable meanwhile",
      ).choices(["export"]),
    )
    .option("--label <text>", "a remark that list and show print")
    .optionsGroup("How it encrypts a new store:")
    .option("--recipient <age1…>", "for this recipient of age; repeatable", collect)
    .option("--passphrase", "with the passphrase of D1OPS_PASSPHRASE, or of the prompt")
    .summary("store a complete copy of the database and of files")
    .addHelpText("after", examples("", "--files 'config/**' --label 'before the release'"))
    .action(
      executeWrite(async () => {
        const { snapshotTake } = await import("../../commands/snapshot/take.ts");
        return async (options: SnapshotTakeOptions, { onProgress, askPassphrase }) =>
          snapshotTake({ ...options, onProgress, askPassphrase });
      }),
    );
}
