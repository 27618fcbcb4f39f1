/** @module `d1ops backfill list` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples, withFlags } from "../shared-flags.ts";

export function backfillListCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("list"))
    .summary("list the backfills and the progress of each")
    .addHelpText("after", examples("", "--remote --env production"))
    .action(execute(async () => (await import("../../commands/backfill/list.ts")).backfillList));
}
