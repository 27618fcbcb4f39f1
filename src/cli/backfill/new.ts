/** @module `d1ops backfill new` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples, withConfigFlags, withDryRun } from "../shared-flags.ts";

export function backfillNewCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withConfigFlags(new Command("new")))
    .argument("<name>", "what it fills, in a few words; a name that ends in .ts makes a program")
    .summary("create the file of a backfill, with comments")
    .description(
      "Creates a file in the folder backfills beside the migrations: SQL, or a program. Replace its names of table and columns, and it runs.",
    )
    .optionsGroup("What is created:")
    .option("--typescript", "a program in TypeScript, for what SQL cannot do")
    .addHelpText("after", examples("fill_phones", "fill_phones --typescript"))
    .action(executeWrite(async () => (await import("../../commands/backfill/new.ts")).backfillNew));
}
