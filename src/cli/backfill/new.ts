/** @module `d1ops backfill new` */
import { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { type Flags, projectOptions, withConfigFlags, withDryRun } from "../shared-flags.ts";

interface NewFlags extends Flags {
  readonly typescript?: boolean;
}

export function backfillNewCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withConfigFlags(new Command("new")))
    .argument("<name>", "what it fills, in a few words; a name that ends in .ts makes a program")
    .summary("create the file of a backfill, with comments")
    .description(
      "Creates a file in the folder backfills beside the migrations: SQL, or a program. Replace its names of table and columns, and it runs.",
    )
    .optionsGroup("What is created:")
    .option("--typescript", "a program in TypeScript, for what SQL cannot do")
    .addHelpText("after", examples("backfill new", "fill_phones", "fill_phones --typescript"))
    .action((name: string, flags: NewFlags) =>
      executeWrite(flags, async ({ project }) => {
        const { backfillNew } = await import("../../commands/backfill/new.ts");
        return backfillNew({
          ...projectOptions(flags),
          ...project,
          dryRun: flags.dryRun === true,
          name,
          typescript: flags.typescript === true,
        });
      }),
    );
}
