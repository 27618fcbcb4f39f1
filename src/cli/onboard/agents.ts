/** @module `d1ops onboard agents` */
import type { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples } from "../shared-flags.ts";
import { stepCommand } from "./flags.ts";

export function onboardAgentsCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("agents")
    .summary("create the people to make appointments with, as usual in the industry")
    .addHelpText("after", examples("onb_… --local"))
    .action(
      executeWrite(async () => (await import("../../commands/onboard/agents.ts")).onboardAgents),
    );
}
