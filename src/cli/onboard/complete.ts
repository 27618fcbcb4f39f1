/** @module `d1ops onboard complete` */
import type { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples } from "../shared-flags.ts";
import { stepCommand } from "./flags.ts";

export function onboardCompleteCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("complete")
    .summary("end the session, or report which steps are missing")
    .addHelpText("after", examples("onb_… --local"))
    .action(
      executeWrite(
        async () => (await import("../../commands/onboard/complete.ts")).onboardComplete,
      ),
    );
}
