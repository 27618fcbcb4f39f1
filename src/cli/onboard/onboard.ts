/** @module `d1ops onboard` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { onboardAgentsCommand } from "./agents.ts";
import { onboardAssistantCommand } from "./assistant.ts";
import { onboardBusinessCommand } from "./business.ts";
import { onboardCompleteCommand } from "./complete.ts";
import { onboardInitCommand } from "./init.ts";
import { onboardKnowledgeCommand } from "./knowledge.ts";
import { onboardRunCommand } from "./run.ts";
import { onboardStartCommand } from "./start.ts";
import { onboardStatusCommand } from "./status.ts";

const COMMANDS = [
  onboardInitCommand,
  onboardStartCommand,
  onboardBusinessCommand,
  onboardAgentsCommand,
  onboardAssistantCommand,
  onboardKnowledgeCommand,
  onboardCompleteCommand,
  onboardStatusCommand,
  onboardRunCommand,
];

export function onboardCommand(runner: CommandRunner): Command {
  const onboard = new Command("onboard")
    .summary("sign tenants up, step by step or thousands from a file")
    .description(
      "Onboards tenants. Each step is one transaction and can run again. No tenant takes another tenant's number.",
    );
  for (const make of COMMANDS) onboard.addCommand(make(runner));
  return onboard;
}
