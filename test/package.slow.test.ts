import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Cloudflare, startCloudflare } from "../fixtures/cloudflare/fake.ts";
import { ROOT, run, type Run } from "./project.ts";

/**
 * Runs the commands of the README and the examples of the library with the packed package, in new projects outside this repository.
 * It does not use npm's registry: it unpacks the package where npm would put it, and links the packages in `dependencies` from
 * this repository. So the package finds no others.
 */

// The tests start some forty programs, which takes minutes on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const home = mkdtempSync(join(tmpdir(), "d1ops-package-"));
const MODULES = join(ROOT, "node_modules");
let tarball = "";
let cloudflare: Cloudflare;

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The fenced blocks of a page, each with its heading. */
function blocks(page: string, language: string): { heading: string; text: string }[] {
  let heading = "";
  const found: { heading: string; text: string }[] = [];
  for (const [, title, kind, text = ""] of read(page).matchAll(
    /^#+ (.+)$|^```(\w*)\n([\s\S]*?)^```$/gm,
  )) {
    if (title !== undefined) heading = title;
    else if (kind === language) found.push({ heading, text });
  }
  return found;
}

function config(name: string): string {
  const id = cloudflare.createDatabase({ name }).id;
  return JSON.stringify({
    name,
    compatibility_date: "2025-06-01",
    d1_databases: [{ binding: "DB", database_name: name, database_id: id }],
  });
}

function environment(): NodeJS.ProcessEnv {
  const path = [join(MODULES, ".bin"), process.env["PATH"]].join(delimiter);
  return { PATH: path, HOME: home, ...cloudflare.variables() };
}

function start(dir: string, program: string, ...args: readonly string[]): Promise<Run> {
  return run(program, args, dir, { env: environment() });
}

async function succeeds(dir: string, program: string, ...args: readonly string[]): Promise<Run> {
  const done = await start(dir, program, ...args);
  expect(done.code, `${args.join(" ")}\n${done.stdout}${done.stderr}`).toBe(0);
  return done;
}

const d1ops = (dir: string): string => join(dir, "node_modules/.bin/d1ops");

/** A project as a user has it before the first command of the README, with one migration or none. */
function newProject(name: string, type: string | null, migrations: boolean): string {
  const dir = join(home, name);
  write(
    join(dir, "package.json"),
    JSON.stringify({ name, private: true, ...(type !== null && { type }) }),
  );
  write(join(dir, "wrangler.jsonc"), config(name));
  if (migrations) {
    write(
      join(dir, "migrations/0001_orders.sql"),
      "CREATE TABLE orders (id INTEGER PRIMARY KEY);\n",
    );
  }
  return dir;
}

function install(dir: string): void {
  const own = join(dir, "node_modules/d1ops");
  mkdirSync(join(dir, "node_modules/.bin"), { recursive: true });
  mkdirSync(own);
  execFileSync("tar", ["-xzf", tarball, "-C", own, "--strip-components=1"]);
  const manifest = JSON.parse(readFileSync(join(own, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
    bin: Record<string, string>;
  };
  for (const name of [...Object.keys(manifest.dependencies), "wrangler"]) link(dir, name);
  for (const [name, path] of Object.entries(manifest.bin)) {
    chmodSync(join(own, path), 0o755);
    symlinkSync(join("../d1ops", path), join(dir, "node_modules/.bin", name));
  }
}

function link(dir: string, name: string): void {
  const at = join(dir, "node_modules", name);
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(join(MODULES, name), at);
}

beforeAll(async () => {
  cloudflare = await startCloudflare({ pace: { pollMs: 1 } });
  execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", home], {
    cwd: ROOT,
    stdio: "ignore",
  });
  const { name, version } = JSON.parse(read("package.json")) as { name: string; version: string };
  tarball = join(home, `${name}-${version}.tgz`);
});
afterAll(async () => {
  await cloudflare.close();
  rmSync(home, { recursive: true, force: true });
});

/** Runs one line of a block of the README. */
async function play(line: string, dir: string): Promise<void> {
  const [command = "", comment = ""] = line.split(/\s+#\s+/);
  if (command === "npm ci && npm pack") {
    expect(comment).toBe(`writes ${basename(tarball)}`);
  } else if (command.startsWith("npm install --save-dev ")) {
    expect(basename(command)).toBe(basename(tarball));
    install(dir);
  } else if (command.startsWith("npx d1ops ")) {
    const [program = "", ...args] = command.split(" ");
    await succeeds(dir, program, ...args);
    const written = /^writes (\S+)$/.exec(comment)?.[1];
    if (written !== undefined) expect(readFileSync(join(dir, written), "utf8")).not.toBe("");
  } else {
    expect(command).toMatch(/^cd \.\./);
  }
}

describe("the README", () => {
  test("has commands that work in a new project, one after the other", async () => {
    const project = newProject("readme", null, true);
    const empty = newProject("readme-empty", null, false);
    let played = 0;
    for (const { heading, text } of blocks("README.md", "sh")) {
      if (heading.includes("in this repository")) continue;
      const lines = text.trim().split("\n");
      const isInstall = lines.some((line) => line.startsWith("npm install"));
      const isFirst = lines.some((line) => line.includes("d1ops migrate new"));
      for (const dir of isInstall ? [project, empty] : [isFirst ? empty : project]) {
        for (const line of lines) await play(line, dir);
        played += lines.length;
      }
    }
    expect(played).toBeGreaterThan(5);
  });

  test("mentions only commands and flags of the program in its text", async () => {
    const dir = newProject("readme-text", "module", true);
    install(dir);
    const inline = [...read("README.md").matchAll(/`npx d1ops ([^`]+)`/g)].map(
      ([, line = ""]) => line,
    );
    expect(inline.length).toBeGreaterThan(5);
    for (const line of new Set(inline)) {
      const { code, stderr } = await start(dir, d1ops(dir), ...line.split(" "));
      expect(code, `${line}\n${stderr}`).not.toBe(70);
      expect(stderr, line).not.toMatch(
        /\bUSAGE\b|OPTION_INVALID|ENOENT: no such file or directory, open '.*d1ops/,
      );
    }
  });
});

/** Creates `apps/shop`, which the examples use, with onboarding's tables in its local and its remote database. */
async function makeShop(dir: string): Promise<void> {
  const shop = join(dir, "apps/shop");
  write(join(shop, "wrangler.jsonc"), config("shop"));
  write(join(shop, "config/plans.json"), "[]");
  write(join(shop, "masks.jsonc"), '{ "tenants": { "phone": "phone" } }');
  const [tenants] = blocks("docs/onboarding.md", "json");
  write(join(shop, "tenants.jsonl"), tenants?.text ?? "");
  await succeeds(shop, d1ops(dir), "onboard", "init");
  await succeeds(shop, d1ops(dir), "migrate", "apply", "--local");
  write(
    join(shop, "migrations/backfills/0004_phones.sql"),
    `-- d1ops:source tenants
-- d1ops:key id
-- d1ops:outcome
CASE WHEN phone IS NULL THEN 'already' ELSE 'changed' END
-- d1ops:write
UPDATE tenants SET phone = trim(phone) WHERE id IN (SELECT id FROM todo);
-- d1ops:reconcile
SELECT id FROM tenants WHERE phone <> trim(phone);
`,
  );
}

interface Example {
  readonly name: string;
  readonly imports: string;
  readonly rest: string;
}

/** The examples. Each must return a success, also if it does not check its report. */
function examples(): Example[] {
  return ["README.md", "docs/library.md"].flatMap((page) =>
    blocks(page, "ts").map(({ text }, i) => {
      const imports = [...text.matchAll(/^import .*;$/gm)].map(([line]) => line).join("\n");
      const rest = text.replaceAll(/^import .*;$/gm, "").trim();
      const check = /^const report = /m.test(rest)
        ? "\nif (report.exitCode !== 0) throw new Error(JSON.stringify(report));"
        : "";
      const name = `${basename(page, ".md").toLowerCase()}-${i + 1}`;
      return { name, imports, rest: `${rest}${check}\n` };
    }),
  );
}

/** Compiles only if the codes of every room, with their details, are in the types of both entry points. */
const ERROR_TYPES = `import { type ErrorCode, type ErrorDetails, OpsError } from "d1ops";
import * as onboarding from "d1ops/onboarding";

const codes: ErrorCode[] = ["USAGE", "ONBOARDING_CONFLICT"];
const details: ErrorDetails["ONBOARDING_CONFLICT"] = { reason: "number-taken" };
const text = { message: "what", hint: "next" };
export const lease = (error: unknown): string =>
  error instanceof OpsError && error.code === "LEASE_HELD" ? error.details.holder : "";
export const missing = (error: unknown): string[] =>
  error instanceof onboarding.OpsError ? error.details.missing : [];
const error: OpsError<"ONBOARDING_CONFLICT"> = new OpsError("ONBOARDING_CONFLICT", details, text);
const anyError: onboarding.OpsError = error;
codes.push(anyError.code, (anyError satisfies OpsError).code);
// @ts-expect-error
codes.push("UNKNOWN");
// @ts-expect-error
void new OpsError("ONBOARDING_CONFLICT", { session: "onb_1" }, text);
`;

const asModule = ({ imports, rest }: Example): string => `${imports}\n\n${rest}`;

const wrapped = (rest: string): string => `void (async () => {\n${rest}})();\n`;

function asCommonJs({ imports, rest }: Example): string {
  const required = imports.replaceAll(
    /^import (\{.*\}) from (".*");$/gm,
    "const $1 = require($2);",
  );
  return `${required}\n${wrapped(rest)}`;
}

describe("the examples of the library", () => {
  let shop = "";
  beforeAll(async () => {
    shop = newProject("shop-template", null, true);
    install(shop);
    await makeShop(shop);
  });

  test("are more than three", () => expect(examples().length).toBeGreaterThan(3));

  test.each<[string, string | null, string, (example: Example) => string]>([
    ["javascript-module", "module", "js", asModule],
    ["javascript-without-type", null, "mjs", asModule],
    ["javascript-commonjs", null, "cjs", asCommonJs],
    ["typescript-module", "module", "ts", asModule],
    ["typescript-without-type", null, "mts", asModule],
  ])("work in a project in %s", async (name, type, ending, textOf) => {
    const dir = newProject(name, type, true);
    install(dir);
    cpSync(join(shop, "apps"), join(dir, "apps"), { recursive: true });
    for (const example of examples()) {
      write(join(dir, `${example.name}.${ending}`), textOf(example));
    }
    await runOneAfterTheOther(dir, ending);
    if (!ending.endsWith("ts")) return;
    for (const example of examples()) {
      write(join(dir, `${example.name}.cts`), `${example.imports}\n${wrapped(example.rest)}`);
    }
    write(join(dir, `errors.${ending}`), ERROR_TYPES);
    link(dir, "@types/node");
    const compilerOptions = {
      module: "nodenext",
      target: "esnext",
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ["node"],
    };
    write(
      join(dir, "tsconfig.json"),
      JSON.stringify({ compilerOptions, include: ["*.ts", "*.mts", "*.cts"] }),
    );
    await succeeds(dir, "tsc", "-p", ".");
  });

  /** Runs modules in one process, in the order of the pages, each after the end of the one before. CommonJS files run in separate processes. */
  async function runOneAfterTheOther(dir: string, ending: string): Promise<void> {
    const files = examples().map(({ name }) => `./${name}.${ending}`);
    if (ending === "cjs") {
      for (const file of files) await succeeds(dir, "node", file);
      return;
    }
    const lines = files.map((file) => `await import(${JSON.stringify(file)});`);
    write(join(dir, "all.mjs"), `${lines.join("\n")}\nconsole.log("all have ended");\n`);
    const { stdout } = await succeeds(dir, "node", "all.mjs");
    expect(stdout).toMatch(/all have ended\n$/);
  }
});
