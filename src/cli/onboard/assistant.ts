/** @module `d1ops onboard assistant` */
import type { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { onboardOptions, type SessionFlags, stepCommand, withoutUndefined } from "./flags.ts";

interface AssistantFlags extends SessionFlags {
  readonly name: string;
  readonly type?: string;
  readonly voice?: string;
  readonly language?: string;
  readonly appointments?: boolean;
  readonly products?: boolean;
}

export function onboardAssistantCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("assistant")
    .summary("configure the agent that answers")
    .optionsGroup("What; an omitted value does not change, but --name is required:")
    .requiredOption("--name <name>", "name of the agent (required)")
    .option("--type <type>", "multi_purpose, customer_support, … (default: by sector)")
    .option("--voice <voice>", "female or male")
    .option("--language <language>", "fr-FR or en-GB")
    .option("--appointments", "let it make appointments")
    .option("--no-appointments", "do not let it make appointments")
    .option("--products", "let it search products")
    .option("--no-products", "do not let it search products")
    .addHelpText("after", examples("onboard assistant", "onb_… --local --name Nia --voice female"))
    .action((session: string, flags: AssistantFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardAssistant } = await import("../../commands/onboard/assistant.ts");
        const { tenant, user, name, type, voice, language, appointments, products } = flags;
        return onboardAssistant({
          ...onboardOptions(flags, terminal),
          ...withoutUndefined({ session, tenant, user, name, type, voice, language }),
          ...withoutUndefined({ appointments, products }),
        });
      }),
    );
}
