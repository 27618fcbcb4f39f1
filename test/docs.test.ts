import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { NO_RUNNER } from "./no-runner.ts";
import { makeProgram } from "../src/cli/program.ts";
import { formats } from "../src/report/reporters.ts";
import { ROOT } from "./project.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

function leaves(
  command: Command,
  path: readonly string[] = [],
): { path: string; command: Command }[] {
  const name = [...path, command.name()];
  if (command.commands.length === 0) return [{ path: name.join(" "), command }];
  return command.commands.flatMap((child) => leaves(child, name));
}

const commands = leaves(makeProgram(NO_RUNNER));
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "src/README.md",
  "backups/README.md",
  "migrations/README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(ROOT, "docs/decisions")).map((name) => `docs/decisions/${name}`),
];

describe("every command", () => {
  const page = read("docs/commands.md");

  test.each(commands)("$path has a summary, an example, and a section", ({ path, command }) => {
    expect(command.summary()).toMatch(/^[a-z].*[^.]$/);
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    expect(help).toContain("Examples:");
    expect(help).toContain(`$ ${path}`);
    expect(page).toContain(`## ${path}`);
  });

  test.each(commands)("$path describes its help option as 'print help'", ({ command }) => {
    for (const one of [command, command.parent ?? command]) {
      expect(one.helpInformation()).toMatch(/-h, --help +print help$/m);
      expect(one.helpInformation()).not.toContain("display help");
    }
  });

  test.each(commands)(
    "$path has each of its flags in its section or in the shared table",
    ({ path, command }) => {
      const section = page.split(/^## /m).find((part) => part.startsWith(`${path}\n`)) ?? "";
      const shared =
        page.split(/^## /m).find((part) => part.startsWith("Flags of every command")) ?? "";
      for (const option of command.options) {
        expect(`${section}\n${shared}`, option.flags).toContain(option.long ?? option.flags);
      }
    },
  );

  test("docs/commands.md has no section about a command that does not exist", () => {
    const sections = [...page.matchAll(/^## (d1ops .*)$/gm)].map(([, name]) => name);
    expect(sections.sort()).toEqual(commands.map(({ path }) => path).sort());
  });
});

describe("docs/errors.md and the other references", () => {
  // Each room declares its own, and `ErrorDetails` joins them.
  const joined =
    /interface ErrorDetails extends (.+) \{/.exec(read("src/error-codes.ts"))?.[1] ?? "";
  const declared = new Map(
    readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
      .filter((name) => /[/\\]errors?\.ts$/.test(name))
      .flatMap((name) => [
        ...read(`src/${name}`).matchAll(/interface (\w+Errors) \{([\s\S]*?)\n\}/g),
      ])
      .map(([, name = "", details = ""]) => [name, details]),
  );
  const codes = [...declared.values()].flatMap((details) => [
    ...details.matchAll(/^ {2}([A-Z_0-9]+): \{(.*)\};/gm),
  ]);
  const errors = read("docs/errors.md");

  test("more than twenty codes are declared", () => expect(codes.length).toBeGreaterThan(20));

  test("src/error-codes.ts registers the codes of each room that declares some", () => {
    expect(joined.split(", ").sort()).toEqual([...declared.keys()].sort());
  });

  test("no two rooms declare the same code", () => {
    const names = codes.map(([, code]) => code);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(codes.map(([, code = "", details = ""]) => ({ code, details })))(
    "the table of errors has $code with its details",
    ({ code, details }) => {
      const row = errors.split("\n").find((line) => line.startsWith(`| \`${code}\``)) ?? "";
      expect(row).not.toBe("");
      for (const [, name] of details.matchAll(/(\w+):/g)) expect(row).toContain(`\`${name}\``);
    },
  );

  test("the table of errors has no code that does not exist", () => {
    const rows = [...errors.matchAll(/^\| `([A-Z_0-9]+)` \|/gm)].map(([, code]) => code);
    expect(rows.sort()).toEqual(codes.map(([, code]) => code).sort());
  });

  test("the table of findings has a row for every rule", () => {
    const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => read(`src/${name}`))
      .join("\n");
    const rules = new Set(
      [...sources.matchAll(/\brule: "([a-z-]+)"/g)].map(([, rule = ""]) => rule),
    );
    const problems = [
      ...read("src/migrations/plan.ts").matchAll(/kind: "([a-z-]+)"; readonly/g),
    ].map(([, kind = ""]) => kind);
    const table = errors.slice(errors.indexOf("# Findings"));
    expect(problems.length).toBeGreaterThan(3);
    for (const rule of [...rules, ...problems]) expect(table).toContain(`| \`${rule}\` |`);
  });

  test("the table of exit codes has every exit code", () => {
    const union = /type ExitCode = ([^;]+);/.exec(read("src/report/report.ts"))?.[1] ?? "";
    const known = union.split("|").map((part) => part.trim());
    expect(known.length).toBeGreaterThan(5);
    for (const code of known) expect(read("docs/exit-codes.md")).toContain(`| ${code} |`);
  });

  test.each(formats.map((format) => [format]))("docs/commands.md names the format %s", (format) => {
    expect(read("docs/commands.md")).toContain(`\`${format}\``);
  });
});

describe("the pages", () => {
  test.each(pages.map((page) => [page]))("%s has no link to a missing file", (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)(?:#[^)]*)?\)/g)].map(
      ([, to = ""]) => to,
    );
    const dead = links.filter((to) => !existsSync(resolve(ROOT, dirname(page), to)));
    expect(dead).toEqual([]);
    const ours = /\]\(https:\/\/github\.com\/d1ops\/d1ops\/(?:blob|tree)\/main\/([^)#]+)/g;
    const abroad = [...read(page).matchAll(ours)].map(([, to = ""]) => to);
    expect(abroad.filter((to) => !existsSync(join(ROOT, to)))).toEqual([]);
  });

  test.each(pages.map((page) => [page]))("%s links the text of a path to that path", (page) => {
    const links = read(page).matchAll(
      /\[`?([\w./@-]+\.(?:tsx?|js|json|jsonc|md|sql|csv))`?\]\(([^)#]+)/g,
    );
    const wrong = [...links]
      .filter(([, text = "", to = ""]) => to !== text && !to.endsWith(`/${text}`))
      .map(([, text, to]) => `${text} -> ${to}`);
    expect(wrong).toEqual([]);
  });

  test("the README shows the current help of the program", () => {
    expect(read("README.md")).toContain(makeProgram(NO_RUNNER).helpInformation().trim());
  });
});

describe("the decisions", () => {
  const decisions = pages.filter((page) => /^docs\/decisions\/(?!README)/.test(page));

  test("the index lists every page with its number and its title", () => {
    const rows = decisions.toSorted().map((page) => {
      const [, name = "", number = ""] = /\/((\d{4})-[a-z\d-]+\.md)$/.exec(page) ?? [];
      const [, title = ""] = /^# (.+)\n/.exec(read(page)) ?? [];
      return `| [${number}](${name}) | ${title} |`;
    });
    expect(rows.length).toBeGreaterThan(40);
    expect(read("docs/decisions/README.md").match(/^\| \[.*$/gm)).toEqual(rows);
  });

  test("no two pages have the same number", () => {
    const numbers = decisions.map((page) => /\/(\d{4})-/.exec(page)?.[1]);
    expect(new Set(numbers).size).toBe(decisions.length);
  });

  test.each(decisions.map((page) => [page]))(
    "%s has the headings Context, Decision and Consequences",
    (page) => {
      const headings = [...read(page).matchAll(/^##+ (.+)$/gm)].map(([, heading]) => heading);
      expect(headings).toEqual(["Context", "Decision", "Consequences"]);
    },
  );
});
