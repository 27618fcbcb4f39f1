/**
 * From argv to a command. What cannot be parsed is a usage error (2), said in our own form.
 * @module
 */
import { type Command, CommanderError } from "commander";
import { reasonOf } from "../files/reason.ts";
import { OpsError } from "../report/error.ts";
import type { ExitCode } from "../report/report.ts";
import { assumeWidth, ignoreFailures, writeOut } from "../terminal/streams.ts";
import { presumeFailure, settle } from "./presume.ts";
import { type ErrorFlags, printError, wantsJson } from "./print-error.ts";
import { makeProgram } from "./program.ts";
import { startedAs } from "./started-as.ts";
import { usageError } from "./usage-error.ts";
import { commandFirst } from "./words.ts";

export async function main(argv: readonly string[]): Promise<void> {
  presumeFailure(wantsJson(errorFlags(argv)));
  ignoreFailures(process.stdout, process.stderr);
  assumeWidth(process.stdout, process.stderr);
  const program = makeProgram(startedAs());
  let help = "";
  everyCommand(program, (command) =>
    command
      .exitOverride()
      .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {} }),
  );
  try {
    await program.parseAsync(commandFirst(program, argv), { from: "user" });
  } catch (error) {
    settle(await endOf(error, help, program, argv));
  }
}

/** Help and version end as errors of commander's, too. */
async function endOf(
  error: unknown,
  help: string,
  program: Command,
  argv: readonly string[],
): Promise<ExitCode> {
  const flags = errorFlags(argv);
  if (!(error instanceof CommanderError)) return printError(error, flags);
  if (error.exitCode !== 0) return printError(usageError(error, program, argv), flags);
  const failure = await writeOut(process.stdout, help);
  return failure === null ? 0 : printError(unwritten(failure), flags);
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
function errorFlags(argv: readonly string[]): ErrorFlags {
  const format = argv.flatMap((word, at) => {
    const [, value = argv[at + 1] ?? ""] = /^--format(?:=(.*))?$/.exec(word) ?? [null, null];
    return value === null ? [] : [value];
  });
  return { format, json: argv.includes("--json"), color: "auto", debug: argv.includes("--debug") };
}
