/**
 * From argv to a command. What cannot be parsed is a usage error (2), said in our own form.
 * @module
 */
import { type Command, CommanderError } from "commander";
import { reasonOf } from "../files/reason.ts";
import { OpsError } from "../report/error.ts";
import type { ExitCode } from "../report/report.ts";
import { ignoreFailures, writeOut } from "../terminal/streams.ts";
import { presumeFailure, settle } from "./presume.ts";
import { type ErrorFlags, printError, wantsJson } from "./print-error.ts";
import { makeProgram } from "./program.ts";
import { startedAs } from "./started-as.ts";

export async function main(argv: readonly string[]): Promise<void> {
  presumeFailure(wantsJson(errorFlags(argv)));
  ignoreFailures(process.stdout, process.stderr);
  const program = makeProgram(startedAs());
  let help = "";
  everyCommand(program, (command) =>
    command
      .exitOverride()
      .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {} }),
  );
  try {
    await program.parseAsync(argv, { from: "user" });
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

function usageError(error: CommanderError, program: Command, argv: readonly string[]): OpsError {
  const asked = argv.filter((word) => /^[a-z]+$/.test(word));
  const path = commandPath(program, asked);
  const [first = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const help = error.code === "commander.help" || first === "(outputHelp)";
  return new OpsError(
    "USAGE",
    { argument: argv.join(" ") },
    {
      message: help
        ? `\`${path}\` wants a command.`
        : `${first[0]?.toUpperCase() ?? ""}${first.slice(1)}${first.endsWith(".") ? "" : "."}`,
      hint: [
        ...more.map((line) => line.replace(/^\(|\)$/g, "")),
        `\`${path} --help\` shows what there is.`,
      ].join(" "),
    },
  );
}

/** As deep as the words lead. */
function commandPath(program: Command, words: readonly string[]): string {
  const names = [program.name()];
  let command = program;
  for (const word of words) {
    const child = command.commands.find((candidate) => candidate.name() === word);
    if (child === undefined) break;
    names.push(word);
    command = child;
  }
  return names.join(" ");
}

/** How errors are printed where the flags could not be parsed. */
function errorFlags(argv: readonly string[]): ErrorFlags {
  const format = argv.flatMap((word, at) => {
    const [, value = argv[at + 1] ?? ""] = /^--format(?:=(.*))?$/.exec(word) ?? [null, null];
    return value === null ? [] : [value];
  });
  return { format, json: argv.includes("--json"), color: "auto", debug: argv.includes("--debug") };
}
