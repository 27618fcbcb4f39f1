import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { NO_RUNNER } from "../no-runner.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { command, VERBS, verbs } from "../../src/verbs.ts";
import type { ProjectOptions } from "../../src/project/project-options.ts";
import { makeProject, ROOT } from "../project.ts";
import { faultsIn, printedTexts } from "./check.ts";
import { extract, shellWords } from "./extract.ts";

const DATABASES = [
  { binding: "DB", database_name: "shop-db", database_id: "11111111-2222-3333-4444-555555555555" },
];
const LOG = { binding: "LOG", database_name: "log-db", database_id: "log" };
const WITH_STAGING = {
  "wrangler.jsonc": JSON.stringify({
    name: "shop",
    d1_databases: DATABASES,
    env: { staging: { d1_databases: [...DATABASES, LOG] } },
  }),
  "other.jsonc": JSON.stringify({ name: "other", d1_databases: DATABASES }),
};

describe("checking a suggested command", () => {
  async function faults(
    line: string,
    typed: ProjectOptions,
    verb = "migrate status",
  ): Promise<string> {
    const { dir } = makeProject(WITH_STAGING);
    const options = { cwd: dir, variables: {}, ...typed };
    return (await faultsIn(line, "npx d1ops", { verb, options })).join("\n");
  }

  test.each<[string, string, ProjectOptions]>([
    ["the top level by name", 'npx d1ops migrate apply --local --env ""', {}],
    [
      "the environment of a variable",
      "npx d1ops migrate plan --local --env staging --db DB",
      { db: "DB", variables: { CLOUDFLARE_ENV: "staging" } },
    ],
    ["another config", "npx d1ops status --local -c other.jsonc", { config: "other.jsonc" }],
    [
      "a dry run on the local database",
      'npx d1ops backfill run 4 --local --dry-run --env ""',
      { place: "remote", env: "" },
    ],
    [
      "one of several databases",
      "npx d1ops migrate status --local --env staging --db LOG",
      { env: "staging" },
    ],
    ["a help command", "Or `npx d1ops migrate --help`", {}],
  ])("accepts %s", async (_, line, typed) => {
    expect(await faults(line, typed)).toBe("");
  });

  test.each<[string, string, ProjectOptions, RegExp]>([
    ["an unknown flag", 'npx d1ops migrate verify --to 3 --env ""', {}, /unknown option '--to'/],
    ["an extra word", 'npx d1ops migrate plan 3 --env ""', {}, /too many arguments/],
    ["prose after it", 'npx d1ops backfill run 4 --env "", then this', {}, /too many arguments/],
    ["prose before it", "First: npx d1ops migrate plan --local", {}, /other text precedes it/],
    [
      "prose after it, behind spaces",
      "npx d1ops migrate plan --local   shows it",
      {},
      /too many arguments/,
    ],
    ["an unknown verb", "npx d1ops migrate list", {}, /unknown command 'list'/],
    ["two places", "npx d1ops migrate plan --local --remote", {}, /cannot be used with/],
    ["no place for a verb that writes", 'npx d1ops migrate apply --env ""', {}, /no place/],
    [
      "another place",
      'npx d1ops migrate plan --local --env ""',
      { place: "remote" },
      /its place is local/,
    ],
    [
      "no environment",
      "npx d1ops migrate plan --local --db DB",
      { db: "DB", env: "staging" },
      /environment is null/,
    ],
    [
      "the environment only by variable",
      "npx d1ops migrate plan --local --db DB",
      { db: "DB", variables: { CLOUDFLARE_ENV: "staging" } },
      /environment is null/,
    ],
    [
      "no database",
      "npx d1ops migrate plan --local --env staging",
      { env: "staging", db: "LOG" },
      /another one/,
    ],
    [
      "another config",
      "npx d1ops migrate plan --local",
      { config: "other.jsonc" },
      /wrangler\.jsonc/,
    ],
    [
      "other state",
      'npx d1ops migrate plan --local --env ""',
      { persistTo: "x" },
      /its state is in/,
    ],
    ["an unknown database", "npx d1ops migrate plan --local --db X", {}, /does not reach/],
    ["a command that was not completed", "See d1ops migrate plan", {}, /not completed/],
    [
      "an unknown flag of wrangler",
      "npx wrangler d1 time-travel restore shop --to x",
      {},
      /--to is no flag of wrangler/,
    ],
    ["an unknown command of wrangler", "npx wrangler d1 undo", {}, /no command of wrangler/],
  ])("finds the fault: %s", async (_, line, typed, fault) => {
    expect(await faults(line, typed)).toMatch(fault);
  });

  test("accepts a command per environment only from a verb that writes", async () => {
    const line = "npx d1ops migrate apply --local --env staging --db DB";
    expect(await faults(line, { db: "DB" }, "migrate apply")).toBe("");
    expect(await faults(line, { db: "DB" }, "migrate plan")).toMatch(/environment is staging/);
  });
});

describe("the search for commands in output", () => {
  test.each<[string, string[]]>([
    ["Next:\n  npx d1ops status --local\n", ["npx d1ops status --local"]],
    [
      "First:\nnpx d1ops doctor\nThen `npx d1ops status`.",
      ["npx d1ops doctor", "npx d1ops status"],
    ],
    ["$ npx d1ops status --json | jq .data", ["npx d1ops status --json "]],
    ["Usage: npx d1ops status [options]", []],
  ])("finds the commands in %j", (text, found) => {
    expect(extract(text, "npx d1ops").map((one) => one.text)).toEqual(found);
  });

  test("splits a command into words as a shell does", () => {
    expect(shellWords(String.raw` a 'b c' 'it'\''s' "" --x="y z" > f`).words).toEqual([
      "a",
      "b c",
      "it's",
      "",
      "--x=y z",
    ]);
  });

  test("finds only the suggestions in JSON", () => {
    const report = { next: ["a"], findings: [{ help: "b", message: "c" }], summary: "d" };
    expect(printedTexts(JSON.stringify(report))).toEqual(["a", "b"]);
    expect(printedTexts(JSON.stringify({ error: { hint: "e", message: "f" } }))).toEqual(["e"]);
    expect(printedTexts("text")).toEqual(["text"]);
  });
});

describe("the program and the suggested commands", () => {
  const leaves = new Map(leavesOf(makeProgram(NO_RUNNER), []));

  test("have the same verbs", () => {
    expect([...verbs].sort()).toEqual([...leaves.keys()].sort());
  });

  /** Flags that choose the database, the output and the confirmation, and flags that change what the command does. */
  const APART = new Set(
    "config env db local remote persist-to format json quiet verbose debug color yes confirm dry-run exit-code release anew typescript without-bookmark all drill via without-database without-files files-only database-only without-backup values passphrase append-only"
      .split(" ")
      .map((name) => `--${name}`),
  );

  test.each([...leaves])(
    "let suggested commands repeat every flag of %s, except a known list",
    (verb, leaf) => {
      const own = leaf.options.flatMap(({ long }) =>
        long == null || APART.has(long) ? [] : [long],
      );
      // `backfill cancel --pause` stops the run, whereas `backfill run --pause` waits between windows.
      // `snapshot diff --tables` only shortens a report, whereas `snapshot restore --tables` says what to write.
      // `snapshot take --files` says what a snapshot contains, whereas the way back of `snapshot restore --files` contains only these files.
      const others = new Set([
        "backfill cancel --pause",
        "snapshot restore --tables",
        "snapshot restore --files",
      ]);
      const expected = own.filter((flag) => !others.has(`${verb} ${flag}`));
      const known = verbs.find((one) => one === verb);
      const repeated = known === undefined ? [] : Object.values(VERBS[known].flags ?? {});
      expect(repeated.flatMap(({ names }) => names).sort()).toEqual(expected.sort());
    },
  );
});

test("every room creates its commands with command() or typedCommand()", () => {
  const src = join(ROOT, "src");
  const names = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.startsWith("page/") && name !== "report/command.ts",
  );
  expect(names.length).toBeGreaterThan(100);
  const written = names.filter((name) => {
    const text = readFileSync(join(src, name), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    return new RegExp(
      `(?<!-- From )\\bd1ops (${verbs.join("|")}|migrate|backfill|onboard)\\b`,
    ).test(text);
  });
  expect(written).toEqual([]);
  expect(command("status")).toMatch(/^d1ops status$/);
});

function leavesOf(parent: Command, path: readonly string[]): [string, Command][] {
  if (parent.commands.length === 0) return [[path.join(" "), parent]];
  return parent.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
}
