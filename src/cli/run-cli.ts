/** @module Runs the command that argv names, and returns its exit code. If argv cannot be parsed, reports a usage error (2). */
import { type Command, CommanderError } from "commander";
import { reasonOf } from "../files/reason.ts";
import { OpsError } from "../report/error.ts";
import { assumeWidth, ignoreFailures, writeOut } from "../terminal/streams.ts";
import { commandFirst } from "./command-words.ts";
import { makeRunner } from "./execute.ts";
import type { ProcessExit } from "./exit.ts";
import type { Host } from "./host.ts";
import { type ErrorFlags, printError } from "./print-error.ts";
import { makeProgram, makeTyped } from "./program.ts";
import { usageError } from "./usage-error.ts";

/** When it resolves, all output has been written. */
export async function runCli(argv: readonly string[], host: Host): Promise<ProcessExit> {
  ignoreFailures(host.stdout, host.stderr);
  assumeWidth(host.stdout, host.stderr);
  const ended = Promise.withResolvers<ProcessExit>();
  const runner = makeRunner(host, ended.resolve);
  try {
    const typed = makeTyped(runner, host.startedAs, argv);
    let stop = typed === null ? null : await parse(typed, argv);
    // Help and advice need all commands.
    if (typed === null || stop !== null) {
      stop = await parse(makeProgram(runner, host.startedAs), argv);
    }
    return await (stop === null ? ended.promise : answer(stop, argv, host));
  } catch (error) {
    return printError(error, errorFlags(argv), host);
  }
}

/** Why commander ran no command. commander throws after --help and --version, too. */
interface Stop {
  readonly error: CommanderError;
  readonly help: string;
  readonly program: Command;
}

/** Returns null if the command ran. */
async function parse(program: Command, argv: readonly string[]): Promise<Stop | null> {
  let help = "";
  everyCommand(program, (command) =>
    command
      .exitOverride()
      .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {} }),
  );
  try {
    await program.parseAsync(commandFirst(program, argv), { from: "user" });
    return null;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { error, help, program };
  }
}

async function answer(
  { error, help, program }: Stop,
  argv: readonly string[],
  host: Host,
): Promise<ProcessExit> {
  const flags = errorFlags(argv);
  if (error.exitCode !== 0) return printError(usageError(error, program, argv), flags, host);
  const failure = await writeOut(host.stdout, help);
  return failure === null ? 0 : printError(unwritten(failure), flags, host);
}

function unwritten(failure: Error): OpsError<"FILE_UNWRITABLE"> {
  const reason = reasonOf(failure);
  return new OpsError(
    "FILE_UNWRITABLE",
    { path: "stdout", reason },
    {
      message: `stdout cannot be written: ${reason}.`,
      hint: "Check where the output of d1ops goes: a full disk, or a closed stream.",
    },
    { cause: failure },
  );
}

function everyCommand(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const child of command.commands) everyCommand(child, change);
}

/** Reads from argv how to print an error, because the flags may not have been parsed. */
export function errorFlags(argv: readonly string[]): ErrorFlags {
  const format = argv.flatMap((word, at) => {
    const [, value = argv[at + 1] ?? ""] = /^--format(?:=(.*))?$/.exec(word) ?? [null, null];
    return value === null ? [] : [value];
  });
  return { format, json: argv.includes("--json"), color: "auto", debug: argv.includes("--debug") };
}
