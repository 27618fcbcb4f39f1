/** @module `d1ops snapshot copy` */
import { Command } from "commander";
import type { SnapshotCopyOptions } from "../../commands/snapshot/copy.ts";
import type { WriteOptions } from "../../project/project-options.ts";
import type { CommandRunner } from "../execute.ts";
import { examples, withDryRun, withFlags, withStoreFlag } from "../shared-flags.ts";

type Asking = Pick<WriteOptions, "ask">;

export function snapshotCopyCommand({ executeWrite }: CommandRunner): Command {
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
      executeWrite(async () => {
        const { snapshotCopy } = await import("../../commands/snapshot/copy.ts");
        // It changes no database and deletes nothing, so it asks nothing.
        return async (given: SnapshotCopyOptions & Asking, { onProgress, askPassphrase }) => {
          const { ask: _, ...options } = given;
          return snapshotCopy({ ...options, onProgress, askPassphrase });
        };
      }),
    );
}
