/** @module `d1ops backfill run` */
import { Command } from "commander";
import { bookmarkOptions, type BookmarkFlags, withBookmarkFlags } from "../bookmark-flags.ts";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { type Flags, projectOptions, withWriteFlags, writeOptions } from "../shared-flags.ts";
import { amount, milliseconds } from "../parse-number.ts";

interface RunFlags extends Flags, BookmarkFlags {
  readonly anew?: boolean;
  readonly window?: number;
  readonly target?: number;
  readonly maxWindow?: number;
  readonly pause?: number;
  readonly rate?: number;
  readonly maxRowsWritten?: number;
  readonly budget?: number;
  readonly maxQuarantined?: number;
}

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
    .option("--target <time>", "how long a window should take (default: 200ms)", milliseconds)
    .option("--pause <time>", "pause between windows: 50ms, 1s", milliseconds)
    .option("--rate <rows>", "rows per second at most; 0: no limit", amount)
    .optionsGroup("When it stops:")
    .option("--max-rows-written <rows>", "after this run has written so many rows", amount)
    .option("--budget <dollars>", "after this run has cost so much", amount)
    .option("--max-quarantined <rows>", "when more rows than this are in the quarantine", amount)
    .addHelpText(
      "after",
      examples(
        "backfill run",
        "0004_tenant_flags --local --dry-run",
        "4 --remote --rate 500 --budget 5",
      ),
    )
    .action((name: string, flags: RunFlags) =>
      executeWrite(flags, async (terminal) => {
        const { backfillRun } = await import("../../commands/backfill/run.ts");
        const { window, target, maxWindow, pause, rate, maxRowsWritten, budget, maxQuarantined } =
          flags;
        return backfillRun({
          ...projectOptions(flags),
          ...terminal.writing,
          onProgress: terminal.onProgress,
          ...writeOptions(flags),
          name,
          anew: flags.anew === true,
          ...bookmarkOptions(flags),
          ...(window !== undefined && { window }),
          ...(target !== undefined && { targetMs: target }),
          ...(maxWindow !== undefined && { maxWindow }),
          ...(pause !== undefined && { pauseMs: pause }),
          ...(rate !== undefined && { rate }),
          ...(maxRowsWritten !== undefined && { maxRowsWritten }),
          ...(budget !== undefined && { budget }),
          ...(maxQuarantined !== undefined && { maxQuarantined }),
        });
      }),
    );
}
