import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "./project.ts";

/** The files that `npm pack` puts into the package, as npm lists them. */

let packed: ReadonlySet<string>;

beforeAll(() => {
  const said = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const paths = said.matchAll(/"path": "([^"]+)"/g);
  packed = new Set([...paths].map(([, path = ""]) => path));
});

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const SOURCES = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `src/${name}`);

/** Pages of this repository: a path with at least one folder, or a page at the top. Names of a user's files do not match. */
const PAGE =
  /\b((?:docs|migrations|fixtures|src|test)\/[\w/-]+\.(?:md|png|svg)|(?:README|CHANGELOG|CONTRIBUTING|NOTICE)\.md)\b/g;

/** The declarations that an import of the package reaches, with the modules that they import from elsewhere. */
function importsOfDeclarations(): { readonly file: string; readonly module: string }[] {
  const found: { file: string; module: string }[] = [];
  const files = new Set(["dist/index.d.ts", "dist/onboarding/index.d.ts"]);
  for (const file of files) {
    for (const [, module = ""] of read(file)
      .replaceAll(/\/\*[\s\S]*?\*\//g, "")
      .matchAll(/(?:\bfrom\s|\bimport\(|^import\s|<reference types=)\s*["']([^"']+)["']/gm)) {
      if (!module.startsWith(".")) found.push({ file, module });
      else files.add(join(dirname(file), module).replace(/\.[jt]s$/, ".d.ts"));
    }
  }
  expect(files.size).toBeGreaterThan(20);
  return found;
}

describe("the package", () => {
  test("has declarations that import only node and the package's dependencies, not Cloudflare's SDK", () => {
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: object };
    expect(Object.keys(dependencies)).not.toContain("cloudflare");
    const known = new RegExp(`^(?:node:|(?:${Object.keys(dependencies).join("|")})(?:/|$))`);
    expect(importsOfDeclarations().filter(({ module }) => !known.test(module))).toEqual([]);
  });

  test("contains the program, its types, its docs and the migrations of onboarding", () => {
    for (const path of [
      "bin/d1ops.js",
      "bin/package.json",
      "dist/parts/core.cjs",
      "dist/version.cjs",
      "dist/index.js",
      "dist/index.d.ts",
      "dist/onboarding/index.d.ts",
      "README.md",
      "CHANGELOG.md",
      "LICENSE",
      "NOTICE",
      "docs/commands.md",
      "backups/README.md",
      "d1ops.schema.json",
      "migrations/README.md",
      "migrations/0001_core.sql",
    ]) {
      expect([...packed]).toContain(path);
    }
  });

  test("contains no source, test, fixture or secret", () => {
    const strange = [...packed].filter(
      (path) =>
        !/^(?:bin|dist|docs)\/|^backups\/README\.md$|^migrations\/[^/]+$|^(?:README|CHANGELOG)\.md$|^(?:LICENSE|NOTICE|package\.json|d1ops\.schema\.json)$/.test(
          path,
        ),
    );
    expect(strange).toEqual([]);
  });

  test("contains no decision page, because those link to sources", () => {
    expect([...packed].filter((path) => path.startsWith("docs/decisions"))).toEqual([]);
  });

  test("contains every page that the program mentions", () => {
    const named = SOURCES.flatMap((file) =>
      [...read(file).matchAll(PAGE)].map(([, page = ""]) => ({ file, page })),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ page }) => !packed.has(page))).toEqual([]);
  });

  test("has no page that links to a file outside the package", () => {
    const pages = [...packed].filter((path) => path.endsWith(".md"));
    expect(pages.length).toBeGreaterThan(10);
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, to = ""]) => normalize(join(dirname(page), to)))
        .filter((to) => !packed.has(to))
        .map((to) => `${page} -> ${to}`),
    );
    expect(dead).toEqual([]);
  });

  test("has no page that links to a missing heading", () => {
    const pages = [...packed].filter((path) => path.endsWith(".md"));
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?![a-z]+:)([^)#\s]*)#([^)]+)\)/g)]
        .map(([, to = "", anchor = ""]) => ({
          page: to === "" ? page : normalize(join(dirname(page), to)),
          anchor,
        }))
        .filter((link) => !anchorsOf(link.page).has(link.anchor))
        .map((link) => `${page} -> ${link.page}#${link.anchor}`),
    );
    expect(dead).toEqual([]);
  });

  test("names its homepage, repository and page for bugs", () => {
    const manifest = JSON.parse(read("package.json")) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      homepage: "https://github.com/d1ops/d1ops#readme",
      bugs: { url: "https://github.com/d1ops/d1ops/issues" },
      repository: { type: "git", url: "git+https://github.com/d1ops/d1ops.git" },
    });
  });
});

/** Anchors as GitHub makes them: lower case letters and digits, hyphens for spaces, nothing else. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = read(page).matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}
