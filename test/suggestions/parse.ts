import { type Command, CommanderError } from "commander";
import { verbOptions } from "../../src/cli/verb-options.ts";
import { NO_RUNNER } from "../no-runner.ts";
import { makeProgram } from "../../src/cli/program.ts";
import type { ProjectOptions, WriteOptions } from "../../src/project/project-options.ts";

export interface Parsed {
  /** `migrate apply` */
  readonly verb: string;
  /** The flags that choose the database. */
  readonly options: ProjectOptions;
  /** True with a flag such as --to of snapshot restore. */
  readonly hasPlaceFlag: boolean;
  readonly dryRun: boolean;
}

let program: Command | null = null;
let parsed: Parsed | null = null;

/** Parses a command with the real program; nothing runs. Null for a request for help. @throws CommanderError */
export function parseCommand(words: readonly string[]): Parsed | null {
  program ??= prepared();
  parsed = null;
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    const help = error instanceof CommanderError && error.code.startsWith("commander.help");
    if (!help) throw error;
  }
  return parsed;
}

function prepared(): Command {
  const made = makeProgram(NO_RUNNER);
  prepare(made, []);
  return made;
}

function prepare(command: Command, path: readonly string[]): void {
  command.exitOverride().configureOutput({ writeOut() {}, writeErr() {} });
  for (const child of command.commands) prepare(child, [...path, child.name()]);
  if (command.commands.length > 0) return;
  command.action((...given: unknown[]) => {
    const typed = verbOptions(command.opts<WriteOptions>(), command);
    const options = { ...typed, ...placeArgument(typed) };
    if (given.length === 0) throw new Error("commander calls an action with its command");
    const hasPlaceFlag = path.join(" ") === "snapshot restore" && "to" in options;
    parsed = { verb: path.join(" "), options, hasPlaceFlag, dryRun: options.dryRun === true };
  });
}

/** `snapshot diff` and `audit tables` may have their place as an argument. */
function placeArgument(options: ProjectOptions): Pick<ProjectOptions, "place"> {
  for (const [name, value] of Object.entries(options)) {
    const isPlace = ["left", "right", "at"].includes(name);
    if (isPlace && (value === "local" || value === "remote")) return { place: value };
  }
  return {};
}
