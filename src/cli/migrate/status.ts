/** @module `d1ops migrate status` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples, withFlags } from "../shared-flags.ts";

export function migrateStatusCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("status"))
    .summary("list applied, pending, changed and missing migrations")
    .description(
      "Compares the files with the ledger. Only reads. Exit code 1 if a migration is changed, renamed, missing or late.",
    )
    .optionsGroup("Exit code:")
    .option("--exit-code", "exit with code 1 if migrations are pending")
    .addHelpText("after", examples("", "--json | jq .data.pending"))
    .action(execute(async () => (await import("../../commands/migrate/status.ts")).migrateStatus));
}
