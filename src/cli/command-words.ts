/**
 * Finds the command in argv before commander parses it. Flags may come before the command, `help X` is the help of X, and an unknown
 * command is an error, whatever follows it.
 * @module
 */
import { Command, type Option } from "commander";
import { withWriteFlags } from "./shared-flags.ts";

/** Moves the words of the command to the front, as commander requires. */
export function commandFirst(program: Command, argv: readonly string[]): readonly string[] {
  if (argv.length === 1 && argv[0] === "-v") return ["--version"];
  const { command, path, flags, help, rest } = readWords(program, argv);
  if (command === program && (rest[0] === "version" || flags.includes("--version"))) {
    return ["--version"];
  }
  const [word] = rest;
  const unknown = word !== undefined && command.commands.length > 0 && !word.startsWith("-");
  // Without the rest, so that commander reports the unknown command even if --help follows.
  if (unknown) return [...path, word];
  if (help) return [...path, "--help"];
  return [...path, ...flags, ...rest];
}

export interface Words {
  /** The command that the words name, or the group of commands. */
  readonly command: Command;
  readonly path: readonly string[];
  /** The flags before the command. */
  readonly flags: readonly string[];
  /** True if one of the words is `help`. */
  readonly help: boolean;
  readonly rest: readonly string[];
}

export function readWords(program: Command, argv: readonly string[]): Words {
  const shared = withWriteFlags(new Command()).options;
  const path: string[] = [];
  const flags: string[] = [];
  let command = program;
  let help = false;
  let at = 0;
  for (; at < argv.length && command.commands.length > 0; at += 1) {
    const word = argv[at] ?? "";
    const child = command.commands.find((candidate) => candidate.name() === word);
    if (child !== undefined) {
      command = child;
      path.push(word);
    } else if (word === "help") {
      help = true;
    } else {
      const size = sizeOfFlag(word, shared);
      if (size === 0) break;
      flags.push(...argv.slice(at, at + size));
      at += size - 1;
    }
  }
  return { command, path, flags, help, rest: argv.slice(at) };
}

/** The number of words of a flag with its value. 0 if the word is not a shared flag. */
function sizeOfFlag(word: string, shared: readonly Option[]): number {
  if (["-h", "--help", "--version"].includes(word)) return 1;
  const [name = "", ...value] = word.split("=");
  const known = shared.find((option) => [option.short, option.long].includes(name));
  if (known !== undefined) return known.required && value.length === 0 ? 2 : 1;
  if (!/^-[a-z]./i.test(word)) return 0;
  // `-cPATH`, or `-qv`: several short flags in one word.
  const first = shared.find((option) => option.short === word.slice(0, 2));
  if (first === undefined) return 0;
  return first.required ? 1 : sizeOfFlag(`-${word.slice(2)}`, shared);
}
