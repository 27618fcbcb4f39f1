/** @module `d1ops onboard start` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples, withWriteFlags } from "../shared-flags.ts";

export function onboardStartCommand({ executeWrite }: CommandRunner): Command {
  return withWriteFlags(new Command("start"))
    .summary("start the session of a tenant, or resume the open one")
    .optionsGroup("Tenant and user:")
    .requiredOption("--tenant <id>", "tenant; created if it does not exist (required)")
    .requiredOption("--user <id>", "user of the tenant; created if it does not exist (required)")
    .option("--email <address>", "address of a new tenant and its new user")
    .option("--key <key>", "idempotency key: the same key finds the same session")
    .addHelpText("after", examples("--tenant acme --user ada --local --json"))
    .action(
      executeWrite(async () => (await import("../../commands/onboard/start.ts")).onboardStart),
    );
}
