/** @module `d1ops snapshot prune` */
import { Command } from "commander";
import type { SnapshotPruneOptions } from "../../commands/snapshot/prune.ts";
import type { CommandRunner } from "../execute.ts";
import { amount } from "../parse-number.ts";
import { collect, examples, withDryRun, withFlags, withStoreFlag } from "../shared-flags.ts";

export function snapshotPruneCommand({ executeWrite }: CommandRunner): Command {
  const writing = withDryRun(withFlags(new Command("prune"))).option(
    "-y, --yes",
    "confirm in advance, without a prompt",
  );
  return withStoreFlag(writing)
    .optionsGroup("What it keeps of each database:")
    .option("--keep-last <n>", "the n newest snapshots", amount)
    .option("--keep-hourly <n>", "the last one of each of n hours that have one", amount)
    .option("--keep-daily <n>", "the same for days", amount)
    .option("--keep-weekly <n>", "the same for weeks, from Monday", amount)
    .option("--keep-monthly <n>", "the same for months", amount)
    .option("--keep-yearly <n>", "the same for years", amount)
    .option("--keep-within <duration>", "all in the time before the newest one, such as 1y5m7d2h")
    .option("--keep-label <text>", "all with this label; repeatable", collect)
    .summary("delete old snapshots, and the data that no other one needs")
    .addHelpText(
      "after",
      examples("--keep-daily 7 --keep-weekly 5 --dry-run", "--keep-within 1m --yes"),
    )
    .action(
      executeWrite(async () => {
        const { snapshotPrune } = await import("../../commands/snapshot/prune.ts");
        return async (options: SnapshotPruneOptions, { onProgress, askPassphrase }) =>
          snapshotPrune({ ...options, onProgress, askPassphrase });
      }),
    );
}
