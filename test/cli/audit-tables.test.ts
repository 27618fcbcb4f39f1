import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { makeRemoteProject } from "../project/remote.ts";
import { d1ops, errorOf, makeProject, type Project, reportOf, type Run } from "../project.ts";
import { snapshotShop } from "./snapshot-shop.ts";

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({});
});
afterAll(() => cloudflare.close());
afterEach(() => {
  cloudflare.onRequest = null;
});

async function audit(project: Pick<Project, "dir">, ...args: readonly string[]): Promise<Run> {
  const env = { PATH: process.env["PATH"], HOME: "/nonexistent", ...cloudflare.variables() };
  return d1ops(project, ["audit", "tables", ...args, "--json"], { env });
}

/** Writes entries into `sqlite_schema`, as no program should. */
function changeSchema(project: Project, sql: string): void {
  using db = new DatabaseSync(project.file, { defensive: false });
  db.exec(`PRAGMA writable_schema = ON; ${sql}`);
}

/** The tables of a report by their names. */
function tablesOf(run: Run): Record<string, unknown> {
  const { tables } = reportOf(run).data;
  if (!Array.isArray(tables)) throw new Error("no tables");
  return Object.fromEntries(tables.map((one: { name: string }) => [one.name, one]));
}

describe("audit tables", () => {
  test("lists every object with its class and its figures, and counts each class", async () => {
    const project = await snapshotShop();
    const run = await audit(project);
    expect(run.code).toBe(0);
    expect(tablesOf(run)).toMatchObject({
      users: { class: "application", rows: 2000, columns: 3, indexes: 1 },
      odd: { class: "application", rows: 3, columns: 4, indexes: 0 },
      notes: { class: "application", rows: 2, columns: 1 },
      notes_data: { class: "shadow", rows: expect.any(Number) },
      names: { class: "view", rows: null, columns: 1, indexes: null, bytes: null },
      sqlite_sequence: { class: "sqlite", rows: expect.any(Number) },
      d1_migrations: { class: "ledger", rows: 1, lastWrite: { column: "applied_at" } },
      d1ops_migrations: { class: "ledger" },
    });
    const { data, checks, summary } = reportOf(run);
    expect(data["counts"]).toMatchObject({ application: 3, view: 1, platform: 0 });
    expect(checks.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      "database.size pass",
      "database.quick-check pass",
    ]);
    expect(summary).toContain("3 application tables");
  });

  test("says the bytes of each table with its indexes, as SQLite stores them, and no row twice", async () => {
    const project = await snapshotShop();
    const run = await audit(project);
    const tables = Object.values(tablesOf(run));
    const bytes = tables.map((one) => (one as { bytes: number | null }).bytes ?? 0);
    const sum = bytes.reduce((total, one) => total + one, 0);
    const db = project.open();
    const pages = db
      .prepare("SELECT sum(pgsize) AS n FROM dbstat WHERE name <> 'sqlite_schema'")
      .get();
    db.close();
    expect(sum).toBe(pages?.["n"]);
    expect(reportOf(run).data["areBytesEstimated"]).toBe(false);
  });

  test.each(["settled", "copied with its log"])(
    "creates no files beside a database that is %s",
    async (state) => {
      const project = makeProject({});
      const path = join(project.dir, "a.sqlite");
      const db = new DatabaseSync(path);
      db.exec(
        "PRAGMA journal_mode = WAL; CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)",
      );
      const isCopied = state !== "settled";
      if (isCopied)
        for (const end of ["", "-wal"])
          copyFileSync(path + end, join(project.dir, `b.sqlite${end}`));
      db.close();
      const before = readdirSync(project.dir);
      const run = await audit(project, `file:${isCopied ? "b" : "a"}.sqlite`);
      expect(run.code).toBe(0);
      expect(readdirSync(project.dir)).toEqual(before);
      expect(reportOf(run).data["areBytesEstimated"]).toBe(isCopied);
      expect(tablesOf(run)).toMatchObject({ t: { rows: 1, bytes: expect.any(Number) } });
    },
  );

  test("reads 100 tables of a remote database with three requests, and estimates their bytes", async () => {
    const project = makeRemoteProject(cloudflare);
    const db = project.database.open();
    for (let i = 0; i < 100; i += 1) {
      db.exec(`CREATE TABLE t${i}(id INTEGER PRIMARY KEY, body TEXT, updated_at TEXT)`);
      db.exec(
        `INSERT INTO t${i}(body, updated_at) VALUES ('${"x".repeat(10 * i)}', '2026-01-02 03:04:05')`,
      );
    }
    db.close();
    let requests = 0;
    cloudflare.onRequest = ({ path }) => {
      if (path.endsWith("/query") || path.endsWith("/raw")) requests += 1;
      return null;
    };
    const run = await audit(project, "remote");
    expect(run.code).toBe(0);
    expect(requests).toBe(3);
    const { data } = reportOf(run);
    expect(data).toMatchObject({ requests: 3, areBytesEstimated: true });
    const tables = tablesOf(run) as Record<string, { bytes: number; lastWrite: unknown }>;
    expect(tables["t99"]?.bytes).toBeGreaterThan(tables["t9"]?.bytes ?? 0);
    expect(tables["t5"]?.lastWrite).toEqual({
      column: "updated_at",
      at: "2026-01-02T03:04:05.000Z",
    });
  });

  test("counts no rows if that would read more than the limit, and says what it would cost", async () => {
    const project = makeRemoteProject(cloudflare);
    const db = project.database.open();
    db.exec(
      "CREATE TABLE users(id INTEGER PRIMARY KEY, name); INSERT INTO users VALUES (5000001, 'a')",
    );
    db.exec("CREATE TABLE codes(code TEXT PRIMARY KEY) WITHOUT ROWID");
    db.close();
    const run = await audit(project, "--remote");
    expect(run.code).toBe(1);
    expect(tablesOf(run)).toMatchObject({
      users: { rows: null, columns: 2 },
      codes: { rows: null },
    });
    const [rows, , quick] = reportOf(run).checks;
    expect(rows).toMatchObject({
      id: "tables.rows",
      outcome: "not-checked",
      measured: "counting would read about 5,000,001 rows, and those of 1 other table",
      evidence: { rows: 5_000_001, unknown: ["codes"] },
    });
    expect(quick).toMatchObject({ id: "database.quick-check", outcome: "not-checked" });
    const counted = await audit(project, "--remote", "--max-rows-read", "6000000");
    expect(counted.code).toBe(0);
    expect(tablesOf(counted)).toMatchObject({ users: { rows: 1 }, codes: { rows: 0 } });
  });

  test("counts all other tables if one cannot be read", async () => {
    const project = makeProject({
      "migrations/0001.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY);",
    });
    expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
    const db = project.open();
    db.exec("INSERT INTO users VALUES (1), (2); CREATE VIEW lost AS SELECT a FROM missing_table");
    db.close();
    changeSchema(
      project,
      `INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES ('table', 'broken', 'broken', 0, 'CREATE VIRTUAL TABLE broken USING missing_module(a)')`,
    );
    const run = await audit(project);
    expect(tablesOf(run)).toMatchObject({
      users: { rows: 2 },
      broken: { rows: null },
      lost: { columns: null },
    });
  });

  test("fails the check of a damaged database, and says what is wrong", async () => {
    const project = await snapshotShop();
    changeSchema(
      project,
      "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'odd') WHERE name = 'by_name'",
    );
    const run = await audit(project);
    expect(run.code).toBe(1);
    const check = reportOf(run).checks.find(({ id }) => id === "database.quick-check");
    expect(check).toMatchObject({
      outcome: "fail",
      measured: expect.stringMatching(/by_name|odd/),
    });
  });

  test("compares with the expected tables, in any case, and reports missing, unexpected and repeated ones", async () => {
    const project = await snapshotShop();
    project.write(
      "d1ops.jsonc",
      JSON.stringify({ audit: { tables: ["USERS", "odd", "odd", "orders"] } }),
    );
    const run = await audit(project);
    expect(run.code).toBe(1);
    expect(reportOf(run).findings.map(({ rule, table }) => `${rule} ${table}`)).toEqual([
      "table-missing orders",
      "table-unexpected notes",
      "table-twice odd",
    ]);
    project.write("d1ops.jsonc", JSON.stringify({ audit: { tables: ["users", "odd", "notes"] } }));
    expect(await audit(project)).toMatchObject({ code: 0 });
  });

  test("reports what has changed since an earlier report", async () => {
    const project = await snapshotShop();
    const before = await audit(project);
    project.write("before.json", before.stdout);
    const same = await audit(project, "--against", "before.json");
    expect(same.code).toBe(0);
    expect(reportOf(same).findings).toEqual([]);
    const db = project.open();
    db.exec(`ALTER TABLE odd RENAME TO even; DROP VIEW names; CREATE TABLE extra(id INTEGER PRIMARY KEY);
      DROP TRIGGER log; DELETE FROM users WHERE id > 1990`);
    db.close();
    const after = await audit(project, "--against", "before.json");
    expect(after.code).toBe(1);
    const { findings, checks } = reportOf(after);
    expect(findings).toMatchObject([
      { rule: "table-missing", level: "error", table: "names" },
      { rule: "table-renamed", level: "warning", data: { from: "odd", to: "even" } },
      { rule: "table-new", level: "info", table: "extra" },
      { rule: "rows-fewer", level: "warning", table: "users", data: { before: 2000, rows: 1990 } },
    ]);
    expect(checks.map(({ id }) => id)).toContain("database.growth");
  });

  test.each([
    ["is missing", null],
    ["is no JSON", "users\n"],
    ["is another report", JSON.stringify({ command: "status", data: {} })],
    [
      "has an unknown class",
      JSON.stringify({
        command: "audit tables",
        data: {
          measuredAt: "2026-01-02T03:04:05Z",
          bytes: 1,
          tables: [{ name: "a", class: "new", rows: 1 }],
        },
      }),
    ],
  ])("stops if the earlier report %s", async (_what, text) => {
    const project = await snapshotShop();
    if (text !== null) project.write("before.json", text);
    const run = await audit(project, "--against", "before.json");
    expect(run.code).toBe(2);
    expect(errorOf(run)).toMatchObject({ code: "INPUT_UNREADABLE" });
  });

  test.each([
    [["nowhere"], 2, "USAGE"],
    [["remote", "--local"], 2, "USAGE"],
    [["file:missing.sqlite"], 3, "DATABASE_UNREADABLE"],
    [[], 3, "DATABASE_UNREADABLE"],
  ])("%j is an error with exit code %i, %s", async (args, code, name) => {
    const run = await audit(makeProject({}), ...args);
    expect(run.code).toBe(code);
    expect(errorOf(run).code).toBe(name);
  });
});
