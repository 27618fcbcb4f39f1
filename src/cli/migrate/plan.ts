/** @module `d1ops migrate plan` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples, withFlags, withPlanFlags } from "../shared-flags.ts";

export function migratePlanCommand({ execute }: CommandRunner): Command {
  return withPlanFlags(withFlags(new Command("plan")))
    .summary("show what apply would do, and what would stop it")
    .description("Shows what apply would run, in which order, and what would stop it. Only reads.")
    .addHelpText("after", examples("", "--to 0007"))
    .action(execute(async () => (await import("../../commands/migrate/plan.ts")).migratePlan));
}
