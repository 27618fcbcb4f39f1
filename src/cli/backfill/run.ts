/** @module `d1ops backfill run` */
import { Command } from "commander";
import type { BackfillRunOptions } from "../../commands/backfill/run.ts";
import type { CommandRunner } from "../execute.ts";
import { amount, milliseconds } from "../parse-number.ts";
import { examples, RenamedOption, withBookmarkFlags, withWriteFlags } from "../shared-flags.ts";

export function backfillRunCommand({ executeWrite }: CommandRunner): Command {
  return withBookmarkFlags(withWriteFlags(new Command("run")))
    .argument("<name>", "its name or number")
    .summary("run a backfill, or continue it where it stopped")
    .description(
      "Processes the rows window by window, each row exactly once. If it is stopped or killed, run it again: it continues where it stopped.",
    )
    .optionsGroup("How it runs:")
    .option("--anew", "begin with the first row, whatever earlier runs did")
    .option(
      "--window <rows>",
      "rows of the first window, at most --max-window (default: 500)",
      amount,
    )
    .option(
      "--max-window <rows>",
      "rows of a window at most (default: 10000; 50000 locally)",
      amount,
    )
    .addOption(
      time("targetMs", "--target <time>", "how long a window should take (default: 200ms)"),
    )
    .addOption(time("pauseMs", "--pause <time>", "pause between windows: 50ms, 1s"))
    .option("--rate <rows>", "rows per second at most; 0: no limit", amount)
    .optionsGroup("When it stops:")
    .option("--max-rows-written <rows>", "after this run has written so many rows", amount)
    .option("--budget <dollars>", "after this run has cost so much", amount)
    .option("--max-quarantined <rows>", "when more rows than this are in the quarantine", amount)
    .addHelpText(
      "after",
      examples("0004_tenant_flags --local --dry-run", "4 --remote --rate 500 --budget 5"),
    )
    .action(
      executeWrite(async () => {
        const { backfillRun } = await import("../../commands/backfill/run.ts");
        return async (options: BackfillRunOptions, { onProgress }) =>
          backfillRun({ ...options, onProgress });
      }),
    );
}

function time(name: keyof BackfillRunOptions, flag: string, description: string): RenamedOption {
  return new RenamedOption(name, flag, description).argParser(milliseconds);
}
