import type { Command } from "commander";
import { expect, test } from "vitest";
import { makeProgram, makeTyped } from "../../src/cli/program.ts";
import { NO_RUNNER } from "../no-runner.ts";

const NAME = "npx d1ops";

const leaves = leavesOf(makeProgram(NO_RUNNER, NAME));

test("words that begin no command come with the full tree", () => {
  for (const argv of [["migrate"], ["onboard", "--help"], ["--json", "status"], ["toString"], []]) {
    expect(makeTyped(NO_RUNNER, NAME, argv)).toBeNull();
  }
  expect(makeTyped(NO_RUNNER, NAME, ["migrate", "toString"])).toBeNull();
});

test.each(leaves)(
  "%j has the same flags, arguments and help in the tree of the typed command as in the full tree",
  (words, full) => {
    const typed = makeTyped(NO_RUNNER, NAME, [...words, "--json"]);
    if (typed === null) throw new Error("no tree");
    const [[path, only] = [], ...others] = leavesOf(typed);
    if (only === undefined) throw new Error("no command");
    expect(others).toEqual([]);
    expect(path).toEqual(words);
    expect(helpOf(only)).toBe(helpOf(full));
    expect(shapeOf(only)).toBe(shapeOf(full));
  },
);

function leavesOf(
  { commands }: Command,
  path: readonly string[] = [],
): [words: readonly string[], command: Command][] {
  return commands.flatMap((child): [readonly string[], Command][] => {
    const words = [...path, child.name()];
    return child.commands.length === 0 ? [[words, child]] : leavesOf(child, words);
  });
}

/** The help, including the texts after it. */
function helpOf(command: Command): string {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help;
}

/** All properties of the flags, including those that the help does not show: conflicts, defaults, names of values. */
function shapeOf({ options, registeredArguments }: Command): string {
  const names = options.map((option) => option.attributeName());
  return JSON.stringify({ names, options, registeredArguments });
}
