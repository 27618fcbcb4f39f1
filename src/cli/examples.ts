/**
 * The examples at the end of a command's help.
 * @module
 */
import type { AddHelpTextContext, Command } from "commander";

/** `lines`: what follows the command, as it is typed in a shell. */
export function examples(...lines: readonly string[]): (context: AddHelpTextContext) => string {
  return ({ command }) => {
    const shown = lines.map((line) => `  $ ${`${wordsOf(command)} ${line}`.trimEnd()}\n`);
    return `\nExamples:\n${shown.join("")}`;
  };
}

/** `npx d1ops migrate apply` */
function wordsOf(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${wordsOf(parent)} ${command.name()}`;
}
