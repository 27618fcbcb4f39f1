/** @module `d1ops snapshot copy` */
import { Command } from "commander";
import type { SnapshotCopyOptions } from "../../commands/snapshot/copy.ts";
import type { CommandRunner } from "../execute.ts";
import { examples, withDryRun, withFlags, withStoreFlag } from "../shared-flags.ts";

export function snapshotCopyCommand({ executeAddition }: CommandRunner): Command {
  return withStoreFlag(withDryRun(withFlags(new Command("copy"))))
    .argument("[ids...]", "the beginnings of their ids, or latest (default)")
    .requiredOption("--to <where>", "the other store: folder or s3://BUCKET/PREFIX")
    .optionsGroup("What it copies:")
    .option("--all", "every snapshot of the store")
    .summary("copy snapshots to another store")
    .addHelpText(
      "after",
      examples("--to s3://shop-backups", "--all --to /mnt/disk/backups --dry-run"),
    )
    .action(
      executeAddition(async () => {
        const { snapshotCopy } = await import("../../commands/snapshot/copy.ts");
        return async (options: SnapshotCopyOptions, { onProgress, askPassphrase }) =>
          snapshotCopy({ ...options, onProgress, askPassphrase });
      }),
    );
}
