/** @module `d1ops backfill status` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples, withFlags } from "../shared-flags.ts";

export function backfillStatusCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("status"))
    .argument("[name]", "its name or number; default: all of them")
    .summary("show the progress of a backfill, on whichever machine it runs")
    .addHelpText("after", examples("", "4 --remote"))
    .action(
      execute(async () => (await import("../../commands/backfill/status.ts")).backfillStatus),
    );
}
