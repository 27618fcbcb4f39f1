/**
 * `d1ops backfill`: the flags of its commands.
 * @module
 */
import { Command } from "commander";
import type { BackfillRunOptions } from "../commands/backfill/run.ts";
import type { Group } from "./command-group.ts";
import { examples } from "./examples.ts";
import type { CommandRunner } from "./execute.ts";
import { amount, milliseconds } from "./parse-number.ts";
import {
  RenamedOption,
  withBookmarkFlags,
  withConfigFlags,
  withDryRun,
  withFlags,
  withWriteFlags,
} from "./shared-flags.ts";

export const BACKFILL: Group = {
  summary: "run, watch and stop backfills, which change existing rows",
  description:
    "Backfills: files in the folder backfills beside the migrations, run window by window, exactly once.",
  commands: {
    new: backfillNewCommand,
    list: backfillListCommand,
    run: backfillRunCommand,
    status: backfillStatusCommand,
    cancel: backfillCancelCommand,
  },
};

function backfillNewCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withConfigFlags(new Command("new")))
    .argument("<name>", "what it fills, in a few words; a name that ends in .ts makes a program")
    .summary("create the file of a backfill, with comments")
    .description(
      "Creates a file in the folder backfills beside the migrations: SQL, or a program. Replace its names of table and columns, and it runs.",
    )
    .optionsGroup("What is created:")
    .option("--typescript", "a program in TypeScript, for what SQL cannot do")
    .addHelpText("after", examples("fill_phones", "fill_phones --typescript"))
    .action(executeWrite(async () => (await import("../commands/backfill/new.ts")).backfillNew));
}

function backfillListCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("list"))
    .summary("list the backfills and the progress of each")
    .addHelpText("after", examples("", "--remote --env production"))
    .action(execute(async () => (await import("../commands/backfill/list.ts")).backfillList));
}

function backfillRunCommand({ executeWrite }: CommandRunner): Command {
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
        const { backfillRun } = await import("../commands/backfill/run.ts");
        return async (options: BackfillRunOptions, { onProgress }) =>
          backfillRun({ ...options, onProgress });
      }),
    );
}

function time(name: keyof BackfillRunOptions, flag: string, description: string): RenamedOption {
  return new RenamedOption(name, flag, description).argParser(milliseconds);
}

function backfillStatusCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("status"))
    .argument("[name]", "its name or number; default: all of them")
    .summary("show the progress of a backfill, on whichever machine it runs")
    .addHelpText("after", examples("", "4 --remote"))
    .action(execute(async () => (await import("../commands/backfill/status.ts")).backfillStatus));
}

function backfillCancelCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withFlags(new Command("cancel")))
    .argument("<name>", "its name or number")
    .summary("stop a backfill at its next window, or slow it down")
    .optionsGroup("What it changes:")
    .option("--pause", "pause it: the next run continues where it stopped")
    .option("--rate <rows>", "do not stop it, but limit its rows per second; 0: no limit", amount)
    .addHelpText("after", examples("4 --remote --pause", "4 --remote --rate 100"))
    .action(
      executeWrite(async () => (await import("../commands/backfill/cancel.ts")).backfillCancel),
    );
}
