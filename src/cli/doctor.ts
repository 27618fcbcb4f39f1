/** @module `d1ops doctor` */
import { Command } from "commander";
import type { CommandRunner } from "./execute.ts";
import { examples, withFlags } from "./shared-flags.ts";

export function doctorCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("doctor"))
    .summary("check node, config, credentials and databases")
    .description(
      "Checks node, wrangler, the config, the migrations folder, and the database with its ledger. With --remote, also the credentials and the network. Only reads.",
    )
    .addHelpText("after", examples("", "--env staging"))
    .action(execute(async () => (await import("../commands/doctor.ts")).doctor));
}
