/** @module `d1ops snapshot diff` */
import { Command } from "commander";
import type { SnapshotDiffOptions } from "../../commands/snapshot/diff.ts";
import type { CommandRunner } from "../execute.ts";
import { amount } from "../parse-number.ts";
import {
  examples,
  RenamedOption,
  tablesOption,
  withFlags,
  withStoreFlag,
} from "../shared-flags.ts";

export function snapshotDiffCommand({ execute }: CommandRunner): Command {
  return withStoreFlag(withFlags(new Command("diff")))
    .argument(
      "[left]",
      "a snapshot: the beginning of its id, or latest (default); or a database: local, remote, env:NAME, file:PATH.sqlite",
    )
    .argument("[right]", "the same; default: the local database, or the remote one with --remote")
    .optionsGroup("What it compares:")
    .addOption(tablesOption("only these tables, and no files"))
    .optionsGroup("What it shows:")
    .addOption(new RenamedOption("showValues", "--values", "the old and the new values of rows"))
    .option("--limit <n>", "rows to show for each table (default: 10)", amount)
    .summary("show what differs between two snapshots, or a snapshot and the present")
    .addHelpText(
      "after",
      examples(
        "",
        "latest local --values",
        "2f3a51c0 8be04c17 --tables users",
        "latest env:staging",
      ),
    )
    .action(
      execute(async () => {
        const { snapshotDiff } = await import("../../commands/snapshot/diff.ts");
        return async (options: SnapshotDiffOptions, { onProgress, askPassphrase }) =>
          snapshotDiff({ ...options, onProgress, askPassphrase });
      }),
    );
}
