import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { Cloudflare } from "../../fixtures/cloudflare/fake.ts";
import { loadDump } from "../../src/database/load-dump.ts";
import { makeProject, type Run, wrangler } from "../project.ts";
import { fakeFixture, type FakeFixture, pointWranglerTo } from "./fake-fixture.ts";

interface Stage extends FakeFixture {
  readonly dir: string;
  write(path: string, text: string): void;
  /** The real wrangler. */
  run(...args: string[]): Promise<Run>;
}

async function wranglerProject(files: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const home = await fakeFixture();
  pointWranglerTo(home.cloudflare);
  const project = makeProject(files);
  return {
    ...home,
    dir: project.dir,
    write: (path, text) => project.write(path, text),
    run: (...args) => wrangler(project, args),
  };
}

/** The operations since the last call. */
function asked({ log }: Cloudflare): string[] {
  return log.splice(0).map(({ operation, status }) => {
    return status === 200 ? operation : `${operation} ${status}`;
  });
}

const ROWS = "SELECT a FROM t ORDER BY a";

describe("the real wrangler on the fake", () => {
  test("lists, shows, creates and deletes databases", async () => {
    const { cloudflare, run } = await wranglerProject();
    for (let i = 1; i < 10; i++) cloudflare.createDatabase({ name: `tenant-${i}` });
    const list = await run("d1", "list", "--json");
    expect(JSON.parse(list.stdout)).toHaveLength(10);
    // Ten are a full page, so wrangler requests another one.
    expect(asked(cloudflare)).toEqual(["d1.list", "d1.list"]);

    const info = await run("d1", "info", "shop-db", "--json");
    expect(JSON.parse(info.stdout)).toMatchObject({ running_in_region: "WEUR", num_tables: 0 });
    expect(asked(cloudflare)).toEqual(["d1.get", "graphql"]);

    const create = await run("d1", "create", "new", "--location", "apac");
    expect(create.stdout).toContain("Successfully created DB 'new' in region APAC");
    expect((await run("d1", "create", "new")).code).toBe(1);
    const remove = await run("d1", "delete", "new", "-y");
    expect(remove.stdout).toContain("Deleted 'new' successfully.");
    expect(asked(cloudflare)).toEqual(["d1.create", "d1.create 400", "d1.get", "d1.delete"]);
  });

  test("lists and applies migrations, and reports a broken one", async () => {
    const { cloudflare, database, run, write } = await wranglerProject({
      "migrations/0001_a.sql": "CREATE TABLE t(a INTEGER PRIMARY KEY);",
      "migrations/0002_b.sql":
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;\nINSERT INTO t VALUES(1);",
    });
    const list = await run("d1", "migrations", "list", "DB", "--remote");
    expect(list.stdout).toContain("0002_b.sql");
    expect(asked(cloudflare)).toEqual(["d1.query", "d1.query"]);

    const apply = await run("d1", "migrations", "apply", "DB", "--remote");
    expect([apply.code, apply.stdout.match(/✅/g)?.length]).toEqual([0, 3]);
    const texts = cloudflare.log.map(({ sql }) => sql?.join().replaceAll(/\s+/g, " ").trim());
    expect(texts).toEqual([
      expect.stringMatching(/^CREATE TABLE IF NOT EXISTS "d1_migrations"/),
      'SELECT * FROM "d1_migrations" ORDER BY id',
      expect.stringMatching(/^CREATE TABLE t.* INSERT INTO "d1_migrations" .*'0001_a.sql'\);$/),
      expect.stringMatching(/^CREATE TRIGGER.* INSERT INTO "d1_migrations" .*'0002_b.sql'\);$/),
    ]);
    expect(asked(cloudflare)).toHaveLength(4);

    write("migrations/0003_c.sql", "INSERT INTO t VALUES(2); INSERT INTO t VALUES(1);");
    const before = database.bookmark();
    const broken = await run("d1", "migrations", "apply", "DB", "--remote");
    expect(broken.code).toBe(1);
    expect(broken.stderr + broken.stdout).toContain("UNIQUE constraint failed: t.a");
    expect(asked(cloudflare)).toEqual(["d1.query", "d1.query", "d1.query 400"]);
    expect(database.bookmark()).toBe(before);
    using db = database.open();
    expect(db.prepare(ROWS).all()).toEqual([{ a: 1 }]);
  });

  test("executes a command and a file, and reports rejected ones", async () => {
    const { cloudflare, database, run, write } = await wranglerProject();
    using db = database.open();
    db.exec("CREATE TABLE t(a INTEGER PRIMARY KEY)");
    const execute = (...args: string[]): Promise<Run> =>
      run("d1", "execute", "DB", "--remote", "--json", ...args);

    const command = await execute("--command", "INSERT INTO t VALUES(1); SELECT a FROM t");
    expect(JSON.parse(command.stdout)).toMatchObject([
      { results: [], success: true },
      { results: [{ a: 1 }], success: true, meta: { served_by_colo: "AMS" } },
    ]);
    const refused = await execute("--command", "SELEC");
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: {
        name: "APIError",
        code: 7500,
        notes: [{ text: 'near "SELEC": syntax error at offset 0: SQLITE_ERROR [code: 7500]' }],
      },
    });
    expect(asked(cloudflare)).toEqual(["d1.query", "d1.query 400"]);

    write("good.sql", "INSERT INTO t VALUES(2);\nINSERT INTO t VALUES(3);\n");
    const file = await execute("--file", "good.sql");
    expect(file.stdout).toContain(database.bookmark());
    const upload = ["d1.import", "d1.import.upload", "d1.import", "d1.import"];
    expect(asked(cloudflare)).toEqual(upload);

    write("bad.sql", "INSERT INTO t VALUES(4);\nSELEC;\n");
    const bad = await execute("--file", "bad.sql");
    expect([bad.code, bad.stdout]).toEqual([1, expect.stringContaining("SELEC")]);
    expect(db.prepare(ROWS).all()).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  test("exports the same dump as from a real workerd", async () => {
    const { cloudflare, database, dir, run } = await wranglerProject();
    cloudflare.settings.infinity = "9e999";
    const sql = String.raw`CREATE TABLE child(id INTEGER PRIMARY KEY AUTOINCREMENT, p REFERENCES "parent"(id), v);
      CREATE TABLE "parent" (id INTEGER PRIMARY KEY, "odd ""name" TEXT, g INT AS (id + 1));
      CREATE INDEX z ON child(v);
      CREATE VIEW w AS SELECT 1;
      CREATE TRIGGER g AFTER INSERT ON child BEGIN SELECT 1; END;
      CREATE INDEX a ON child(p);
      INSERT INTO "parent"(id) VALUES(1);
      INSERT INTO child(p, v) VALUES(1, 9007199254740993), (1, 1.0), (1, 9e999), (NULL, -9e999), (1, x'00Ff'), (1, x''),
        (1, 'it''s'), (1, 'a\n' || char(10) || 'b'), (1, 'a' || char(13, 10)), (1, 1e300), (1, -0.0), (1, '\r' || char(13));
      ANALYZE "parent";`;
    using db = database.open();
    db.exec(sql);
    const remote = await run("d1", "export", "DB", "--remote", "--output", "remote.sql");
    expect(remote.code).toBe(0);
    expect(asked(cloudflare)).toEqual(["d1.export 202", "d1.export", "d1.export.download"]);

    writeFileSync(join(dir, "in.sql"), sql);
    await run("d1", "execute", "DB", "--local", "--file", "in.sql");
    await run("d1", "export", "DB", "--local", "--output", "local.sql");
    const [here, there] = ["remote.sql", "local.sql"].map((name) =>
      readFileSync(join(dir, name), "utf8").split("\n"),
    );
    expect(here).toEqual(there);
    expect(here?.length).toBeGreaterThan(20);
  });

  test("exports virtual tables in the format of SQLite's command line", async () => {
    const { database, dir, run } = await wranglerProject();
    using db = database.open();
    db.exec("CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('red'), ('it''s; green')");
    const usual = await run("d1", "export", "DB", "--remote", "--output", "usual.sql");
    expect(usual.code).toBe(1);
    const format = ["--compatibility", "sqlite3_cli_only"];
    const exported = await run("d1", "export", "DB", "--remote", "--output", "f.sql", ...format);
    expect(exported.code).toBe(0);
    const file = join(dir, "f.sqlite");
    await loadDump(join(dir, "f.sql"), file, { format: "sqlite3" });
    using loaded = new DatabaseSync(file);
    expect(loaded.prepare("SELECT a FROM f WHERE f MATCH 'green'").all()).toEqual([
      { a: "it's; green" },
    ]);
  });

  test("restores a bookmark and undoes the restore", async () => {
    const { cloudflare, database, query, run } = await wranglerProject();
    await query("CREATE TABLE t(a)");
    const bookmark = database.bookmark();
    await query("INSERT INTO t VALUES(1)");
    asked(cloudflare);
    const now = await run("d1", "time-travel", "info", "DB", "--json");
    expect(JSON.parse(now.stdout)).toEqual({ bookmark: database.bookmark() });

    const travel = (to: string): Promise<Run> =>
      run("d1", "time-travel", "restore", "DB", "--json", `--bookmark=${to}`);
    const restore = await travel(bookmark);
    expect(restore.code).toBe(0);
    const [, previous = ""] = /"previous_bookmark": "([^"]+)"/.exec(restore.stdout) ?? [];
    using db = database.open();
    expect(db.prepare(ROWS).all()).toEqual([]);
    await travel(previous);
    expect(db.prepare(ROWS).all()).toEqual([{ a: 1 }]);
    expect(asked(cloudflare)).toEqual([
      "d1.get",
      "d1.timeTravel.bookmark",
      "d1.get",
      "d1.timeTravel.restore",
      "d1.get",
      "d1.timeTravel.restore",
    ]);
  });
});

describe("the real wrangler on a failing network", () => {
  const migrations = { "migrations/0001_a.sql": "CREATE TABLE t(a);" };

  test("gives up after 429, and changes nothing", async () => {
    const { cloudflare, database, run } = await wranglerProject(migrations);
    const headers = { "Retry-After": "3" };
    cloudflare.order({ kind: "status", status: 429, headers, sql: /CREATE TABLE t\(/ });
    const { code, stdout, stderr } = await run("d1", "migrations", "apply", "DB", "--remote");
    expect([code, stdout + stderr]).toEqual([1, expect.stringContaining("[code: 971]")]);
    expect(asked(cloudflare)).toEqual(["d1.query", "d1.query", "d1.query 429"]);
    using db = database.open();
    expect(db.prepare("SELECT * FROM d1_migrations").all()).toEqual([]);
  });

  test("reports a failure if the answer is lost after the commit, although the migration is applied", async () => {
    const { cloudflare, database, run } = await wranglerProject(migrations);
    cloudflare.order({ kind: "cut", when: "after", sql: /CREATE TABLE t\(/ });
    const apply = await run("d1", "migrations", "apply", "DB", "--remote");
    expect([apply.code, apply.stdout]).toEqual([1, expect.stringContaining("❌")]);
    expect(cloudflare.log.at(-1)).toMatchObject({ executed: true, fault: "cut after" });
    using db = database.open();
    expect(db.prepare("SELECT name FROM d1_migrations").all()).toEqual([{ name: "0001_a.sql" }]);
    const again = await run("d1", "migrations", "apply", "DB", "--remote");
    expect([again.code, again.stdout]).toEqual([
      0,
      expect.stringContaining("No migrations to app"),
    ]);
  });

  test("reports a gateway's page and a token without permissions", async () => {
    const { cloudflare, run } = await wranglerProject();
    const select = ["d1", "execute", "DB", "--remote", "--command", "SELECT 1"];
    cloudflare.order({ kind: "html" });
    const page = await run(...select);
    expect([page.code, page.stdout + page.stderr]).toEqual([
      1,
      expect.stringContaining("malformed response"),
    ]);
    asked(cloudflare);

    cloudflare.tokens.add(cloudflare.token, { d1: "none", owner: "account" });
    const denied = await run(...select);
    expect([denied.code, denied.stdout + denied.stderr]).toEqual([
      1,
      expect.stringContaining("[code: 10000]"),
    ]);
    // wrangler then requests the token's user.
    expect(asked(cloudflare).slice(0, 2)).toEqual(["d1.query 403", "user.tokens.verify 401"]);
  });
});
