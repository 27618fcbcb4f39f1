import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSettingsFile } from "../../src/config/settings-file.ts";
import { FILE } from "../../src/known-settings.ts";
import { denied } from "../files/temporary-folder.ts";
import { d1ops, d1opsBuilt, errorOf, makeProject, type Project, reportOf } from "../project.ts";
import { newIdentity } from "../snapshots/identities.ts";

const MIGRATION = { "migrations/0001_core.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY);\n" };

function written({ dir }: Project): string {
  return readFileSync(join(dir, "d1ops.jsonc"), "utf8");
}

async function settingsOf({ dir }: Project): Promise<unknown> {
  return readSettingsFile(join(dir, "d1ops.jsonc"), FILE);
}

describe("init", () => {
  test("writes settings that the next snapshot uses", async () => {
    const project = makeProject({ ...MIGRATION, "config/app.json": "{}" });
    await d1ops(project, ["migrate", "apply", "--local"]);
    const run = await d1opsBuilt(project, ["init"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(await settingsOf(project)).toMatchObject({
      $schema: "./node_modules/d1ops/d1ops.schema.json",
      snapshots: { store: "backups", files: ["wrangler.jsonc", "migrations/**", "config/**"] },
    });
    expect(written(project)).toContain("the database shop-db.");
    const taken = reportOf(await d1ops(project, ["snapshot", "take", "--json"]));
    expect(taken.data["snapshot"]).toMatchObject({
      files: [
        { path: "config/app.json" },
        { path: "migrations/0001_core.sql" },
        { path: "wrangler.jsonc" },
      ],
    });
    expect(readdirSync(project.dir)).toContain("backups");
  });

  test("prints the text with --dry-run, and writes nothing", async () => {
    const project = makeProject(MIGRATION);
    const { outcome, data, next } = reportOf(await d1ops(project, ["init", "--dry-run", "--json"]));
    expect(outcome).toBe("ok");
    expect(next[0]).toMatch(/ init$/);
    expect(readdirSync(project.dir)).not.toContain("d1ops.jsonc");
    const { stdout } = await d1ops(project, ["init", "--dry-run"]);
    expect(stdout).toContain('"retention": { "daily": 7, "weekly": 5, "monthly": 12 },');
    await d1ops(project, ["init"]);
    expect(written(project)).toBe(data["text"]);
  });

  test("does not overwrite a file, and says how to see and how to write the new one", async () => {
    const project = makeProject({ ...MIGRATION, "d1ops.jsonc": "{}" });
    const refused = await d1ops(project, ["init", "--json"]);
    expect(refused.code).toBe(2);
    expect(errorOf(refused)).toMatchObject({ code: "SETTINGS_EXIST" });
    expect(errorOf(refused).hint).toMatch(
      / init --dry-run\n.*:\nmv .*d1ops\.jsonc .*d1ops\.jsonc\.old$/,
    );
    expect(written(project)).toBe("{}");
    const { summary, data } = reportOf(await d1ops(project, ["init", "--dry-run", "--json"]));
    expect(summary).toContain("Would write nothing");
    expect(data["text"]).toContain('"store": "backups"');
  });

  test("leaves no file behind if the folder cannot be written", async () => {
    const project = makeProject(MIGRATION);
    using _ = denied(project.dir, 0o555);
    const run = await d1ops(project, ["init", "--json"]);
    expect(errorOf(run).code).toBe("FILE_UNWRITABLE");
    expect(readdirSync(project.dir).sort()).toEqual(["migrations", "wrangler.jsonc"]);
  });

  test("refuses the second of two that run at once", async () => {
    const project = makeProject(MIGRATION);
    const runs = await Promise.all([d1opsBuilt(project, ["init"]), d1opsBuilt(project, ["init"])]);
    expect(runs.map(({ code }) => code).sort()).toEqual([0, 2]);
    expect(readdirSync(project.dir).sort()).toEqual([
      "d1ops.jsonc",
      "migrations",
      "wrangler.jsonc",
    ]);
  });
});

describe("the settings that init writes", () => {
  test("say whether the present store is encrypted, and for whom a new one could be", async () => {
    const project = makeProject(MIGRATION);
    await d1ops(project, ["migrate", "apply", "--local"]);
    const { recipient } = await newIdentity();
    await d1ops(project, ["snapshot", "take", "--recipient", recipient]);
    const { findings } = reportOf(await d1ops(project, ["init", "--json"]));
    expect(written(project)).toContain("backups has 1 snapshot, and is encrypted.");
    expect(findings).toEqual([]);
  });

  test("name no files that do not exist", async () => {
    const project = makeProject();
    await d1ops(project, ["init"]);
    expect(await settingsOf(project)).toMatchObject({ snapshots: { files: ["wrangler.jsonc"] } });
  });

  test("leave out files that look secret, and a folder that has no others", async () => {
    const secret = { ".env": "K=1", "config/.dev.vars": "K=1", "config/tls/shop.pem": "x" };
    const project = makeProject({ ...MIGRATION, ...secret });
    await d1ops(project, ["init", "--dry-run"]);
    project.write("config/app.json", "{}");
    await d1ops(project, ["init"]);
    expect(await settingsOf(project)).toMatchObject({
      snapshots: {
        files: ["wrangler.jsonc", "migrations/**", "config/**", "!**/.dev.vars", "!**/*.pem"],
      },
    });
    await d1ops(project, ["migrate", "apply", "--local"]);
    const { findings, data } = reportOf(await d1ops(project, ["snapshot", "take", "--json"]));
    expect(findings).toEqual([]);
    expect(JSON.stringify(data)).not.toMatch(/dev\.vars"|shop\.pem/);
  });

  test("name the databases and the buckets of the config, whatever their names are", async () => {
    const names = ['a"b', "line\nend", "*/", "shop-db"];
    const config = {
      d1_databases: names.map((database_name, at) => ({ binding: `DB${at}`, database_name })),
      r2_buckets: [{ binding: "UPLOADS", bucket_name: "uploads" }],
    };
    const project = makeProject({ ...MIGRATION, "wrangler.jsonc": JSON.stringify(config) });
    expect((await d1ops(project, ["init"])).code).toBe(0);
    expect(await settingsOf(project)).toHaveProperty("snapshots.store", "backups");
    expect(written(project)).toContain(
      String.raw`each database: "a\"b", "line\nend", "*/", shop-db. A pattern`,
    );
    expect(written(project)).toContain("The Worker uses uploads.");
  });

  test("find the schema of a package that is installed in a folder above", async () => {
    const project = makeProject({
      "node_modules/d1ops/d1ops.schema.json": "{}",
      "apps/shop/wrangler.jsonc": JSON.stringify({ d1_databases: [{ binding: "DB" }] }),
    });
    await d1ops({ dir: join(project.dir, "apps/shop") }, ["init"]);
    expect(readFileSync(join(project.dir, "apps/shop/d1ops.jsonc"), "utf8")).toContain(
      '"$schema": "../../node_modules/d1ops/d1ops.schema.json"',
    );
  });

  test("leave out migrations that are the whole project or outside of it", async () => {
    for (const migrations_dir of [".", "../migrations"]) {
      const config = { d1_databases: [{ binding: "DB", migrations_dir }] };
      const project = makeProject({ "wrangler.jsonc": JSON.stringify(config), "a.txt": "" });
      await d1ops(project, ["init"]);
      expect(await settingsOf(project)).toMatchObject({ snapshots: { files: ["wrangler.jsonc"] } });
    }
  });
});

test("init warns of a store that git would commit", async () => {
  const project = makeProject(MIGRATION);
  execFileSync("git", ["init", "-q"], { cwd: project.dir });
  const { findings } = reportOf(await d1ops(project, ["init", "--json"]));
  expect(findings).toMatchObject([
    { rule: "store-in-git", help: expect.stringContaining("/backups/") as string },
  ]);
});

test("init does not follow a link to nothing with the name of the file", async () => {
  const project = makeProject(MIGRATION);
  symlinkSync("elsewhere.jsonc", join(project.dir, "d1ops.jsonc"));
  const run = await d1ops(project, ["init", "--json"]);
  expect(errorOf(run).code).toBe("CONFIG_UNREADABLE");
  expect(statSync(join(project.dir, "elsewhere.jsonc"), { throwIfNoEntry: false })).toBeUndefined();
});
