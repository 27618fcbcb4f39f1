/** @module `d1ops onboard init` */
import { Command } from "commander";
import { examples } from "../examples.ts";
import type { Runner } from "../execute.ts";
import { type Flags, projectOptions, withConfigFlags, withDryRun } from "../shared-flags.ts";

export function onboardInitCommand({ executeWrite }: Runner): Command {
  return withDryRun(withConfigFlags(new Command("init")))
    .summary("copy the migrations of onboarding's tables into the project")
    .description(
      "Copies the migrations that make the tables of onboarding into the migrations folder, numbered after those that are there. It overwrites nothing; run it again, and it copies what is missing.",
    )
    .addHelpText("after", examples("onboard init", "--dry-run", ""))
    .action((flags: Flags) =>
      executeWrite(flags, async ({ project }) => {
        const { onboardInit } = await import("../../commands/onboard/init.ts");
        return onboardInit({
          ...projectOptions(flags),
          ...project,
          dryRun: flags.dryRun === true,
        });
      }),
    );
}
