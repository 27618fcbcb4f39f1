/** @module `d1ops onboard start` */
import { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { withWriteFlags } from "../shared-flags.ts";
import { type NumberFlags, onboardOptions, withoutUndefined } from "./flags.ts";

interface StartFlags extends NumberFlags {
  readonly tenant: string;
  readonly user: string;
  readonly email?: string;
  readonly key?: string;
}

export function onboardStartCommand({ executeWrite }: CommandRunner): Command {
  return withWriteFlags(new Command("start"))
    .summary("start the session of a tenant, or resume the open one")
    .optionsGroup("Who:")
    .requiredOption("--tenant <id>", "tenant; created if it does not exist (required)")
    .requiredOption("--user <id>", "user of the tenant; created if it does not exist (required)")
    .option("--email <address>", "address of a new tenant and its new user")
    .option("--key <key>", "idempotency key: the same key finds the same session")
    .addHelpText("after", examples("onboard start", "--tenant acme --user ada --local --json"))
    .action((flags: StartFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardStart } = await import("../../commands/onboard/start.ts");
        const { tenant, user, email, key } = flags;
        return onboardStart({
          ...onboardOptions(flags, terminal),
          ...withoutUndefined({ tenant, user, email, key }),
        });
      }),
    );
}
