/** @module The tree of commands. The file of a command loads its verb when the command runs. */
import { Command } from "commander";
import { packageVersion } from "../version.ts";
import { auditTablesCommand } from "./audit/tables.ts";
import { backfillCancelCommand } from "./backfill/cancel.ts";
import { backfillListCommand } from "./backfill/list.ts";
import { backfillNewCommand } from "./backfill/new.ts";
import { backfillRunCommand } from "./backfill/run.ts";
import { backfillStatusCommand } from "./backfill/status.ts";
import { cloneCommand } from "./clone.ts";
import { doctorCommand } from "./doctor.ts";
import { initCommand } from "./init.ts";
import { migrateApplyCommand } from "./migrate/apply.ts";
import { migrateLockCommand } from "./migrate/lock.ts";
import { migrateNewCommand } from "./migrate/new.ts";
import { migratePlanCommand } from "./migrate/plan.ts";
import { migrateStatusCommand } from "./migrate/status.ts";
import { migrateVerifyCommand } from "./migrate/verify.ts";
import { onboardAgentsCommand } from "./onboard/agents.ts";
import { onboardAssistantCommand } from "./onboard/assistant.ts";
import { onboardBusinessCommand } from "./onboard/business.ts";
import { onboardCompleteCommand } from "./onboard/complete.ts";
import { onboardInitCommand } from "./onboard/init.ts";
import { onboardKnowledgeCommand } from "./onboard/knowledge.ts";
import { onboardRunCommand } from "./onboard/run.ts";
import { onboardStartCommand } from "./onboard/start.ts";
import { onboardStatusCommand } from "./onboard/status.ts";
import { snapshotCopyCommand } from "./snapshot/copy.ts";
import { snapshotDiffCommand } from "./snapshot/diff.ts";
import { snapshotKeysCommand } from "./snapshot/keys.ts";
import { snapshotListCommand } from "./snapshot/list.ts";
import { snapshotPruneCommand } from "./snapshot/prune.ts";
import { snapshotRestoreCommand } from "./snapshot/restore.ts";
import { snapshotShowCommand } from "./snapshot/show.ts";
import { snapshotTakeCommand } from "./snapshot/take.ts";
import { snapshotVerifyCommand } from "./snapshot/verify.ts";
import { statusCommand } from "./status.ts";
import type { CommandRunner } from "./execute.ts";

type MakeCommand = (runner: CommandRunner) => Command;

interface Group {
  readonly summary: string;
  readonly description: string;
  readonly commands: Readonly<Record<string, MakeCommand>>;
}

const GROUPS: Readonly<Record<string, Group>> = {
  migrate: {
    summary: "list, apply and verify schema migrations",
    description: "Schema migrations: the files of migrations_dir and the ledger in the database.",
    commands: {
      status: migrateStatusCommand,
      plan: migratePlanCommand,
      apply: migrateApplyCommand,
      verify: migrateVerifyCommand,
      lock: migrateLockCommand,
      new: migrateNewCommand,
    },
  },
  backfill: {
    summary: "run, watch and stop backfills, which change existing rows",
    description:
      "Backfills: files in the folder backfills beside the migrations, run window by window, exactly once.",
    commands: {
      new: backfillNewCommand,
      list: backfillListCommand,
      run: backfillRunCommand,
      status: backfillStatusCommand,
      cancel: backfillCancelCommand,
    },
  },
  snapshot: {
    summary: "take, verify, compare, restore, copy, prune snapshots",
    description:
      "Snapshots: complete, verified copies of databases and of project files, in the folder backups.",
    commands: {
      take: snapshotTakeCommand,
      list: snapshotListCommand,
      show: snapshotShowCommand,
      verify: snapshotVerifyCommand,
      restore: snapshotRestoreCommand,
      diff: snapshotDiffCommand,
      prune: snapshotPruneCommand,
      copy: snapshotCopyCommand,
      keys: snapshotKeysCommand,
    },
  },
  audit: {
    summary: "measure what a database contains",
    description: "Audits: figures that were measured, each with its place, its time and its query.",
    commands: { tables: auditTablesCommand },
  },
  onboard: {
    summary: "sign tenants up, step by step or thousands from a file",
    description:
      "Onboards tenants. Each step is one transaction and can run again. d1ops rejects a number that belongs to another tenant.",
    commands: {
      init: onboardInitCommand,
      start: onboardStartCommand,
      business: onboardBusinessCommand,
      agents: onboardAgentsCommand,
      assistant: onboardAssistantCommand,
      knowledge: onboardKnowledgeCommand,
      complete: onboardCompleteCommand,
      status: onboardStatusCommand,
      run: onboardRunCommand,
    },
  },
};

/** The commands of no group. */
const SINGLE: Readonly<Record<string, MakeCommand>> = {
  init: initCommand,
  status: statusCommand,
  doctor: doctorCommand,
  clone: cloneCommand,
};

/** `name`: the command that started d1ops, for the usage lines and the examples. */
export function makeProgram(runner: CommandRunner, name = "d1ops"): Command {
  const program = emptyProgram(name);
  for (const [word, group] of Object.entries(GROUPS)) {
    program.addCommand(groupCommand(word, group, runner));
  }
  for (const make of Object.values(SINGLE)) program.addCommand(make(runner));
  describeHelp(program);
  return program;
}

/**
 * The program with only the command that `argv` begins with; null if it begins with none. Making all commands takes a noticeable part of
 * a short run.
 */
export function makeTyped(
  runner: CommandRunner,
  name: string,
  argv: readonly string[],
): Command | null {
  const command = typedCommand(runner, argv);
  if (command === null) return null;
  const program = emptyProgram(name).addCommand(command);
  describeHelp(program);
  return program;
}

function typedCommand(
  runner: CommandRunner,
  [word = "", verb = ""]: readonly string[],
): Command | null {
  const single = named(SINGLE, word);
  if (single !== undefined) return single(runner);
  const group = named(GROUPS, word);
  const make = group === undefined ? undefined : named(group.commands, verb);
  if (group === undefined || make === undefined) return null;
  return groupCommand(word, { ...group, commands: { [verb]: make } }, runner);
}

/** A word such as `constructor` names nothing. */
function named<T>(all: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(all, word) ? all[word] : undefined;
}

function emptyProgram(name: string): Command {
  return new Command(name)
    .summary("migrations and operations for Cloudflare D1")
    .description("Migrations and operations for Cloudflare D1, compatible with wrangler.")
    .version(packageVersion(), "--version", "print the version")
    .showSuggestionAfterError()
    .addHelpText("after", EXIT_CODES);
}

function groupCommand(word: string, { commands, ...texts }: Group, runner: CommandRunner): Command {
  const group = new Command(word).summary(texts.summary).description(texts.description);
  for (const make of Object.values(commands)) group.addCommand(make(runner));
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
  0 done, or nothing to do      4 failed part-way, see the report
  1 found problems              5 not confirmed
  2 usage or configuration      6 rejected by Cloudflare, or unreachable
  3 failed, nothing changed     70 a bug in d1ops, 130 interrupted
`;
