/** @module `d1ops migrate new` */
import { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { type Flags, projectOptions, withConfigFlags, withDryRun } from "../shared-flags.ts";

export function migrateNewCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withConfigFlags(new Command("new")))
    .argument("<name>", "what the migration does, in a few words")
    .summary("create a migration file with the next number")
    .description("Creates the next file in the migrations folder, named as wrangler names it.")
    .addHelpText("after", examples("migrate new", "add_plan_to_tenants"))
    .action((name: string, flags: Flags) =>
      executeWrite(flags, async ({ project }) => {
        const { migrateNew } = await import("../../commands/migrate/new.ts");
        return migrateNew(name, {
          ...projectOptions(flags),
          ...project,
          dryRun: flags.dryRun === true,
        });
      }),
    );
}
