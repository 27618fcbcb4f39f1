/** @module `d1ops onboard` */
import { Command } from "commander";
import type { Runner } from "../execute.ts";
import { onboardInitCommand } from "./init.ts";
import { onboardRunCommand } from "./run.ts";
import { stepCommands } from "./step.ts";

export function onboardCommand(runner: Runner): Command {
  const onboard = new Command("onboard")
    .summary("sign tenants up, step by step or thousands from a file")
    .description(
      "Onboarding: each step is one transaction and can be run again; no tenant takes another one's number.",
    );
  onboard.addCommand(onboardInitCommand(runner));
  for (const step of stepCommands(runner)) onboard.addCommand(step);
  return onboard.addCommand(onboardRunCommand(runner));
}
