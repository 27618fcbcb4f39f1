/** @module `d1ops onboard assistant` */
import type { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples } from "../shared-flags.ts";
import { stepCommand } from "./flags.ts";

export function onboardAssistantCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("assistant")
    .summary("configure the agent that answers")
    .optionsGroup("The agent (an omitted flag changes nothing; --name is required):")
    .requiredOption("--name <name>", "name of the agent (required)")
    .option("--type <type>", "multi_purpose, customer_support, … (default: by industry)")
    .option("--voice <voice>", "female or male")
    .option("--language <language>", "fr-FR or en-GB")
    .option("--appointments", "let it make appointments")
    .option("--no-appointments", "do not let it make appointments")
    .option("--products", "let it search products")
    .option("--no-products", "do not let it search products")
    .addHelpText("after", examples("onb_… --local --name Nia --voice female"))
    .action(
      executeWrite(
        async () => (await import("../../commands/onboard/assistant.ts")).onboardAssistant,
      ),
    );
}
