/** @module `d1ops migrate plan` */
import { Command } from "commander";
import { allowances, type PlanFlags, withPlanFlags } from "../plan-flags.ts";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { projectOptions, withFlags } from "../shared-flags.ts";

export function migratePlanCommand({ execute }: CommandRunner): Command {
  return withPlanFlags(withFlags(new Command("plan")))
    .summary("show what apply would do, and what would stop it")
    .description("Shows what apply would run, in which order, and what would stop it. Only reads.")
    .addHelpText("after", examples("migrate plan", "", "--to 0007"))
    .action((flags: PlanFlags) =>
      execute(flags, async (terminal) => {
        const { migratePlan } = await import("../../commands/migrate/plan.ts");
        return migratePlan({ ...projectOptions(flags), ...terminal.reading, ...allowances(flags) });
      }),
    );
}
