/** @module `d1ops onboard business` */
import type { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import {
  onboardOptions,
  type SessionFlags,
  stepCommand,
  withNumberFlags,
  withoutUndefined,
} from "./flags.ts";

interface BusinessFlags extends SessionFlags {
  readonly company: string;
  readonly industry: string;
  readonly phone?: string;
  readonly email?: string;
}

export function onboardBusinessCommand({ executeWrite }: CommandRunner): Command {
  return withNumberFlags(stepCommand("business"))
    .summary("save the tenant's business and phone number")
    .optionsGroup("What:")
    .requiredOption("--company <name>", "company name (required)")
    .requiredOption("--industry <sector>", "sector: real_estate, retail, … (required)")
    .option("--phone <number>", "phone number in any usual form; without it the tenant has none")
    .option("--email <address>", "address of the tenant; without it, it does not change")
    .addHelpText(
      "after",
      examples(
        "onboard business",
        "onb_… --local --company 'Épicerie Zoë' --industry retail --phone '06 39 98 01 02'",
      ),
    )
    .action((session: string, flags: BusinessFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardBusiness } = await import("../../commands/onboard/business.ts");
        const { tenant, user, company, industry, phone, email } = flags;
        return onboardBusiness({
          ...onboardOptions(flags, terminal),
          ...withoutUndefined({ session, tenant, user, company, industry, phone, email }),
        });
      }),
    );
}
