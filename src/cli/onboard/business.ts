/** @module `d1ops onboard business` */
import type { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples } from "../shared-flags.ts";
import { stepCommand, withNumberFlags } from "./flags.ts";

export function onboardBusinessCommand({ executeWrite }: CommandRunner): Command {
  return withNumberFlags(stepCommand("business"))
    .summary("save the tenant's business and phone number")
    .optionsGroup("The business:")
    .requiredOption("--company <name>", "company name (required)")
    .requiredOption("--industry <industry>", "industry: real_estate, retail, … (required)")
    .option("--phone <number>", "phone number in any usual form; without it the tenant has none")
    .option("--email <address>", "address of the tenant; without it, it does not change")
    .addHelpText(
      "after",
      examples("onb_… --local --company 'Épicerie Zoë' --industry retail --phone '06 39 98 01 02'"),
    )
    .action(
      executeWrite(
        async () => (await import("../../commands/onboard/business.ts")).onboardBusiness,
      ),
    );
}
