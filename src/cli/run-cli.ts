/**
 * Runs the command that argv names, and returns its exit code. If argv cannot be parsed, reports a usage error (2).
 * @module
 */
import { type Command, CommanderError } from "commander";
import { reasonOf } from "../files/reason.ts";
import { OpsError } from "../report/error.ts";
import { assumeWidth, ignoreFailures, writeOut } from "../terminal/streams.ts";
import { commandFirst } from "./command-words.ts";
import { makeRunner } from "./execute.ts";
import type { ProcessExit } from "./exit.ts";
import type { Host } from "./host.ts";
import { type ErrorFlags, printError } from "./print-error.ts";
import { makeProgram } from "./program.ts";
import { usageError } from "./usage-error.ts";

/** When it resolves, all output has been written. */
export async function runCli(argv: readonly string[], host: Host): Promise<ProcessExit> {
  ignoreFailures(host.stdout, host.stderr);
  assumeWidth(host.stdout, host.stderr);
  const ended = Promise.withResolvers<ProcessExit>();
  const program = makeProgram(makeRunner(host, ended.resolve), host.startedAs);
  let help = "";
  everyCommand(program, (command) =>
    command
      .exitOverride()
      .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {} }),
  );
  try {
    await program.parseAsync(commandFirst(program, argv), { from: "user" });
    return await ended.promise;
  } catch (error) {
    // commander also throws after --help and --version.
    if (error instanceof CommanderError && error.exitCode === 0) return printHelp(help, argv, host);
    const shown = error instanceof CommanderError ? usageError(error, program, argv) : error;
    return printError(shown, errorFlags(argv), host);
  }
}

async function printHelp(help: string, argv: readonly string[], host: Host): Promise<ProcessExit> {
  const failure = await writeOut(host.stdout, help);
  return failure === null ? 0 : printError(unwritten(failure), errorFlags(argv), host);
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
