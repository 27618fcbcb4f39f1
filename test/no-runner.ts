import type { CommandRunner } from "../src/cli/execute.ts";

/** For a program that a test only inspects, or that only parses. */
export const NO_RUNNER: CommandRunner = { execute: () => refuse, executeWrite: () => refuse };

async function refuse(): Promise<never> {
  throw new Error("this program runs nothing");
}
