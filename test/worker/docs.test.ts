import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KINDS } from "../../src/worker/problem.ts";
import { routesOf } from "../../src/worker/routes.ts";
import { ROOT } from "../project.ts";

const page = readFileSync(join(ROOT, "docs/worker.md"), "utf8");

describe("docs/worker.md", () => {
  test.each(Object.entries(KINDS).map(([code, { status }]) => ({ code, status })))(
    "tells what $status $code means",
    ({ code, status }) => {
      expect(page).toContain(`| ${status} | \`${code}\` |`);
    },
  );

  test("tells of no problem that there is not", () => {
    const told = [...page.matchAll(/^\| \d{3} \| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(told.sort()).toEqual(Object.keys(KINDS).sort());
  });

  test.each(routesOf({}))("tells of $method $path, and of its limit", (route) => {
    expect(page).toContain(`| \`${route.method} ${route.path}\` |`);
    const most = "input" in route ? route.input?.most : undefined;
    if (most !== undefined) expect(page).toContain(most.toLocaleString("en"));
  });

  test("tells of every setting", () => {
    const source = readFileSync(join(ROOT, "src/worker/environment.ts"), "utf8");
    const names = [...source.matchAll(/^ {4}([A-Z][A-Z_]+):/gm)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(10);
    const settings = page.slice(page.indexOf("## Settings"), page.indexOf("## Who may ask"));
    for (const name of names) expect(settings).toContain(`\`${name}\``);
  });

  test("tells the limits that it is deployed with", () => {
    const config = readFileSync(join(ROOT, "src/worker/wrangler.jsonc"), "utf8");
    for (const name of ["LIMIT_ADDRESS", "LIMIT_TENANT"]) {
      const limit = new RegExp(`"${name}".*"limit": (\\d+), "period": 60`).exec(config)?.[1];
      expect(page).toMatch(new RegExp(`\\| ${limit ?? "?"} a minute \\(\`${name}\``));
    }
  });
});
