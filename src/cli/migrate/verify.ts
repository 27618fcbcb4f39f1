/** @module `d1ops migrate verify` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples, withFlags } from "../shared-flags.ts";

export function migrateVerifyCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("verify"))
    .summary("compare the schema with the applied migrations")
    .description(
      "Replays the applied migrations in memory and compares the schemas by meaning. Only reads. Exit code 1 on a difference.",
    )
    .addHelpText("after", examples("", "--json | jq .data.differences"))
    .action(execute(async () => (await import("../../commands/migrate/verify.ts")).migrateVerify));
}
