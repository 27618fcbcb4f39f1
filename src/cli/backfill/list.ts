/** @module `d1ops backfill list` */
import { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { type Flags, projectOptions, withFlags } from "../shared-flags.ts";

export function backfillListCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("list"))
    .summary("list the backfills and the progress of each")
    .addHelpText("after", examples("backfill list", "", "--remote --env production"))
    .action((flags: Flags) =>
      execute(flags, async (terminal) => {
        const { backfillList } = await import("../../commands/backfill/list.ts");
        return backfillList({ ...projectOptions(flags), ...terminal.reading });
      }),
    );
}
