/** @module `d1ops migrate apply` */
import { Command } from "commander";
import type { MigrateApplyOptions } from "../../commands/migrate/apply.ts";
import type { CommandRunner } from "../execute.ts";
import { amount } from "../parse-number.ts";
import { examples, withBookmarkFlags, withPlanFlags, withWriteFlags } from "../shared-flags.ts";

export function migrateApplyCommand({ executeWrite }: CommandRunner): Command {
  const apply = withWriteFlags(
    new Command("apply"),
    "confirm destructive migrations too: the name of the database",
  );
  withPlanFlags(apply)
    .optionsGroup("If another run holds the lease:")
    .option(
      "--lock-timeout <seconds>",
      "how long to wait for the other run; 0: do not wait (default: 60)",
      amount,
    );
  return withBookmarkFlags(apply)
    .summary("apply pending migrations, one transaction each")
    .description(
      "Applies pending migrations in wrangler's order. Each one, with its ledger rows, is one transaction.",
    )
    .addHelpText(
      "after",
      examples("--local", "--local --to 0007 --dry-run", "--remote --env staging --yes"),
    )
    .action(
      executeWrite(async () => {
        const { migrateApply } = await import("../../commands/migrate/apply.ts");
        return async (options: MigrateApplyOptions, { onProgress }) =>
          migrateApply({ ...options, onProgress });
      }),
    );
}
