/** @module `d1ops onboard complete` */
import type { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { onboardOptions, type SessionFlags, stepCommand, withoutUndefined } from "./flags.ts";

export function onboardCompleteCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("complete")
    .summary("end the session, or report which steps are missing")
    .addHelpText("after", examples("onboard complete", "onb_… --local"))
    .action((session: string, flags: SessionFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardComplete } = await import("../../commands/onboard/complete.ts");
        const { tenant, user } = flags;
        return onboardComplete({
          ...onboardOptions(flags, terminal),
          ...withoutUndefined({ session, tenant, user }),
        });
      }),
    );
}
