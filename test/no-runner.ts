import type { Runner } from "../src/cli/execute.ts";

/** For a program that is only looked at, or only parses. */
export const NO_RUNNER: Runner = { execute: refuse, executeWrite: refuse };

async function refuse(): Promise<never> {
  throw new Error("this program runs nothing");
}
