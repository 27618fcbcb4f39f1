/** @module `d1ops backfill cancel` */
import { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import {
  type Flags,
  projectOptions,
  withDryRun,
  withFlags,
  writeOptions,
} from "../shared-flags.ts";
import { amount } from "../parse-number.ts";

interface CancelFlags extends Flags {
  readonly pause?: boolean;
  readonly rate?: number;
}

export function backfillCancelCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withFlags(new Command("cancel")))
    .argument("<name>", "its name or number")
    .summary("stop a backfill at its next window, or slow it down")
    .optionsGroup("What it changes:")
    .option("--pause", "pause it: the next run continues where it stopped")
    .option("--rate <rows>", "do not stop it, but limit its rows per second; 0: no limit", amount)
    .addHelpText(
      "after",
      examples("backfill cancel", "4 --remote --pause", "4 --remote --rate 100"),
    )
    .action((name: string, flags: CancelFlags) =>
      executeWrite(flags, async (terminal) => {
        const { backfillCancel } = await import("../../commands/backfill/cancel.ts");
        return backfillCancel({
          ...projectOptions(flags),
          ...terminal.writing,
          ...writeOptions(flags),
          name,
          pause: flags.pause === true,
          ...(flags.rate !== undefined && { rate: flags.rate }),
        });
      }),
    );
}
