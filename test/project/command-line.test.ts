import { describe, expect, test } from "vitest";
import { atDatabase, complete, sameCommand } from "../../src/project/command-line.ts";
import type { ProjectOptions } from "../../src/project/project-options.ts";
import { typedCommand } from "../../src/report/command.ts";
import { command, type Verb } from "../../src/verbs.ts";

/** A command as it is suggested by a verb that was typed with these options. */
function suggested(text: string, options: object, verb: Verb = "migrate status"): string {
  const typed: ProjectOptions = { ...options };
  return complete(text, { verb, options: typed });
}

describe("a suggested command", () => {
  test.each<[string, object, string]>([
    ["without typed flags", {}, "--local"],
    ["of the remote database", { place: "remote" }, "--remote"],
    ["of an environment", { env: "staging" }, "--local --env staging"],
    ["of the top level", { env: "" }, '--local --env ""'],
    ["of a database", { db: "LOG" }, "--local --db LOG"],
    [
      "of another config",
      { config: "apps/a b/wrangler.toml" },
      "--local -c 'apps/a b/wrangler.toml'",
    ],
    ["of a config named like a flag", { config: "-x.toml" }, "--local --config=-x.toml"],
    ["of a database named like a flag", { db: "--x" }, "--local --db=--x"],
    ["of state elsewhere", { persistTo: "it's" }, `--local --persist-to "it's"`],
    ["of state elsewhere, remotely", { persistTo: "x", place: "remote" }, "--remote"],
  ])("repeats the flags that reach the same database: %s", (_, options, flags) => {
    expect(suggested(command("migrate plan"), options)).toBe(`npx d1ops migrate plan ${flags}`);
  });

  test("begins with the command that started d1ops", () => {
    const options = { startedAs: "pnpm exec d1ops" };
    expect(suggested(command("doctor"), options)).toBe("pnpm exec d1ops doctor --local");
  });

  test("gets only the flags that both verbs have", () => {
    const options = { to: "0007", allow: ["changed", "missing"], lockTimeout: 5 };
    expect(suggested(command("migrate apply"), options, "migrate plan")).toBe(
      "npx d1ops migrate apply --local --to 0007 --allow-changed --allow-missing",
    );
    expect(suggested(command("migrate verify"), options, "migrate apply")).toBe(
      "npx d1ops migrate verify --local",
    );
    expect(suggested(command("backfill run", "4"), { rate: 7 }, "backfill cancel")).toBe(
      "npx d1ops backfill run 4 --local",
    );
  });

  test("keeps its own flags", () => {
    const options = { place: "local", db: "A", to: "3", allow: ["changed"], env: "x" } as const;
    const own = command("migrate apply", "--remote", "--db", "B", "--to=4", "--allow-changed");
    expect(suggested(own, options, "migrate plan")).toBe(
      "npx d1ops migrate apply --env x --remote --db B --to=4 --allow-changed",
    );
  });

  test("repeats the pace of a backfill run", () => {
    const options = { name: "4", rate: 0, pauseMs: 1500, targetMs: 200, budget: 1.5, window: 10 };
    expect(suggested(command("backfill run", "4"), options, "backfill run")).toBe(
      "npx d1ops backfill run 4 --local --window 10 --target 200ms --pause 1500ms --rate 0 --budget 1.5",
    );
  });

  test("has no place for migrate new, and its arguments stay before the flags", () => {
    expect(suggested(command("migrate new", "add a plan"), { env: "x" })).toBe(
      "npx d1ops migrate new 'add a plan' --env x",
    );
    expect(
      suggested(command("onboard run", "-", "--dry-run"), { country: "BE" }, "onboard run"),
    ).toBe("npx d1ops onboard run - --local --country BE --dry-run");
  });

  test("is the typed command with the added flags if typedCommand makes it", () => {
    const typed = { to: "3", dryRun: true, db: "DB", config: "a.toml" };
    const said = `The database log:\n${typedCommand("--db", "LOG")}\nOr:\n${typedCommand("--config", "b.toml")}`;
    expect(suggested(said, typed, "migrate apply")).toBe(
      "The database log:\nnpx d1ops migrate apply --local -c a.toml --to 3 --dry-run --db LOG\nOr:\nnpx d1ops migrate apply --local --db DB --to 3 --dry-run --config b.toml",
    );
  });

  test("is completed once in a line, in backticks and after a colon", () => {
    const text = `First: ${command("status")}\n${command("doctor")}   looks\nor \`${command("migrate plan")}\`.`;
    const done = suggested(text, {});
    expect(done).toBe(
      "First: npx d1ops status --local\nnpx d1ops doctor --local   looks\nor `npx d1ops migrate plan --local`.",
    );
    expect(suggested(done, { env: "x" })).toBe(done);
  });

  test("quotes a name with special characters for the shell", () => {
    const name = "a 'b'   `c`";
    expect(suggested(command("backfill run", name, "--anew"), {}, "backfill run")).toBe(
      String.raw`npx d1ops backfill run 'a '\''b'\''   ` + "`c`' --local --anew",
    );
  });
});

describe("the top level of the config in a suggested command", () => {
  test.each<[string, string, Verb]>([
    ["snapshot verify 2f3a51c0", "snapshot verify 2f3a51c0", "snapshot take"],
    ["snapshot verify latest", 'snapshot verify latest --env ""', "snapshot take"],
    [
      "snapshot restore 2f3a51c0 --to env:staging",
      "snapshot restore 2f3a51c0 --to env:staging",
      "clone",
    ],
    [
      "snapshot restore 2f3a51c0 --to remote",
      'snapshot restore 2f3a51c0 --env "" --to remote',
      "clone",
    ],
    ["clone file:a.sqlite env:staging", "clone file:a.sqlite env:staging", "clone"],
    ["clone remote env:staging", 'clone remote env:staging --env ""', "clone"],
    ["snapshot diff 2f3a51c0 env:staging", "snapshot diff 2f3a51c0 env:staging", "snapshot diff"],
    ["snapshot diff 2f3a51c0 local", 'snapshot diff 2f3a51c0 local --env ""', "snapshot diff"],
  ])("is named only if the databases depend on it: %s", (line, expected, verb) => {
    expect(suggested(`d1ops ${line}`, { env: "" }, verb)).toBe(`npx d1ops ${expected}`);
  });
});

describe("sameCommand", () => {
  test.each<[Verb, object, string]>([
    [
      "migrate apply",
      { to: "3", dryRun: true, yes: true },
      "migrate apply --local --to 3 --dry-run",
    ],
    ["migrate lock", { release: true, place: "remote" }, "migrate lock --remote --release"],
    ["backfill cancel", { name: "4", pause: true }, "backfill cancel 4 --local --pause"],
    [
      "onboard business",
      { session: "s", company: "Zoë & Co", industry: "retail", reserved: ["+331", "+332"] },
      "onboard business s --local --reserved +331 --reserved +332 --company 'Zoë & Co' --industry retail",
    ],
    ["onboard knowledge", { session: "s", documents: [] }, "onboard knowledge s --local --none"],
    [
      "onboard assistant",
      { session: "s", name: "Nia", appointments: false, products: true },
      "onboard assistant s --local --name Nia --no-appointments --products",
    ],
  ])("repeats the command with its options: %s %j", (verb, options, line) => {
    const typed = { verb, options };
    expect(complete(sameCommand(typed), typed)).toBe(`npx d1ops ${line}`);
  });
});

test("a report about several databases adds --db to each command", () => {
  expect(atDatabase(`Or: ${command("migrate plan", "--to", "3")}`, "A B")).toBe(
    "Or: d1ops migrate plan --to 3 --db 'A B'",
  );
  expect(atDatabase(command("status", "--db", "A"), "B")).toBe("d1ops status --db A");
});
