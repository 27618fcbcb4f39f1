/** @module `d1ops backfill cancel` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { amount } from "../parse-number.ts";
import { examples, withDryRun, withFlags } from "../shared-flags.ts";

export function backfillCancelCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withFlags(new Command("cancel")))
    .argument("<name>", "its name or number")
    .summary("stop a backfill at its next window, or slow it down")
    .optionsGroup("What it changes:")
    .option("--pause", "pause it: the next run continues where it stopped")
    .option("--rate <rows>", "do not stop it, but limit its rows per second; 0: no limit", amount)
    .addHelpText("after", examples("4 --remote --pause", "4 --remote --rate 100"))
    .action(
      executeWrite(async () => (await import("../../commands/backfill/cancel.ts")).backfillCancel),
    );
}
