import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSettings, type SettingsRequest } from "../../src/config/wrangler-settings.ts";
import { folder } from "../files/temporary-folder.ts";

const app = { binding: "DB", database_name: "app", database_id: "app-id" };
const logs = { binding: "LOGS", database_name: "logs" };

async function read(config: object, request: Partial<SettingsRequest> = {}): Promise<unknown> {
  using root = folder({ "wrangler.json": JSON.stringify(config) });
  return await readSettings({ cwd: root.path, variables: {}, ...request });
}

describe("readSettings", () => {
  test.each([
    [{}, "migrations", "migrations/*.sql"],
    [{ migrations_dir: "./db/" }, "db", "db/*.sql"],
    [{ migrations_dir: ".\\db\\steps\\" }, "db/steps", "db/steps/*.sql"],
    [{ migrations_dir: "a/./b/../c" }, "a/c", "a/c/*.sql"],
    [{ migrations_dir: "../beside" }, "../beside", "../beside/*.sql"],
    [{ migrations_dir: "/srv/steps/" }, "/srv/steps", "/srv/steps/*.sql"],
    [{ migrations_dir: "" }, ".", "*.sql"],
    [{ migrations_dir: ".", migrations_pattern: "**/*.sql" }, ".", "**/*.sql"],
    [
      { migrations_dir: "drizzle", migrations_pattern: ".\\drizzle\\*\\migration.sql" },
      "drizzle",
      "drizzle/*/migration.sql",
    ],
  ])(
    "returns wrangler's folder and pattern of migrations for %j",
    async (fields, migrationsDir, migrationsPattern) => {
      expect(await read({ d1_databases: [{ ...app, ...fields }] })).toMatchObject({
        database: { migrationsDir, migrationsPattern },
      });
    },
  );
});

describe("the name of the local file", () => {
  test.each([
    ["the preview id", { database_id: "a", preview_database_id: "b" }, "b"],
    ["the id", { database_id: "a" }, "a"],
    ["the binding", {}, "DB"],
  ])("is computed from %s", async (_, ids, localId) => {
    expect(await read({ d1_databases: [{ binding: "DB", ...ids }] })).toMatchObject({
      database: { localId },
    });
  });
});

test("the local state is beside the config, or at --persist-to relative to the current folder", async () => {
  using root = folder({ "wrangler.json": JSON.stringify({ d1_databases: [app] }), "a/x": "" });
  const cwd = join(root.path, "a");
  const request = { cwd, variables: {} };
  expect(await readSettings(request)).toMatchObject({
    projectPath: root.path,
    statePath: join(root.path, ".wrangler/state"),
  });
  expect((await readSettings({ ...request, persistTo: "../kept" })).statePath).toBe(
    join(root.path, "kept"),
  );
  expect((await readSettings({ ...request, persistTo: "" })).statePath).toBe(
    join(root.path, ".wrangler/state"),
  );
});

test("the local state is beside the config that a person wrote, also if there is a redirect", async () => {
  using root = folder({
    "wrangler.json": "{}",
    "out/w.json": JSON.stringify({ d1_databases: [app] }),
    ".wrangler/deploy/config.json": '{ "configPath": "../../out/w.json" }',
  });
  expect(await readSettings({ cwd: root.path, variables: {} })).toMatchObject({
    projectPath: join(root.path, "out"),
    statePath: join(root.path, ".wrangler/state"),
  });
});

test("an invalid pattern of a database that is not in use is ignored", async () => {
  const faulty = { ...logs, migrations_pattern: "x/*.sql" };
  expect(await read({ d1_databases: [app, faulty] }, { db: "app" })).toMatchObject({
    database: { name: "app" },
  });
});

describe("an error of the config", () => {
  const staged = { d1_databases: [app], env: { staging: {}, production: {} } };
  test.each<[string, object, Partial<SettingsRequest>, object]>([
    [
      "a mistyped environment",
      staged,
      { env: "stagng" },
      {
        code: "ENVIRONMENT_UNKNOWN",
        details: { name: "stagng", known: ["staging", "production"] },
        message: expect.stringContaining("staging, production"),
        hint: "Did you mean staging?\nd1ops … --env staging",
      },
    ],
    [
      "an unknown environment in CLOUDFLARE_ENV",
      staged,
      { variables: { CLOUDFLARE_ENV: "prod" } },
      {
        code: "ENVIRONMENT_UNKNOWN",
        message: expect.stringContaining("The variable CLOUDFLARE_ENV names it."),
        hint: "Did you mean production?\nd1ops … --env production",
      },
    ],
    [
      "an environment in a config without environments",
      { d1_databases: [app] },
      { env: "staging" },
      {
        code: "ENVIRONMENT_UNKNOWN",
        details: { name: "staging", known: [] },
        message: expect.stringContaining("It has no environments."),
        hint: 'To use the top level of the config:\nd1ops … --env ""\nOr add "env": { "staging": { … } } to the config.',
      },
    ],
    [
      "a CLOUDFLARE_ENV in a config without environments",
      { d1_databases: [app] },
      { variables: { CLOUDFLARE_ENV: "staging" } },
      { hint: expect.stringContaining('To use the top level of the config:\nd1ops … --env ""\n') },
    ],
    [
      "an environment that Pages does not have",
      { pages_build_output_dir: "out", d1_databases: [app], env: { preview: {} } },
      { env: "prodution" },
      {
        details: { known: ["preview", "production"] },
        hint: "Did you mean production?\nd1ops … --env production",
      },
    ],
    [
      "an environment named like a property of every object",
      staged,
      { env: "constructor" },
      { code: "ENVIRONMENT_UNKNOWN" },
    ],
    [
      "an environment that does not inherit",
      staged,
      { env: "staging" },
      {
        code: "DATABASE_NONE",
        details: { env: "staging" },
        message: expect.stringContaining("not inherited"),
        hint: expect.stringContaining('"env": { "staging": { "d1_databases"'),
      },
    ],
    [
      "no database anywhere",
      { env: { staging: {} } },
      { env: "staging" },
      {
        code: "DATABASE_NONE",
        message: expect.not.stringContaining("inherited"),
        hint: expect.stringContaining("wrangler d1 create"),
      },
    ],
    [
      "a mistyped database",
      { d1_databases: [app, logs] },
      { db: "lgos" },
      {
        code: "DATABASE_UNKNOWN",
        details: { name: "lgos", known: ["app", "DB", "logs", "LOGS"] },
        message: expect.stringMatching(/ It has app \(binding DB\), logs \(binding LOGS\)\.$/),
        hint: "Did you mean logs?\nd1ops … --db logs",
      },
    ],
    [
      "several databases",
      { d1_databases: [app, logs] },
      {},
      {
        code: "DATABASE_AMBIGUOUS",
        details: { known: ["DB", "LOGS"] },
        hint: "The database app:\nd1ops … --db DB\nThe database logs:\nd1ops … --db LOGS",
      },
    ],
    [
      "several databases at the top level and in an environment",
      { d1_databases: [app, logs], env: { staging: { d1_databases: [app] } } },
      {},
      {
        code: "DATABASE_AMBIGUOUS",
        hint: expect.stringMatching(/\nThe environment staging:\nd1ops … --env staging$/),
      },
    ],
    [
      "a missing binding",
      { d1_databases: [{ database_name: "app" }] },
      {},
      {
        code: "CONFIG_INVALID",
        details: { problem: '"d1_databases[0]" has no "binding".', line: null, column: null },
        hint: expect.stringContaining('"binding": "DB"'),
      },
    ],
    [
      "a mistake in an environment",
      { env: { s: { d1_databases: [app, { binding: 1 }] } } },
      { env: "s" },
      { message: expect.stringContaining('"env.s.d1_databases[1].binding"') },
    ],
    [
      "a pattern without a folder",
      { d1_databases: [{ ...app, migrations_pattern: "./db/steps/*/up.sql" }] },
      {},
      { code: "CONFIG_INVALID", hint: expect.stringContaining('"migrations_dir": "db/steps"') },
    ],
    [
      "a pattern of another folder",
      { d1_databases: [{ ...app, migrations_dir: "db", migrations_pattern: "dbx/*.sql" }] },
      {},
      { code: "CONFIG_INVALID", hint: expect.stringContaining('"migrations_pattern": "db/*.sql"') },
    ],
    [
      "an environment that is a list, as [[env.s]] makes it",
      { env: { s: [] } },
      { env: "s" },
      { code: "CONFIG_INVALID", hint: expect.stringContaining("[env.s]") },
    ],
  ])("says what to type next: %s", async (_, config, request, error) => {
    await expect(read(config, request)).rejects.toMatchObject(error);
  });
});
