/**
 * The tree of commands. A command loads its verb when it runs.
 * @module
 */
import { Command } from "commander";
import { packageVersion } from "../version.ts";
import { BACKFILL } from "./backfill-commands.ts";
import { type Group, groupCommand } from "./command-group.ts";
import type { CommandRunner } from "./execute.ts";
import { MIGRATE } from "./migrate-commands.ts";
import { ONBOARD } from "./onboard-commands.ts";
import { doctorCommand, statusCommand } from "./project-commands.ts";

const GROUPS: Readonly<Record<string, Group>> = {
  migrate: MIGRATE,
  backfill: BACKFILL,
  onboard: ONBOARD,
};

/** `name`: the command that started d1ops, for the usage lines and the examples. */
export function makeProgram(runner: CommandRunner, name = "d1ops"): Command {
  const program = emptyProgram(name);
  for (const [word, group] of Object.entries(GROUPS)) {
    program.addCommand(groupCommand(word, group, runner));
  }
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
  const [word, verb] = argv;
  const [, group] = Object.entries(GROUPS).find(([known]) => known === word) ?? [];
  const make = Object.entries(group?.commands ?? {}).find(([known]) => known === verb);
  if (word === undefined || group === undefined || make === undefined) return null;
  const only = groupCommand(word, { ...group, commands: Object.fromEntries([make]) }, runner);
  const program = emptyProgram(name).addCommand(only);
  describeHelp(program);
  return program;
}

function emptyProgram(name: string): Command {
  return new Command(name)
    .summary("migrations and operations for Cloudflare D1")
    .description("Migrations and operations for Cloudflare D1, both ways with wrangler.")
    .version(packageVersion(), "--version", "print the version")
    .showSuggestionAfterError()
    .addHelpText("after", EXIT_CODES);
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
  0 done, or nothing to do      4 failed part-way, see the report
  1 found problems              5 not confirmed
  2 usage or configuration      6 rejected by Cloudflare, or unreachable
  3 failed, nothing changed     70 a bug in d1ops, 130 interrupted
`;
