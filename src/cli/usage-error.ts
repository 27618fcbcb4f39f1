/**
 * What commander cannot parse, said in our own form: what is wrong, and a command that can be typed instead.
 * @module
 */
import type { Command, CommanderError } from "commander";
import { shellWord } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { isWranglers, suggestion } from "./suggest.ts";
import { readWords } from "./command-words.ts";

export function usageError(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
): OpsError<"USAGE"> {
  const { command, path } = readWords(program, argv);
  const typed = [program.name(), ...path].join(" ");
  const [first = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const noCommand = error.code === "commander.help" || first === "(outputHelp)";
  return new OpsError(
    "USAGE",
    { argument: argv.join(" ") },
    {
      message: noCommand ? `\`${typed}\` needs a command.` : sentence(first),
      hint: [
        ...advice(error.code, program, command, argv, first, more.join(" ")),
        `\`${typed} --help\` shows what there is.`,
      ].join("\n"),
    },
  );
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

function advice(
  code: string,
  program: Command,
  command: Command,
  argv: readonly string[],
  message: string,
  more: string,
): string[] {
  const guess = more.replace(/^\(|\)$/g, "");
  if (code === "commander.unknownCommand") {
    const nearest = /Did you mean (\S+)\?/.exec(guess)?.[1] ?? null;
    const meant = suggestion(program, argv, nearest);
    if (meant !== null) return [`Did you mean \`${meant}\`?`];
    if (isWranglers(program, argv)) return [`That is wrangler's: \`npx wrangler ${quoted(argv)}\``];
    return [`Commands: ${command.commands.map((child) => child.name()).join(", ")}.`];
  }
  if (code === "commander.unknownOption") {
    const flag = /'([^']+)'/.exec(message)?.[1] ?? "";
    const takers = takersOf(program, flag).map((name) => `\`${name}\``);
    const others = takers.length > 3 ? ` and ${takers.length - 3} more commands` : "";
    if (takers.length > 0) {
      return [`${flag} is a flag of ${takers.slice(0, 3).join(", ")}${others}.`];
    }
  }
  if (code === "commander.excessArguments" && command.options.some(({ long }) => long === "--db")) {
    const { rest } = readWords(program, argv);
    const extra = rest
      .filter((word) => !word.startsWith("-"))
      .at(command.registeredArguments.length);
    if (extra !== undefined && command.registeredArguments.length === 0) {
      return [`A database is named with a flag: --db ${shellWord(extra)}.`];
    }
  }
  return guess === "" ? [] : [guess];
}

function quoted(argv: readonly string[]): string {
  return argv.map(shellWord).join(" ");
}

/** The commands that take a flag which another one does not. */
function takersOf(command: Command, flag: string, path: readonly string[] = []): string[] {
  const own = command.options.some((option) => [option.short, option.long].includes(flag))
    ? [path.join(" ")]
    : [];
  return [
    ...own.filter((name) => name !== ""),
    ...command.commands.flatMap((child) => takersOf(child, flag, [...path, child.name()])),
  ];
}
