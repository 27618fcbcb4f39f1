import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROBLEM_KINDS } from "../../src/worker/problem-details.ts";
import { routesOf } from "../../src/worker/routes.ts";
import { ROOT } from "../project.ts";

const page = readFileSync(join(ROOT, "docs/worker.md"), "utf8");

describe("docs/worker.md", () => {
  test.each(Object.entries(PROBLEM_KINDS).map(([code, { status }]) => ({ code, status })))(
    "explains the problem $code with its status $status",
    ({ code, status }) => {
      expect(page).toContain(`| ${status} | \`${code}\` |`);
    },
  );

  test("lists no problem that does not exist", () => {
    const told = [...page.matchAll(/^\| \d{3} \| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(told.sort()).toEqual(Object.keys(PROBLEM_KINDS).sort());
  });

  test.each(routesOf({}))("lists $method $path and its limit", (route) => {
    expect(page).toContain(`| \`${route.method} ${route.path}\` |`);
    const limit = "input" in route ? route.input?.maxBytes : undefined;
    if (limit !== undefined) expect(page).toContain(limit.toLocaleString("en"));
  });

  test("lists every setting", () => {
    const source = readFileSync(join(ROOT, "src/worker/worker-env.ts"), "utf8");
    const names = [...source.matchAll(/^ {4}([A-Z][A-Z_]+):/gm)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(10);
    const settings = page.slice(page.indexOf("## Settings"), page.indexOf("## Authentication"));
    for (const name of names) expect(settings).toContain(`\`${name}\``);
  });

  test("names the rate limits of wrangler.jsonc", () => {
    const config = readFileSync(join(ROOT, "src/worker/wrangler.jsonc"), "utf8");
    for (const name of ["LIMIT_ADDRESS", "LIMIT_TENANT"]) {
      const limit = new RegExp(`"${name}".*"limit": (\\d+), "period": 60`).exec(config)?.[1];
      expect(page).toMatch(new RegExp(`\\| ${limit ?? "?"} a minute \\(\`${name}\``));
    }
  });
});
