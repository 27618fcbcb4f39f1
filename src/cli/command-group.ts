/**
 * A group of commands, such as `d1ops migrate`.
 * @module
 */
import { Command } from "commander";
import type { CommandRunner } from "./execute.ts";

export interface Group {
  readonly summary: string;
  readonly description: string;
  readonly commands: Readonly<Record<string, (runner: CommandRunner) => Command>>;
}

export function groupCommand(
  word: string,
  { summary, description, commands }: Group,
  runner: CommandRunner,
): Command {
  const group = new Command(word).summary(summary).description(description);
  for (const make of Object.values(commands)) group.addCommand(make(runner));
  return group;
}
