import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { localDatabasePath } from "../../src/config/local-file.ts";
import { doctor, migrateApply, migratePlan, migrateStatus, status } from "../../src/index.ts";
import type { Finding, Report } from "../../src/report/report.ts";
import { makeProject, type Project } from "../project.ts";

const ID = "11111111-2222-3333-4444-555555555555";
const FILES = { "migrations/0001_a.sql": "CREATE TABLE a(x);" };

/** A project whose database was created and then moved to the place of another tool. */
async function movedTo(place: (project: Project) => string, files = {}): Promise<Project> {
  const project = makeProject({ ...FILES, ...files });
  await migrateApply({ cwd: project.dir, place: "local" });
  const file = place(project);
  mkdirSync(dirname(file), { recursive: true });
  renameSync(project.file, file);
  return project;
}

function found({ findings }: Report, rule: string): Finding | undefined {
  return findings.find((one) => one.rule === rule);
}

const PLACES: Readonly<
  Record<
    string,
    { place: (project: Project) => string; files?: object; says: RegExp; help: RegExp }
  >
> = {
  "old layout": {
    place: ({ dir }) => join(dir, ".wrangler/state/v3/d1", ID, "db.sqlite"),
    says: /old versions of wrangler wrote it there/,
    help: /mkdir -p .*miniflare-D1DatabaseObject && mv .*db\.sqlite .*\.sqlite$/,
  },
  "without v3": {
    place: ({ dir, file }) =>
      join(dir, ".wrangler/state", file.slice(join(dir, ".wrangler/state/v3/").length)),
    says: /without the folder v3/,
    help: /mkdir -p .* && mv /,
  },
};

describe("a local database that is not where wrangler looks for it", () => {
  test.each(Object.entries(PLACES))("is reported by every verb: %s", async (kind, expected) => {
    const { place, says, help } = expected;
    const { dir } = await movedTo(place);
    for (const verb of [doctor, status, migrateStatus, migratePlan]) {
      const finding = found(await verb({ cwd: dir }), "state-elsewhere");
      expect(finding).toMatchObject({ level: "warning", data: { kind } });
      expect(finding?.message).toMatch(says);
      expect(finding?.help).toMatch(help);
    }
    const dry = await migrateApply({ cwd: dir, place: "local", dryRun: true });
    expect(found(dry, "state-elsewhere")).toBeDefined();
    const report = await migrateApply({ cwd: dir, place: "local" });
    expect(found(report, "state-elsewhere")).toBeDefined();
    // The apply has created a database where wrangler looks for it.
    expect(found(await migrateStatus({ cwd: dir }), "state-elsewhere")).toBeUndefined();
  });

  test.each([".wrangler/state/v3", ".wrangler/state/v3/d1", ".wrangler/state/v3/"])(
    "is reported if the path of --persist-to already contains v3: %s",
    async (persistTo) => {
      const project = makeProject(FILES);
      await migrateApply({ cwd: project.dir, place: "local" });
      const report = await migrateStatus({ cwd: project.dir, persistTo });
      expect(found(report, "state-elsewhere")).toMatchObject({
        message: expect.stringContaining("already contains v3"),
        help: "Run the same command with --persist-to .wrangler/state",
      });
    },
  );

  test("is reported if the Vite plugin created it beside its config in a folder above", async () => {
    const project = makeProject({ "vite.config.ts": "export default {}" });
    project.write(
      "worker/wrangler.jsonc",
      JSON.stringify({
        name: "shop",
        d1_databases: [{ binding: "DB", database_name: "shop-db", database_id: ID }],
      }),
    );
    project.write("worker/migrations/0001_a.sql", FILES["migrations/0001_a.sql"]);
    const worker = join(project.dir, "worker");
    await migrateApply({ cwd: worker, place: "local" });
    cpSync(join(worker, ".wrangler"), join(project.dir, ".wrangler"), { recursive: true });
    rmSync(join(worker, ".wrangler"), { recursive: true });
    const report = await migrateStatus({ cwd: worker });
    expect(found(report, "state-elsewhere")).toMatchObject({
      message: expect.stringContaining("the Vite plugin writes its state beside its own config"),
      help: "Run the same command with --persist-to ../.wrangler/state",
      data: { kind: "vite", path: project.file },
    });
    const there = await migrateStatus({ cwd: worker, persistTo: "../.wrangler/state" });
    expect(there).toMatchObject({ data: { applied: ["0001_a.sql"] }, findings: [] });
  });

  test("is not reported for a new project, or for the file of another database", async () => {
    const project = makeProject(FILES);
    const other = join(project.dir, ".wrangler/state/v3/d1/other/db.sqlite");
    project.write(other.slice(project.dir.length + 1), "");
    for (const verb of [doctor, status, migrateStatus, migratePlan]) {
      expect((await verb({ cwd: project.dir })).findings).toEqual([]);
    }
  });
});

describe("a symbolic link", () => {
  test("is reported by doctor and used if it is the state folder", async () => {
    const shared = makeProject(FILES);
    await migrateApply({ cwd: shared.dir, place: "local" });
    const project = makeProject(FILES);
    mkdirSync(join(project.dir, ".wrangler"));
    symlinkSync(join(shared.dir, ".wrangler/state"), join(project.dir, ".wrangler/state"));
    expect(found(await doctor({ cwd: project.dir }), "state-link")).toMatchObject({
      level: "info",
      data: { to: join(shared.dir, ".wrangler/state") },
    });
    expect(await migrateStatus({ cwd: project.dir })).toMatchObject({
      data: { applied: ["0001_a.sql"] },
      findings: [],
    });
  });

  test("is a warning of every verb if it is dangling", async () => {
    const project = makeProject(FILES);
    mkdirSync(join(project.dir, ".wrangler"));
    symlinkSync("nowhere", join(project.dir, ".wrangler/state"));
    for (const verb of [doctor, migrateStatus]) {
      expect(found(await verb({ cwd: project.dir }), "state-link")).toMatchObject({
        level: "warning",
        message: expect.stringContaining("does not exist"),
      });
    }
  });

  test("is not a migration: a folder with only links is an error that explains that wrangler ignores them", async () => {
    const project = makeProject({ "sql/0001_a.sql": "CREATE TABLE a(x);" });
    mkdirSync(join(project.dir, "migrations"));
    symlinkSync("../sql/0001_a.sql", join(project.dir, "migrations/0001_a.sql"));
    await expect(migrateStatus({ cwd: project.dir })).rejects.toMatchObject({
      code: "MIGRATIONS_NONE",
      hint: expect.stringContaining(
        "The folder has 1 symbolic link, which wrangler and d1ops ignore.",
      ),
    });
  });
});

const several = (entries: readonly object[], rest: object = {}): Record<string, string> => ({
  ...FILES,
  "wrangler.jsonc": JSON.stringify({ name: "shop", d1_databases: entries, ...rest }),
});
const app = { binding: "DB", database_name: "shop-db", database_id: ID };

describe("doctor", () => {
  test("checks every database of a config that has several", async () => {
    const log = { binding: "LOG", database_name: "log-db", migrations_dir: "missing" };
    const { dir } = makeProject(several([app, log]));
    const report = await doctor({ cwd: dir });
    expect(report).toMatchObject({
      exitCode: 1,
      target: null,
      data: { database: null, databases: ["shop-db", "log-db"] },
      findings: [{ rule: "MIGRATIONS_FOLDER_MISSING", message: /^LOG: / }].map(({ rule }) => ({
        rule,
        message: expect.stringMatching(/^LOG: /),
      })),
    });
    const outcomes = new Map(report.checks.map(({ id, outcome }) => [id, outcome]));
    expect(outcomes.get("DB/migrations.readable")).toBe("pass");
    expect(outcomes.get("LOG/migrations.readable")).toBe("fail");
    expect(outcomes.get("LOG/database.id")).toBe("warn");
    const one = await doctor({ cwd: dir, db: "DB" });
    expect(one).toMatchObject({ exitCode: 0, data: { database: "shop-db" } });
  });

  test("reports a binding that wrangler dev uses remotely", async () => {
    const { dir } = makeProject(several([{ ...app, remote: true }]));
    expect(found(await doctor({ cwd: dir }), "remote-binding")).toMatchObject({
      level: "warning",
      message: expect.stringContaining("The binding DB"),
    });
    expect((await doctor({ cwd: makeProject(several([app])).dir })).findings).toEqual([]);
  });

  test.each(["", "your-database-id", "00000000-0000-0000-0000-000000000000", "shop-db"])(
    "reports the database_id %j as missing",
    async (id) => {
      const { dir } = makeProject(several([{ ...app, database_id: id }]));
      const { checks } = await doctor({ cwd: dir });
      expect(checks.find((one) => one.id === "database.id")?.outcome).toBe("warn");
    },
  );
});

describe("a config with databases only under env", () => {
  test.each([
    [{ production: { d1_databases: [app] } }, ["production"]],
    [
      { production: { d1_databases: [app] }, dev: {}, staging: { d1_databases: [app] } },
      ["production", "staging"],
    ],
  ])("is an error that suggests a command per environment: %j, %j", async (env, names) => {
    const { dir } = makeProject(several([], { env }));
    const lines = names.map((name) => `The environment ${name}:\nnpx d1ops .* --env ${name}`);
    const hint = expect.stringMatching(new RegExp(`^${lines.join("\n")}$`));
    for (const verb of [migrateStatus, migratePlan, status]) {
      await expect(verb({ cwd: dir })).rejects.toMatchObject({ code: "DATABASE_NONE", hint });
    }
    const error = migrateApply({ cwd: dir, place: "remote", yes: true });
    await expect(error).rejects.toMatchObject({ code: "DATABASE_NONE", hint });
    expect((await doctor({ cwd: dir })).findings[0]).toMatchObject({ help: hint });
  });

  test("has the same local file for an environment as in wrangler", async () => {
    const { dir } = makeProject(several([], { env: { production: { d1_databases: [app] } } }));
    const { target } = await migrateApply({ cwd: dir, place: "local", env: "production" });
    expect(target?.id).toBe(ID);
    expect(localDatabasePath(join(dir, ".wrangler/state"), ID)).toContain(dir);
  });
});
