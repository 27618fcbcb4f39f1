/**
 * From argv to a command, and to its exit code. What cannot be parsed is a usage error (2), said in our own form.
 * @module
 */
import { type Command, CommanderError } from "commander";
import { reasonOf } from "../files/reason.ts";
import { OpsError } from "../report/error.ts";
import type { ProcessExit } from "./exit.ts";
import { assumeWidth, ignoreFailures, writeOut } from "../terminal/streams.ts";
import { makeRunner } from "./execute.ts";
import type { Host } from "./host.ts";
import { type ErrorFlags, printError } from "./print-error.ts";
import { makeProgram } from "./program.ts";
import { usageError } from "./usage-error.ts";
import { commandFirst } from "./command-words.ts";

/** Everything that it says has been written when it resolves. */
export async function run(argv: readonly string[], host: Host): Promise<ProcessExit> {
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
    return endOf(error, help, program, argv, host);
  }
}

/** Help and version end as errors of commander's, too. */
async function endOf(
  error: unknown,
  help: string,
  program: Command,
  argv: readonly string[],
  host: Host,
): Promise<ProcessExit> {
  const flags = errorFlags(argv);
  if (!(error instanceof CommanderError)) return printError(error, flags, host);
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
      hint: "Look where the output of d1ops goes: a full disk, or a stream that was closed.",
    },
    { cause: failure },
  );
}

function everyCommand(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const child of command.commands) everyCommand(child, change);
}

/** How errors are printed where the flags could not be parsed. */
export function errorFlags(argv: readonly string[]): ErrorFlags {
  const format = argv.flatMap((word, at) => {
    const [, value = argv[at + 1] ?? ""] = /^--format(?:=(.*))?$/.exec(word) ?? [null, null];
    return value === null ? [] : [value];
  });
  return { format, json: argv.includes("--json"), color: "auto", debug: argv.includes("--debug") };
}
