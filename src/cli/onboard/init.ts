/** @module `d1ops onboard init` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples, withConfigFlags, withDryRun } from "../shared-flags.ts";

export function onboardInitCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withConfigFlags(new Command("init")))
    .summary("copy onboarding's migrations into the project")
    .description(
      "Copies the migrations that create onboarding's tables into the migrations folder. It numbers them after the project's own and overwrites nothing. A second run copies only what is missing.",
    )
    .addHelpText("after", examples("--dry-run", ""))
    .action(executeWrite(async () => (await import("../../commands/onboard/init.ts")).onboardInit));
}
