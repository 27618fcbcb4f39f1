import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recorder } from "../cloudflare/recording-server.ts";
import {
  d1ops,
  d1opsBuilt,
  errorOf,
  makeProject,
  type Project,
  reportOf,
  type Run,
} from "../project.ts";
import { newIdentity } from "../snapshots/identities.ts";

const MIGRATION = { "migrations/0001_core.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY);\n" };

async function shop(
  settings: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const project = makeProject({ ...MIGRATION, "config/app.json": "{}", ...files });
  expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
  project.write("d1ops.jsonc", settings);
  return project;
}

const IN_FILE = `{
  // Beside the project.
  "snapshots": { "store": "in-file", "files": ["config/**"] },
}`;

function stores({ dir }: Project): string[] {
  return ["backups", "in-file", "in-variable", "in-flag"].filter((name) =>
    existsSync(join(dir, name, "snapshots")),
  );
}

describe("the store of snapshot take", () => {
  const variable = { D1OPS_SNAPSHOTS_STORE: "in-variable" };
  test.each([
    ["the default without any setting", "{}", {}, [], "backups"],
    ["that of the file", IN_FILE, {}, [], "in-file"],
    ["that of the variable, not of the file", IN_FILE, variable, [], "in-variable"],
    ["that of the flag, not of the variable", IN_FILE, variable, ["--store", "in-flag"], "in-flag"],
    [
      "that of the file if the variable is empty",
      IN_FILE,
      { D1OPS_SNAPSHOTS_STORE: "" },
      [],
      "in-file",
    ],
  ])("is %s", async (_, settings, variables, flags, store) => {
    const project = await shop(settings);
    const env = { ...process.env, ...variables };
    const run = await d1ops(project, ["snapshot", "take", ...flags, "--json"], { env });
    expect(run.code, run.stderr).toBe(0);
    expect(stores(project)).toEqual([store]);
  });

  test("is relative to the config, not to the current folder", async () => {
    const project = await shop(IN_FILE, { "apps/x": "" });
    const run = await d1ops({ dir: join(project.dir, "apps") }, ["snapshot", "take", "--json"]);
    expect(run.code, run.stderr).toBe(0);
    expect(stores(project)).toEqual(["in-file"]);
  });

  test("may be a variable of .env", async () => {
    const project = await shop("{}", { ".env": "D1OPS_SNAPSHOTS_STORE=in-variable\n" });
    expect((await d1ops(project, ["snapshot", "take"])).code).toBe(0);
    expect(stores(project)).toEqual(["in-variable"]);
  });
});

describe("the report", () => {
  test("says with --verbose which settings the command used, and where each is from", async () => {
    const project = await shop(IN_FILE);
    const env = { ...process.env, D1OPS_SNAPSHOTS_STORE: "in-variable" };
    const { stdout } = await d1ops(project, ["snapshot", "take", "--verbose"], { env });
    expect(stdout).toContain("  snapshots.files: config/** (from d1ops.jsonc)\n");
    expect(stdout).toContain("  snapshots.store: in-variable (from D1OPS_SNAPSHOTS_STORE)\n");
  });

  test("names no setting that a flag replaces", async () => {
    const project = await shop(IN_FILE);
    const run = await d1ops(project, ["snapshot", "take", "--store", "in-flag", "--json"]);
    expect(reportOf(run).settings).toEqual([
      { name: "snapshots.files", value: "config/**", from: "d1ops.jsonc" },
    ]);
    expect(reportOf(await d1ops(project, ["migrate", "status", "--json"]))).not.toHaveProperty(
      "settings",
    );
  });
});

describe("the files of snapshot take", () => {
  const taken = async (project: Project, ...flags: string[]): Promise<unknown> => {
    const run = await d1ops(project, ["snapshot", "take", ...flags, "--json"]);
    if (run.code !== 0) return errorOf(run);
    const { files } = reportOf(run).data["snapshot"] as { files: { path: string }[] };
    return files.map(({ path }) => path);
  };

  test("are those of the setting, of --files instead, or none with --without-files", async () => {
    const project = await shop(IN_FILE);
    expect(await taken(project)).toEqual(["config/app.json"]);
    expect(await taken(project, "--files", "*.jsonc")).toEqual(["d1ops.jsonc", "wrangler.jsonc"]);
    expect(await taken(project, "--without-files")).toEqual([]);
    expect(await taken(project, "--without-database")).toEqual(["config/app.json"]);
  });

  test("--without-files contradicts --files, and leaves nothing without the database", async () => {
    const project = await shop(IN_FILE);
    const both = await taken(project, "--without-files", "--files", "a");
    expect(both).toMatchObject({ code: "USAGE", details: { argument: "--without-files" } });
    const neither = await taken(project, "--without-files", "--without-database");
    expect(neither).toMatchObject({ code: "USAGE", details: { argument: "--without-database" } });
  });
});

describe("snapshots.recipients", () => {
  const take = async (project: Project, ...flags: string[]): Promise<Run> =>
    d1ops(project, ["snapshot", "take", ...flags, "--json"]);

  test("encrypts a new store, and an encrypted one needs its key as before", async () => {
    const { identity, recipient } = await newIdentity();
    const settings = JSON.stringify({ snapshots: { recipients: [recipient] } });
    const project = await shop(settings, { "key.txt": `${identity}\n` });
    expect(reportOf(await take(project)).findings).toMatchObject([{ rule: "store-encrypted" }]);
    expect(errorOf(await take(project)).code).toBe("SNAPSHOT_LOCKED");
    expect((await take(project, "--identity", "key.txt")).code).toBe(0);
  });

  test("stops a take into a store whose snapshots are not encrypted", async () => {
    const project = await shop("{}");
    expect((await take(project)).code).toBe(0);
    const { recipient } = await newIdentity();
    project.write("d1ops.jsonc", JSON.stringify({ snapshots: { recipients: [recipient] } }));
    const error = errorOf(await take(project));
    expect(error).toMatchObject({ code: "USAGE", details: { argument: "snapshots.recipients" } });
    expect(error.hint).toContain("remove snapshots.recipients");
    expect((await take(project, "--store", "in-flag")).code).toBe(0);
  });

  test("never has a secret identity: an error names the line and not the key", async () => {
    const { identity } = await newIdentity();
    const project = await shop(JSON.stringify({ snapshots: { recipients: [identity] } }));
    const { code, message } = errorOf(await take(project));
    expect(code).toBe("CONFIG_INVALID");
    expect(message).not.toContain(identity.slice(20, 40));
  });
});

test("the rules of snapshot prune are those of the settings, and a flag replaces only its own", async () => {
  const project = await shop(
    '{"snapshots": {"retention": {"last": 2, "daily": 3, "within": "1d"}}}',
  );
  await d1ops(project, ["snapshot", "take"]);
  const run = await d1ops(project, [
    "snapshot",
    "prune",
    "--keep-last",
    "5",
    "--dry-run",
    "--json",
  ]);
  expect(run.code, run.stderr).toBe(0);
  const report = reportOf(run);
  expect(report.settings?.map(({ name, value }) => [name, value])).toEqual([
    ["snapshots.retention.within", "1d"],
    ["snapshots.retention.daily", "3"],
  ]);
  expect(report.steps[0]?.note).toContain("last snapshot, daily snapshot");
});

describe("a mistake in d1ops.jsonc", () => {
  const WRONG = '{ "snapshots": { "stroe": "elsewhere" } }';

  test.each([["migrate status"], ["migrate apply --local"], ["snapshot take"], ["status"]])(
    "stops %s before it does anything, with exit 2",
    async (line) => {
      const project = await shop(WRONG, { "migrations/0002_b.sql": "CREATE TABLE b(c);" });
      const run = await d1ops(project, [...line.split(" "), "--json"]);
      expect(run.code).toBe(2);
      expect(errorOf(run)).toMatchObject({
        code: "CONFIG_INVALID",
        details: { line: 1, column: 18 },
      });
      expect(errorOf(run).hint).toContain("did you mean store?");
      expect(stores(project)).toEqual([]);
    },
  );

  test("is reported before a missing place, because it is the first thing to correct", async () => {
    const run = await d1ops(await shop(WRONG), ["migrate", "apply", "--json"]);
    expect(errorOf(run).code).toBe("CONFIG_INVALID");
  });

  test("is a failed check of doctor", async () => {
    const run = await d1ops(await shop(WRONG), ["doctor", "--json"]);
    expect(run.code).toBe(1);
    expect(reportOf(run).checks).toContainEqual(
      expect.objectContaining({ id: "config.readable", outcome: "fail" }),
    );
  });

  test("does not matter in a folder that has another config", async () => {
    const project = await shop("{}", {
      "other/wrangler.jsonc": '{"name":"b","d1_databases":[{"binding":"DB"}]}',
      "other/d1ops.jsonc": WRONG,
      "other/migrations/0001_a.sql": "CREATE TABLE a(b);",
    });
    expect((await d1ops(project, ["migrate", "status"])).code).toBe(0);
    expect((await d1ops(project, ["migrate", "status", "-c", "other/wrangler.jsonc"])).code).toBe(
      2,
    );
  });
});

test("a mistyped variable stops a command, also without a file", async () => {
  const env = { ...process.env, D1OPS_SNAPSHOT_STORE: "elsewhere" };
  const run = await d1ops(makeProject(MIGRATION), ["migrate", "status", "--json"], { env });
  expect(run.code).toBe(2);
  expect(errorOf(run)).toMatchObject({
    code: "USAGE",
    details: { argument: "D1OPS_SNAPSHOT_STORE" },
  });
});

test("the built program reads the settings", async () => {
  const project = await shop(IN_FILE);
  const run = await d1opsBuilt(project, ["snapshot", "take", "--verbose"]);
  expect(run).toMatchObject({ code: 0 });
  expect(run.stdout).toContain("snapshots.store: in-file (from d1ops.jsonc)");
  expect(stores(project)).toEqual(["in-file"]);
});

describe("a home", () => {
  const HOMES = (endpoint: string): string =>
    JSON.stringify({
      homes: { r2: { bucket: "shop-backups", prefix: "prod", endpoint } },
      snapshots: { store: "r2" },
    });
  const KEY = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };

  test.each([[[]], [["--store", "r2"]]])(
    "is the store of the setting or of the flag: %j",
    async (flags) => {
      const server = await recorder(() => ({ status: 403 }));
      const project = await shop(HOMES(server.origin));
      const env = { PATH: process.env["PATH"], ...KEY };
      const run = await d1ops(project, ["snapshot", "list", ...flags, "--json"], { env });
      expect(errorOf(run).code).toBe("STORE_REFUSED");
      expect(server.received[0]?.path).toMatch(/^\/shop-backups\?.*prefix=prod/);
    },
  );

  test("needs a key from the variables", async () => {
    const project = await shop(HOMES("https://s3.example.com"));
    const env = { PATH: process.env["PATH"] };
    const run = await d1ops(project, ["snapshot", "list", "--json"], { env });
    expect(errorOf(run)).toMatchObject({
      code: "CREDENTIALS_MISSING",
      message: expect.stringContaining("The store r2 needs a key") as string,
    });
  });

  test("is no new folder if its name is mistyped", async () => {
    const project = await shop(HOMES("https://s3.example.com"));
    const run = await d1ops(project, ["snapshot", "take", "--store", "r3", "--json"]);
    expect(errorOf(run)).toMatchObject({ code: "USAGE" });
    expect(errorOf(run).hint).toContain("Did you mean r2?");
    expect(existsSync(join(project.dir, "r3"))).toBe(false);
  });
});
