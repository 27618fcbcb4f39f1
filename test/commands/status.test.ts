import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  doctor,
  migrateApply,
  migrateNew,
  migrateStatus,
  renderReport,
  status,
} from "../../src/index.ts";
import { makeProject } from "../project.ts";

const TWO = {
  "wrangler.jsonc": JSON.stringify({
    name: "shop",
    d1_databases: [
      {
        binding: "SHOP",
        database_name: "shop-db",
        database_id: "11111111-2222-3333-4444-555555555555",
        migrations_dir: "shop",
      },
      { binding: "LOG", database_name: "log-db", database_id: "log", migrations_dir: "log" },
    ],
  }),
  "shop/0001_core.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY);",
  "log/0001_core.sql": "CREATE TABLE lines(id INTEGER PRIMARY KEY);",
  "log/0002_more.sql": "CREATE TABLE more(id INTEGER PRIMARY KEY);",
};
const nothing = { variables: {} };

describe("status", () => {
  test("fails if the credentials are missing, instead of reporting it for each database", async () => {
    const { dir } = makeProject(TWO);
    const options = {
      cwd: dir,
      place: "remote",
      variables: { HOME: dir, XDG_CONFIG_HOME: dir },
    } as const;
    await expect(status(options)).rejects.toMatchObject({ code: "CREDENTIALS_MISSING" });
  });

  test("shows a line for every database of the project, and writes nothing", async () => {
    const { dir } = makeProject(TWO);
    await migrateApply({ cwd: dir, db: "LOG", place: "local", ...nothing });
    const report = await status({ cwd: dir, ...nothing });
    expect(report).toMatchObject({
      outcome: "ok",
      target: null,
      summary: "2 databases, 1 with pending migrations",
      data: {
        databases: [
          {
            database: "shop-db",
            binding: "SHOP",
            exists: false,
            applied: 0,
            pending: 1,
            problems: 0,
          },
          { database: "log-db", binding: "LOG", exists: true, applied: 2, pending: 0, problems: 0 },
        ],
      },
    });
    expect(report.next).toEqual(["npx d1ops migrate status --local --db SHOP"]);
  });

  test("shows the other databases if one cannot be read", async () => {
    const { dir, file } = makeProject(TWO);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "no database at all, and long enough to be sure of it, is it not so?");
    const report = await status({ cwd: dir, ...nothing });
    expect(report).toMatchObject({
      outcome: "problems",
      exitCode: 1,
      findings: [{ rule: "DATABASE_NOT_SQLITE" }],
      data: { databases: [{ error: "DATABASE_NOT_SQLITE" }, { pending: 2 }] },
    });
  });

  test("--db chooses one database", async () => {
    const { dir } = makeProject(TWO);
    expect(await status({ cwd: dir, db: "log-db", ...nothing })).toMatchObject({
      target: { database: "log-db" },
      data: { databases: [{ binding: "LOG" }] },
    });
  });
});

describe("doctor", () => {
  const ids = (checks: readonly { id: string; outcome: string }[]): Record<string, string> =>
    Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));

  test("passes for a project without problems", async () => {
    const { dir } = makeProject({ "migrations/0001_core.sql": "CREATE TABLE t(a);" });
    await migrateApply({ cwd: dir, place: "local", ...nothing });
    const report = await doctor({ cwd: dir, ...nothing });
    expect(report.exitCode).toBe(0);
    expect(ids(report.checks)).toMatchObject({
      "node.version": "pass",
      "config.readable": "pass",
      "migrations.readable": "pass",
      "database.readable": "pass",
      "database.foreign-keys": "pass",
      "ledger.readable": "pass",
    });
  });

  test("reports a missing database as not checked, and does not create it", async () => {
    const project = makeProject({ "migrations/0001_core.sql": "CREATE TABLE t(a);" });
    const report = await doctor({ cwd: project.dir, ...nothing });
    expect(ids(report.checks)).toMatchObject({ "database.readable": "not-checked" });
    expect(existsSync(join(project.dir, ".wrangler"))).toBe(false);
  });

  test("finds rows without their parents", async () => {
    const project = makeProject({
      "migrations/0001_core.sql":
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p);",
    });
    await migrateApply({ cwd: project.dir, place: "local", ...nothing });
    const db = project.open();
    db.exec("PRAGMA foreign_keys = OFF; INSERT INTO c VALUES (7)");
    db.close();
    const report = await doctor({ cwd: project.dir, ...nothing });
    expect(report.checks.find(({ id }) => id === "database.foreign-keys")).toMatchObject({
      outcome: "warn",
      measured: "1 broken reference",
      evidence: { help: expect.stringMatching(/^c: row 1 refers to no row of p\nInsert/) },
    });
    const text = await renderReport("text", report, { width: 100 });
    expect(text).toContain("expected 0 broken references\n      c: row 1 refers to no row of p\n");
    expect(text).toContain("\n      To install it:\n      npm install -D wrangler@4\n");
  });

  test.each([
    [
      "a placeholder for an id",
      {
        "wrangler.jsonc":
          '{"d1_databases":[{"binding":"DB","database_name":"x","database_id":"<your-database-id>"}]}',
        "migrations/0001.sql": "",
      },
      "database.id",
      "warn",
    ],
    ["an unreadable config", { "wrangler.jsonc": "{" }, "config.readable", "fail"],
    ["missing migrations", {}, "migrations.readable", "fail"],
  ])("reports %s in the check with its outcome: %o", async (_, files, id, outcome) => {
    const { dir } = makeProject(files);
    const report = await doctor({ cwd: dir, ...nothing });
    expect(ids(report.checks)[id]).toBe(outcome);
    if (outcome === "fail") {
      expect(report.exitCode).toBe(1);
      expect(report.findings[0]).toMatchObject({ level: "error", help: expect.any(String) });
    }
  });
});

describe("migrate new", () => {
  test("rejects a name that wrangler's pattern would not find", async () => {
    const { dir } = makeProject({
      "wrangler.jsonc":
        '{"d1_databases":[{"binding":"DB","database_id":"x","migrations_dir":"drizzle","migrations_pattern":"drizzle/*/migration.sql"}]}',
      "drizzle/0001_core/migration.sql": "CREATE TABLE t(a);",
    });
    await expect(migrateNew("more", { cwd: dir, ...nothing })).rejects.toMatchObject({
      code: "MIGRATION_NAME_INVALID",
      message: expect.stringContaining("drizzle/*/migration.sql"),
    });
    expect(await migrateStatus({ cwd: dir, ...nothing })).toMatchObject({
      data: { pending: ["0001_core/migration.sql"] },
    });
  });

  test.each(["", "  ", "a/b", String.raw`a\b`, "..", "a\nb?"])(
    "rejects the name %j",
    async (title) => {
      const { dir } = makeProject();
      await expect(migrateNew(title, { cwd: dir, ...nothing })).rejects.toMatchObject({
        code: "MIGRATION_NAME_INVALID",
      });
    },
  );

  test("--dry-run names the file and does not create it", async () => {
    const { dir } = makeProject();
    const report = await migrateNew("core", { cwd: dir, dryRun: true, ...nothing });
    expect(report).toMatchObject({ outcome: "ok", data: { file: "migrations/0001_core.sql" } });
    expect(existsSync(join(dir, "migrations"))).toBe(false);
  });
});

test("an interrupted apply reports what is applied, and the next apply continues", async () => {
  const { dir } = makeProject(
    Object.fromEntries(
      [1, 2, 3].map((n) => [`migrations/000${n}_x.sql`, `CREATE TABLE t${n}(a);`]),
    ),
  );
  const interruption = new AbortController();
  const report = await migrateApply({
    cwd: dir,
    place: "local",
    ...nothing,
    signal: interruption.signal,
    onProgress: (done) => {
      if (done === 1) interruption.abort();
    },
  });
  expect(report).toMatchObject({
    outcome: "partial",
    exitCode: 130,
    data: { applied: ["0001_x.sql"], pending: ["0002_x.sql", "0003_x.sql"] },
  });
  expect(await migrateApply({ cwd: dir, place: "local", ...nothing })).toMatchObject({
    outcome: "changed",
    data: { applied: ["0002_x.sql", "0003_x.sql"] },
  });
});

test("doctor names the database in the commands that it suggests, if the config has several", async () => {
  const project = makeProject({
    "wrangler.jsonc": JSON.stringify({
      d1_databases: ["DB", "LOG"].map((binding) => ({
        binding,
        database_name: binding,
        migrations_dir: `none/${binding}`,
      })),
    }),
  });
  const { findings } = await doctor({ cwd: project.dir });
  expect(findings.map(({ help }) => help?.split("\n").at(-1))).toEqual([
    "npx d1ops migrate new TITLE --db DB",
    "npx d1ops migrate new TITLE --db LOG",
  ]);
});
