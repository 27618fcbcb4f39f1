/** @module `d1ops onboard status` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples, withFlags } from "../shared-flags.ts";
import { withSession } from "./flags.ts";

export function onboardStatusCommand({ execute }: CommandRunner): Command {
  return withSession(withFlags(new Command("status")))
    .summary("show the steps of a session, and the next one")
    .addHelpText("after", examples("onb_…", "onb_… --remote --json"))
    .action(execute(async () => (await import("../../commands/onboard/status.ts")).onboardStatus));
}
