import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { localDatabasePath } from "../../src/config/local-file.ts";
import { readSettings, type SettingsRequest } from "../../src/config/wrangler-settings.ts";
import { readVariables } from "../../src/config/variables.ts";
import { listMigrations } from "../../src/files/list-migrations.ts";
import { folder } from "../files/temporary-folder.ts";
import { WRANGLER_PROGRAM, wranglerEnv } from "../project.ts";

const run = promisify(execFile);

async function wrangler(cwd: string, ...args: string[]): Promise<string> {
  const { CLOUDFLARE_ENV: _, ...env } = wranglerEnv();
  return (await run(process.execPath, [WRANGLER_PROGRAM, ...args], { cwd, env })).stdout;
}

const config = (...databases: object[]): string =>
  JSON.stringify({ name: "shop", compatibility_date: "2026-01-01", d1_databases: databases });

async function touch(cwd: string, ...flags: string[]): Promise<void> {
  await wrangler(cwd, "d1", "execute", "DB", "--local", "--command", "select 1", ...flags);
}

/** The files that wrangler created, without its own `metadata.sqlite`. */
function made(path: string): string[] {
  return readdirSync(dirname(path))
    .filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite")
    .map((name) => join(dirname(path), name));
}

async function localPath(request: SettingsRequest): Promise<string> {
  const settings = await readSettings(request);
  return localDatabasePath(settings.statePath, settings.database.localId);
}

describe("localDatabasePath", () => {
  test.each([
    ["an id", { database_id: "11111111-2222-3333-4444-555555555555" }],
    ["a preview id", { database_id: "id", preview_database_id: "préview" }],
    ["a missing id", {}],
    ["an empty id", { database_id: "" }],
  ])("returns the file that wrangler d1 execute creates for %s", async (_, ids) => {
    using root = folder({ "wrangler.json": config({ binding: "DB", ...ids }) });
    await touch(root.path);
    const path = await localPath({ cwd: root.path, variables: {} });
    expect(made(path)).toEqual([path]);
  });

  test("returns the file that wrangler d1 execute creates with --persist-to from a folder below the project", async () => {
    using root = folder({ "wrangler.json": config({ binding: "DB" }), "a/x": "" });
    const cwd = join(root.path, "a");
    await touch(cwd, "--persist-to", "kept");
    const path = await localPath({ cwd, persistTo: "kept", variables: {} });
    expect(path).toContain(join(cwd, "kept"));
    expect(made(path)).toEqual([path]);
  });

  test("returns the file that wrangler d1 execute creates despite a redirect, which both ignore", async () => {
    using root = folder({
      "wrangler.json": config({ binding: "DB", database_id: "written" }),
      "out/w.json": config({ binding: "DB", database_id: "built" }),
      ".wrangler/deploy/config.json": '{ "configPath": "../../out/w.json" }',
    });
    await touch(root.path);
    const request = { cwd: root.path, variables: {} };
    const ignoring = await localPath({ ...request, redirect: "ignore" });
    expect(made(ignoring)).toEqual([ignoring]);
    expect(existsSync(await localPath({ ...request, redirect: "follow" }))).toBe(false);
  });
});

/**
 * File names that are hard to sort: numbers of different widths, signs, capitals, accents, emoji, spaces, quotes, glob
 * characters.
 */
const UNUSUAL_NAMES = [
  ["1", "01", "001", "0001", "2", "02", "9", "10", "0010", "99", "100", "1000", "20261122"].map(
    (number) => `${number}_a.sql`,
  ),
  ["0001_B.sql", "0001_b.sql", "0001.sql", "0001-a.sql", "0001 a.sql", "1a_x.sql", "2b.sql"],
  ["-1_a.sql", "+3_a.sql", "_1.sql", "__.sql", "a1.sql", "A1.sql", "Z.sql", "z.sql", "B.sql"],
  ["0x10_a.sql", "1e5_a.sql", "1.5_a.sql", "Infinity_a.sql", "NaN_a.sql", `1${"0".repeat(30)}.sql`],
  ["é.sql", "e\u0301.sql", "É.sql", "ß.sql", "ñ_1.sql", "日本.sql", "\u0661_a.sql", "\uFF11_a.sql"],
  ["\u{1F600}.sql", "\uFF61.sql", "it's.sql", 'a"b.sql', "a;b.sql", "a,b.sql", "[a].sql"],
  ["{a}.sql", "!a.sql", "#a.sql", "$a.sql", "(a).sql", "@a.sql", "~a.sql", "a\\b.sql", "a b.sql"],
  ["a.b.sql", "a..sql", ".hidden.sql", ".sql", "UPPER.SQL", "note.md", "half.sql.bak"],
].flat();
const NESTED_NAMES = [
  ["0_first/migration.sql", "0010_b/migration.sql", "9_c/migration.sql", "9_c/2.sql", "9_c/10.sql"],
  ["x/1.sql", "X/1.sql", "é/1.sql", ".git/1.sql", "x/.hidden/1.sql", "x/y/z/1.sql", "1_a/a.sql"],
].flat();

describe("listMigrations", () => {
  test.each([
    ["a plain folder", { migrations_dir: "./m/" }],
    ["nested folders", { migrations_dir: "m", migrations_pattern: ".\\m\\**\\*.sql" }],
  ])("has the order of wrangler d1 migrations list for %s", async (_, fields) => {
    using root = folder({
      "wrangler.json": config({ binding: "DB", ...fields }),
      ...Object.fromEntries(
        [...UNUSUAL_NAMES, ...NESTED_NAMES].map((name) => [`m/${name}`, "select 1;"]),
      ),
    });
    const { database, projectPath } = await readSettings({ cwd: root.path, variables: {} });
    const { migrationsDir, migrationsPattern } = database;
    const ours = await listMigrations(projectPath, migrationsDir, migrationsPattern);
    const table = await wrangler(root.path, "d1", "migrations", "list", "DB", "--local");
    expect(ours.length).toBeGreaterThan(60);
    expect(namesIn(table)).toEqual(ours);
  });
});

/** The one column of the table that wrangler prints. */
function namesIn(table: string): string[] {
  const cells = table.split("\n").flatMap((line) => /^│ (.*?) *│$/.exec(line)?.[1] ?? []);
  return cells.filter((cell) => cell !== "Name");
}

test("d1ops replaces the same variables in .env as wrangler, including the one that names the environment", async () => {
  const id = (digit: string): string => `${digit.repeat(8)}-2222-3333-4444-555555555555`;
  const databases = (digit: string) => ({
    d1_databases: [{ binding: "DB", database_name: "app", database_id: id(digit) }],
  });
  using root = folder({
    "wrangler.json": JSON.stringify({
      name: "shop",
      compatibility_date: "2026-01-01",
      ...databases("1"),
      env: { staging: databases("2") },
    }),
    ".env": "STAGE=dev\nCLOUDFLARE_ENV=${STAGE}$NONE${NONE:-ing}\n",
    ".env.local": "STAGE=stag\n",
  });
  await touch(root.path);
  const variables = readVariables(root.path, {}, undefined);
  expect(variables["CLOUDFLARE_ENV"]).toBe("staging");
  const path = await localPath({ cwd: root.path, variables });
  expect(made(path)).toEqual([path]);
});
