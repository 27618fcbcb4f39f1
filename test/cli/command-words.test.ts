import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { NO_RUNNER } from "../no-runner.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { commandFirst } from "../../src/cli/command-words.ts";
import { d1ops, errorOf, makeProject, reportOf } from "../project.ts";

const ONE = { "migrations/0001_a.sql": "CREATE TABLE a(x);" };

function leaf(verb: string): Command {
  return verb.split(" ").reduce((command, word) => {
    const child = command.commands.find((one) => one.name() === word);
    if (child === undefined) throw new Error(`no command ${verb}`);
    return child;
  }, makeProgram(NO_RUNNER));
}

function flagsOf(verb: string): (string | undefined)[] {
  return leaf(verb).options.map(({ long }) => long);
}

describe("the help of a command lists only its own flags", () => {
  const reading = [
    "status",
    "doctor",
    "migrate status",
    "migrate plan",
    "migrate verify",
    "backfill list",
    "backfill status",
    "onboard status",
  ].map((verb) => [verb, []] as const);
  const confirming = [
    "migrate apply",
    "migrate lock",
    "backfill run",
    "onboard run",
    "onboard start",
    "onboard business",
    "onboard agents",
    "onboard assistant",
    "onboard knowledge",
    "onboard complete",
  ].map((verb) => [verb, ["--dry-run", "--yes", "--confirm"]] as const);
  const writing = ["migrate new", "onboard init", "backfill new", "backfill cancel"].map(
    (verb) => [verb, ["--dry-run"]] as const,
  );

  test.each([...reading, ...confirming, ...writing])(
    "the help of %s has, of the flags for writing, %j",
    (verb, expected) => {
      const flags = flagsOf(verb);
      expect(flags.filter((name) => /^--(dry-run|yes|confirm)$/.test(name ?? ""))).toEqual(
        expected,
      );
      for (const name of ["--config", "--env", "--db", "--format", "--json", "--quiet"]) {
        expect(flags).toContain(name);
      }
    },
  );

  test.each(["migrate new", "onboard init", "backfill new"])(
    "the help of %s has no flag for a database, because the command opens none",
    (verb) => {
      for (const name of ["--local", "--remote", "--persist-to"]) {
        expect(flagsOf(verb)).not.toContain(name);
      }
    },
  );

  test.each([
    [["doctor", "--yes"], "`migrate apply`"],
    [["migrate", "status", "--dry-run"], "`migrate apply`"],
    [["migrate", "plan", "--release"], "--release is a flag of `migrate lock`."],
    [["--dry-run", "doctor"], "`migrate apply`"],
    [["migrate", "apply", "--allow-change"], "Did you mean --allow-changed?"],
  ])(
    "a flag of another command is a usage error that names the other command: %j",
    async (args, hint) => {
      const run = await d1ops(makeProject(ONE), [...args, "--json"]);
      expect(run).toMatchObject({ code: 2, stdout: "" });
      expect(errorOf(run).message).toMatch(/^Unknown option/);
      expect(errorOf(run).hint).toContain(hint);
    },
  );
});

test.each([
  [["migrate", "apply", "0003", "--local"], "Name the last migration with a flag: --to 0003."],
  [["migrate", "apply", "shop", "--local"], "Name the database with a flag: --db shop."],
  [["migrate", "rollback"], " migrate new TITLE`."],
  [["migrate", "down", "--local"], "d1ops has no down migrations."],
])("a wrong word is a usage error that says what to type: %j", async (args, hint) => {
  const run = await d1ops(makeProject(ONE), [...args, "--json"]);
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(errorOf(run).hint).toContain(hint);
});

describe("commandFirst", () => {
  test.each([
    ["--json migrate status", "migrate status --json"],
    ["migrate --env staging status", "migrate status --env staging"],
    [
      "--env=staging -qc x.toml migrate apply --local",
      "migrate apply --env=staging -qc x.toml --local",
    ],
    ["-cx.toml status", "status -cx.toml"],
    ["-v status", "status -v"],
    ["--yes migrate apply --remote", "migrate apply --yes --remote"],
    ["--help migrate apply", "migrate apply --help"],
    ["help", "--help"],
    ["help help", "--help"],
    ["help migrate", "migrate --help"],
    ["help migrate apply", "migrate apply --help"],
    ["migrate help apply", "migrate apply --help"],
    ["nope --help", "nope"],
    ["help nope", "nope"],
    ["migrate nope --help", "migrate nope"],
    ["version", "--version"],
    ["-v", "--version"],
    ["--json version", "--version"],
    ["migrate new help", "migrate new help"],
    ["migrate new --json version", "migrate new --json version"],
    ["onboard knowledge s --title status", "onboard knowledge s --title status"],
    ["", ""],
  ])("puts the command before the flags: %s", (typed, expected) => {
    const argv = typed.split(" ").filter((word) => word !== "");
    expect(commandFirst(makeProgram(NO_RUNNER), argv).join(" ")).toBe(expected);
  });
});

test("flags before the command have the same meaning as after it", async () => {
  const project = makeProject(ONE);
  const run = await d1ops(project, ["--json", "--local", "migrate", "apply", "--to", "0001"]);
  expect(run).toMatchObject({ code: 0 });
  expect(reportOf(run)).toMatchObject({ command: "migrate apply", outcome: "changed" });
});

describe("the program", () => {
  test("prints the same help for `help migrate apply` as for `migrate apply --help`", async () => {
    const project = makeProject();
    const run = await d1ops(project, ["help", "migrate", "apply"]);
    expect(run).toEqual(await d1ops(project, ["migrate", "apply", "--help"]));
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toContain("--lock-timeout");
  });

  test.each([["version"], ["-v"], ["--version"]])("prints its version for %s", async (word) => {
    const run = await d1ops(makeProject(), [word]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("an unknown command", () => {
  test.each([
    ["migrate list", "migrate status"],
    ["migrate list --env staging", "migrate status --env staging"],
    ["migrate create add_x", "migrate new add_x"],
    ["migrations apply --local", "migrate apply --local"],
    ["migrations", "migrate"],
    ["d1 migrations apply shop-db --remote", "migrate apply --remote --db shop-db"],
    ["d1 migrations list shop-db", "migrate status --db shop-db"],
    ["migrations apply shop-db --local", "migrate apply --local --db shop-db"],
    ["migrate list shop-db", "migrate status --db shop-db"],
    ["d1 migrations create shop-db add_x", "migrate new add_x --db shop-db"],
    ["apply --local", "migrate apply --local"],
    ["snapshots create --remote", "snapshot take --remote"],
    ["restore latest --local", "snapshot restore latest --local"],
    ["backfill stop 4 --remote", "backfill cancel 4 --remote"],
    ["migrate aply", "migrate apply"],
    ["statsu --json", "status --json"],
    ["help migrate list", "help migrate status"],
  ])("is a usage error with a suggestion: %s", async (typed, meant) => {
    const run = await d1ops(makeProject(ONE), typed.split(" "));
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr.replaceAll("\\", "")).toContain(`d1ops.js ${meant}`);
  });

  test.each(["nope --help", "help nope", "nope"])(
    "is a usage error that lists the commands: %s",
    async (typed) => {
      const run = await d1ops(makeProject(), typed.split(" "));
      expect(run).toMatchObject({ code: 2, stdout: "" });
      expect(run.stderr).toContain(
        "Commands: migrate, backfill, snapshot, audit, onboard, init, status, doctor, clone.",
      );
    },
  );

  test("is a usage error that suggests npx wrangler if only wrangler has the command", async () => {
    const run = await d1ops(makeProject(), ["d1", "execute", "shop-db", "--command", "SELECT 1"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("npx wrangler d1 execute shop-db --command 'SELECT 1'");
  });

  test("is a usage error that suggests --db if the database is an argument, as in wrangler", async () => {
    const run = await d1ops(makeProject(ONE), ["migrate", "apply", "shop-db", "--local"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("--db shop-db");
  });
});
