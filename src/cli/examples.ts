/**
 * The examples at the end of a command's help.
 * @module
 */
import type { AddHelpTextContext, Command } from "commander";
import type { Verb } from "../report/command.ts";

/** `lines`: what follows the verb, as it is typed in a shell. */
export function examples(
  verb: Verb,
  ...lines: readonly string[]
): (context: AddHelpTextContext) => string {
  return ({ command }) => {
    const startedAs = rootOf(command).name();
    const shown = lines.map((line) => `  $ ${[startedAs, verb, line].join(" ").trimEnd()}\n`);
    return `\nExamples:\n${shown.join("")}`;
  };
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
