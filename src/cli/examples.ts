/**
 * The examples at the end of a command's help.
 * @module
 */
import type { Verb } from "../report/command.ts";
import { startedAs } from "./started-as.ts";

/** Each line is what follows the verb, as it is typed in a shell. */
export function examples(verb: Verb, ...lines: readonly string[]): string {
  const shown = lines.map((line) => `  $ ${[startedAs(), verb, line].join(" ").trimEnd()}\n`);
  return `\nExamples:\n${shown.join("")}`;
}
