/**
 * The tree of commands. The file of a command loads its verb when the command runs.
 * @module
 */
import { Command } from "commander";
import { packageVersion } from "../version.ts";
import { backfillCancelCommand } from "./backfill/cancel.ts";
import { backfillListCommand } from "./backfill/list.ts";
import { backfillNewCommand } from "./backfill/new.ts";
import { backfillRunCommand } from "./backfill/run.ts";
import { backfillStatusCommand } from "./backfill/status.ts";
import { doctorCommand } from "./doctor.ts";
import { migrateApplyCommand } from "./migrate/apply.ts";
import { migrateLockCommand } from "./migrate/lock.ts";
import { migrateNewCommand } from "./migrate/new.ts";
import { migratePlanCommand } from "./migrate/plan.ts";
import { migrateStatusCommand } from "./migrate/status.ts";
import { migrateVerifyCommand } from "./migrate/verify.ts";
import { onboardCommand } from "./onboard/onboard.ts";
import { statusCommand } from "./status.ts";
import type { Runner } from "./execute.ts";

/** `name`: the command that started d1ops, for the usage lines and the examples. */
export function makeProgram(runner: Runner, name = "d1ops"): Command {
  const program = new Command(name)
    .summary("migrations and operations for Cloudflare D1")
    .description("Migrations and operations for Cloudflare D1, both ways with wrangler.")
    .version(packageVersion(), "--version", "print the version")
    .showSuggestionAfterError()
    .addHelpText("after", EXIT_CODES);
  const migrate = program
    .command("migrate")
    .summary("list, apply and verify schema migrations")
    .description("Schema migrations: the files of migrations_dir and the ledger in the database.");
  for (const command of [
    migrateStatusCommand,
    migratePlanCommand,
    migrateApplyCommand,
    migrateVerifyCommand,
    migrateLockCommand,
    migrateNewCommand,
  ]) {
    migrate.addCommand(command(runner));
  }
  const backfill = program
    .command("backfill")
    .summary("run, watch and stop the data half of a migration")
    .description(
      "Backfills: files in the folder backfills beside the migrations, run window by window, exactly once.",
    );
  for (const command of [
    backfillNewCommand,
    backfillListCommand,
    backfillRunCommand,
    backfillStatusCommand,
    backfillCancelCommand,
  ]) {
    backfill.addCommand(command(runner));
  }
  program.addCommand(onboardCommand(runner));
  program.addCommand(statusCommand(runner)).addCommand(doctorCommand(runner));
  describeHelp(program);
  return program;
}

/** commander passes these texts on only to the commands that it creates itself. */
function describeHelp(command: Command): void {
  command.helpOption("-h, --help", "print help");
  if (command.commands.length > 0) {
    command.helpCommand("help [command...]", "print the help of a command");
  }
  for (const child of command.commands) describeHelp(child);
}

const EXIT_CODES = `
Exit codes:
  0 done, or nothing to do      4 failed part-way, the report shows what stays
  1 it ran, the answer is no    5 not confirmed
  2 usage or configuration      6 a service refused or could not be reached
  3 failed, nothing changed     70 a bug in d1ops, 130 interrupted
`;
