/** @module `d1ops snapshot verify` */
import { Command } from "commander";
import type { SnapshotVerifyOptions } from "../../commands/snapshot/verify.ts";
import type { CommandRunner } from "../execute.ts";
import { examples, withFlags, withStoreFlag } from "../shared-flags.ts";

export function snapshotVerifyCommand({ execute }: CommandRunner): Command {
  return withStoreFlag(withFlags(new Command("verify")))
    .argument("[id]", "the beginning of its id, or latest (default)")
    .optionsGroup("What it verifies:")
    .option("--all", "every snapshot of the store")
    .option("--drill", "also rebuild the database, and compare each table with the snapshot")
    .summary("prove that a snapshot is intact, and can be restored")
    .addHelpText("after", examples("", "latest --drill", "--all"))
    .action(
      execute(async () => {
        const { snapshotVerify } = await import("../../commands/snapshot/verify.ts");
        return async (options: SnapshotVerifyOptions, { onProgress, askPassphrase }) =>
          snapshotVerify({ ...options, onProgress, askPassphrase });
      }),
    );
}
