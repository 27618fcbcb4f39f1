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
import type { CommandRunner } from "./execute.ts";

type MakeCommand = (runner: CommandRunner) => Command;

interface Group {
  readonly summary: string;
  readonly description: string;
  readonly commands: ReadonlyMap<string, MakeCommand>;
}

const GROUPS: ReadonlyMap<string, Group> = new Map([
  [
    "migrate",
    {
      summary: "list, apply and verify schema migrations",
      description: "Schema migrations: the files of migrations_dir and the ledger in the database.",
      commands: new Map([
        ["status", migrateStatusCommand],
        ["plan", migratePlanCommand],
        ["apply", migrateApplyCommand],
        ["verify", migrateVerifyCommand],
        ["lock", migrateLockCommand],
        ["new", migrateNewCommand],
      ]),
    },
  ],
  [
    "backfill",
    {
      summary: "run, watch and stop the data half of a migration",
      description:
        "Backfills: files in the folder backfills beside the migrations, run window by window, exactly once.",
      commands: new Map([
        ["new", backfillNewCommand],
        ["list", backfillListCommand],
        ["run", backfillRunCommand],
        ["status", backfillStatusCommand],
        ["cancel", backfillCancelCommand],
      ]),
    },
  ],
]);

/** `name`: the command that started d1ops, for the usage lines and the examples. */
export function makeProgram(runner: CommandRunner, name = "d1ops"): Command {
  const program = emptyProgram(name);
  for (const [word, group] of GROUPS) program.addCommand(groupCommand(word, group, runner));
  program.addCommand(onboardCommand(runner));
  program.addCommand(statusCommand(runner)).addCommand(doctorCommand(runner));
  describeHelp(program);
  return program;
}

/**
 * The program with only the command that `argv` begins with; null if that is no command of a group. Making all commands takes a
 * noticeable part of a short run.
 */
export function makeTyped(
  runner: CommandRunner,
  name: string,
  argv: readonly string[],
): Command | null {
  const [word = "", verb = ""] = argv;
  const group = GROUPS.get(word);
  const make = group?.commands.get(verb);
  if (group === undefined || make === undefined) return null;
  const only = groupCommand(word, { ...group, commands: new Map([[verb, make]]) }, runner);
  return emptyProgram(name).addCommand(only);
}

function emptyProgram(name: string): Command {
  return new Command(name)
    .summary("migrations and operations for Cloudflare D1")
    .description("Migrations and operations for Cloudflare D1, both ways with wrangler.")
    .version(packageVersion(), "--version", "print the version")
    .showSuggestionAfterError()
    .addHelpText("after", EXIT_CODES);
}

function groupCommand(word: string, { commands, ...texts }: Group, runner: CommandRunner): Command {
  const group = new Command(word).summary(texts.summary).description(texts.description);
  for (const make of commands.values()) group.addCommand(make(runner));
  return group;
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
