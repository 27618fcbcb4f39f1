/** @module `d1ops onboard agents` */
import type { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { onboardOptions, type SessionFlags, stepCommand, withoutUndefined } from "./flags.ts";

export function onboardAgentsCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("agents")
    .summary("create the people to make appointments with, as usual in the sector")
    .addHelpText("after", examples("onboard agents", "onb_… --local"))
    .action((session: string, flags: SessionFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardAgents } = await import("../../commands/onboard/agents.ts");
        const { tenant, user } = flags;
        return onboardAgents({
          ...onboardOptions(flags, terminal),
          ...withoutUndefined({ session, tenant, user }),
        });
      }),
    );
}
