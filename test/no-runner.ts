import type { CommandRunner } from "../src/cli/execute.ts";

/** Runs nothing: for a program that a test only inspects or uses as a parser. */
export const NO_RUNNER: CommandRunner = {
  execute: () => refuse,
  executeWrite: () => refuse,
  executeAddition: () => refuse,
};

async function refuse(): Promise<never> {
  throw new Error("this program runs nothing");
}
