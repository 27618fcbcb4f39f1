/** @module Turns an error of commander into ours: what is wrong, and a command to type instead. */
import type { Command, CommanderError } from "commander";
import { shellWord } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { isWranglerCommand, suggestion } from "./suggest.ts";
import { readWords } from "./command-words.ts";

export function usageError(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
): OpsError<"USAGE"> {
  const { path } = readWords(program, argv);
  const typed = [program.name(), ...path].join(" ");
  const [first = ""] = error.message.replace(/^error: /, "").split("\n");
  const noCommand = error.code === "commander.help" || first === "(outputHelp)";
  const message = noCommand ? `\`${typed}\` needs a command.` : sentence(first);
  const hint = [
    ...advice(error, program, argv),
    `\`${typed} --help\` lists the commands and flags.`,
  ].join("\n");
  return new OpsError("USAGE", { argument: argv.join(" ") }, { message, hint });
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

function advice(
  { code, message }: CommanderError,
  program: Command,
  argv: readonly string[],
): string[] {
  const { command, rest } = readWords(program, argv);
  // commander's own guess, on a line of its own: `(Did you mean apply?)`. Empty if it has none.
  const guess = message.split("\n").slice(1).join(" ");
  if (code === "commander.unknownCommand") {
    if (/^(?:down|rollback|undo|revert)$/.test(rest[0] ?? "")) {
      return [
        `d1ops has no down migrations. Write a new one: \`${program.name()} migrate new TITLE\`.`,
      ];
    }
    const nearest = /Did you mean (\S+)\?/.exec(guess)?.[1] ?? null;
    const suggested = suggestion(program, argv, nearest);
    if (suggested !== null) return [`Did you mean \`${suggested}\`?`];
    if (isWranglerCommand(program, argv)) {
      return [`That is a command of wrangler: \`npx wrangler ${argv.map(shellWord).join(" ")}\``];
    }
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
    const extra = rest
      .filter((word) => !word.startsWith("-"))
      .at(command.registeredArguments.length);
    if (extra !== undefined && command.registeredArguments.length === 0) {
      const numbered = /^\d/.test(extra) && command.options.some(({ long }) => long === "--to");
      const [what, name] = numbered ? ["last migration", "--to"] : ["database", "--db"];
      return [`Name the ${what} with a flag: ${name} ${shellWord(extra)}.`];
    }
  }
  return guess === "" ? [] : [guess.replace(/^\(|\)$/g, "")];
}

/** The commands that have the flag. */
function takersOf(command: Command, flag: string, path: readonly string[] = []): string[] {
  const own = command.options.some((option) => [option.short, option.long].includes(flag))
    ? [path.join(" ")]
    : [];
  return [
    ...own.filter((name) => name !== ""),
    ...command.commands.flatMap((child) => takersOf(child, flag, [...path, child.name()])),
  ];
}
