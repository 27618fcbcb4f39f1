/** @module `d1ops migrate new` */
import { Command } from "commander";
import type { WriteOptions } from "../../project/project-options.ts";
import type { CommandRunner } from "../execute.ts";
import { examples, withConfigFlags, withDryRun } from "../shared-flags.ts";

export function migrateNewCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withConfigFlags(new Command("new")))
    .argument("<name>", "what the migration does, in a few words")
    .summary("create a migration file with the next number")
    .description("Creates the next file in the migrations folder, named as wrangler names it.")
    .addHelpText("after", examples("add_plan_to_tenants"))
    .action(
      executeWrite(async () => {
        const { migrateNew } = await import("../../commands/migrate/new.ts");
        return async ({ name, ...options }: WriteOptions & { readonly name: string }) =>
          migrateNew(name, options);
      }),
    );
}
