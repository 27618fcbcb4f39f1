/** @module `d1ops onboard complete` */
import type { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
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
