/** @module `d1ops snapshot take` */
import { Command } from "commander";
import type { SnapshotTakeOptions } from "../../commands/snapshot/take.ts";
import type { WriteOptions } from "../../project/project-options.ts";
import type { CommandRunner } from "../execute.ts";
import { collect, examples, withDryRun, withFlags, withStoreFlag } from "../shared-flags.ts";

type Asking = Pick<WriteOptions, "ask">;

export function snapshotTakeCommand({ executeWrite }: CommandRunner): Command {
  return withStoreFlag(withDryRun(withFlags(new Command("take"))))
    .optionsGroup("What it contains:")
    .option("--files <glob>", "project files, such as 'config/**'; repeatable", collect)
    .option("--without-database", "only the files")
    .option("--without-files", "no files, also if the settings name some")
    .option("--label <text>", "a remark that list and show print")
    .optionsGroup("How it encrypts a new store:")
    .option("--recipient <age1…>", "for this recipient of age; repeatable", collect)
    .option("--passphrase", "with the passphrase of D1OPS_PASSPHRASE, or of the prompt")
    .summary("store a complete copy of the database and of files")
    .addHelpText("after", examples("", "--files 'config/**' --label 'before the release'"))
    .action(
      executeWrite(async () => {
        const { snapshotTake } = await import("../../commands/snapshot/take.ts");
        // It only reads the database and the files, so it asks nothing.
        return async (given: SnapshotTakeOptions & Asking, { onProgress, askPassphrase }) => {
          const { ask: _, ...options } = given;
          return snapshotTake({ ...options, onProgress, askPassphrase });
        };
      }),
    );
}
