/**
 * From argv to a command. What cannot be parsed is a usage error (2), said in our own form.
 * @module
 */
import { type Command, CommanderError } from "commander";
import { OpsError } from "../report/error.ts";
import { printError } from "./execute.ts";
import { makeProgram } from "./program.ts";
import { startedAs } from "./started-as.ts";

export async function main(argv: readonly string[]): Promise<void> {
  const program = makeProgram(startedAs());
  everyCommand(program, (command) =>
    command.exitOverride().configureOutput({ writeErr: () => {} }),
  );
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    process.exitCode = await printError(usageError(error, program, argv), {
      json: wantsJson(argv),
      color: "auto",
    });
  }
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

function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, i) =>
      word === "--json" ||
      word === "--format=json" ||
      (word === "json" && argv[i - 1] === "--format"),
  );
}
