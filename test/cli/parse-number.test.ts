import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { NO_RUNNER } from "../no-runner.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { d1ops, errorOf, makeProject } from "../project.ts";

/** Every flag that is a number, with the command before it, and numbers that it rejects. */
const FLAGS: Readonly<Record<string, readonly [words: string, values: readonly string[]]>> = {
  "backfill run --window": ["backfill run 1 --local", ["0", "-1", "1.5", "1000001", "1e99"]],
  "backfill run --max-window": ["backfill run 1 --local", ["0", "2.5"]],
  "backfill run --target": ["backfill run 1 --local", ["0", "0ms", "31s", "2m"]],
  "backfill run --pause": ["backfill run 1 --local", ["99999999999m", "1441m"]],
  "backfill run --rate": ["backfill run 1 --local", ["-1", "0.001", "1e12"]],
  "backfill run --max-rows-written": ["backfill run 1 --local", ["0", "1.5"]],
  "backfill run --budget": ["backfill run 1 --local", ["0", "-0.5"]],
  "backfill run --max-quarantined": ["backfill run 1 --local", ["-1", "0.5"]],
  "backfill cancel --rate": ["backfill cancel 1 --local", ["-1"]],
  "migrate apply --lock-timeout": ["migrate apply --local", ["-1", "86401"]],
  "audit tables --max-rows-read": ["audit tables", ["-1", "0.5"]],
  "snapshot diff --limit": ["snapshot diff", ["-1", "0.5"]],
  "snapshot prune --keep-last": ["snapshot prune", ["-1", "0.5"]],
  "snapshot prune --keep-hourly": ["snapshot prune", ["-1", "0.5"]],
  "snapshot prune --keep-daily": ["snapshot prune", ["-1", "0.5"]],
  "snapshot prune --keep-weekly": ["snapshot prune", ["-1", "0.5"]],
  "snapshot prune --keep-monthly": ["snapshot prune", ["-1", "0.5"]],
  "snapshot prune --keep-yearly": ["snapshot prune", ["-1", "0.5"]],
  "onboard run --max-failures": ["onboard run tenants.jsonl --local", ["-1", "0.5"]],
};

function leaves(command: Command, path: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[path.join(" "), command]];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

describe("a number on the command line", () => {
  test("is tested here for every flag that is a number", () => {
    const found = leaves(makeProgram(NO_RUNNER)).flatMap(([path, { options }]) =>
      options
        .filter(({ parseArg }) => /^(amount|milliseconds)$/.test(parseArg?.name ?? ""))
        .map(({ long }) => `${path} ${long ?? ""}`),
    );
    expect(found.sort()).toEqual(Object.keys(FLAGS).sort());
  });

  test.each(Object.entries(FLAGS).map(([flag, [words, values]]) => ({ flag, words, values })))(
    "is a usage error and changes nothing if it is out of the range of $flag",
    async ({ flag, words, values }) => {
      const project = makeProject({
        "migrations/0001.sql": "CREATE TABLE a(x);",
        "tenants.jsonl": "{}",
      });
      const name = flag.split(" ").at(-1) ?? "";
      const tried = [...values, "many", ""];
      const runs = await Promise.all(
        tried.map((value) => d1ops(project, [...words.split(" "), `${name}=${value}`, "--json"])),
      );
      for (const [i, run] of runs.entries()) {
        expect(run, tried[i]).toMatchObject({ code: 2, stdout: "" });
        const error = errorOf(run);
        expect(error.code).toBe("USAGE");
        expect(error.message).toContain(name);
        expect(error.message).toMatch(/has to be a/);
      }
      expect(() => project.open()).toThrow();
    },
  );

  test.each([
    ["--local", "600", ["--max-window", "500"], "500"],
    ["--local", "50001", [], "50,000"],
    ["--remote", "10001", [], "10,000"],
  ])(
    "is a usage error if it exceeds the largest window: backfill run %s --window %s %j",
    async (place, window, more, most) => {
      const words = ["backfill", "run", "1", place, "--window", window, ...more, "--json"];
      const run = await d1ops(makeProject(), words);
      expect(run).toMatchObject({ code: 2, stdout: "" });
      expect(errorOf(run)).toMatchObject({
        code: "USAGE",
        message: expect.stringMatching(
          `^--window is .*; it has to be at most ${most}, the largest window`,
        ),
      });
    },
  );
});
