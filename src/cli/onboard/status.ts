/** @module `d1ops onboard status` */
import { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { projectOptions, withFlags } from "../shared-flags.ts";
import { type SessionFlags, withoutUndefined, withSession } from "./flags.ts";

export function onboardStatusCommand({ execute }: CommandRunner): Command {
  return withSession(withFlags(new Command("status")))
    .summary("show the steps of a session, and the next one")
    .addHelpText("after", examples("onboard status", "onb_…", "onb_… --remote --json"))
    .action((session: string, flags: SessionFlags) =>
      execute(flags, async (terminal) => {
        const { onboardStatus } = await import("../../commands/onboard/status.ts");
        const { tenant, user } = flags;
        return onboardStatus({
          ...projectOptions(flags),
          ...terminal.reading,
          ...withoutUndefined({ session, tenant, user }),
        });
      }),
    );
}
