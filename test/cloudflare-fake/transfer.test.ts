import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test, onTestFinished, vi } from "vitest";
import { fakeFixture, type FakeFixture, rowsOf, type FakeResponse } from "./fake-fixture.ts";

const START = { output_format: "polling" };

interface Progress {
  readonly status: string;
  readonly at_bookmark: string;
  readonly error?: string;
  readonly result?: Record<string, unknown>;
}

const progressOf = ({ body }: FakeResponse): Progress => body.result as Progress;

async function dumpOf({ d1 }: FakeFixture, options: object = {}): Promise<string> {
  const started = await d1("POST", "/export", { ...START, dump_options: options });
  const current_bookmark = progressOf(started).at_bookmark;
  const { result } = progressOf(await d1("POST", "/export", { ...START, current_bookmark }));
  return (await fetch(String(result?.["signed_url"]))).text();
}

describe("export", () => {
  test("is polled until it is ready, and queries are rejected meanwhile", async () => {
    const { cloudflare, d1, database, query } = await fakeFixture({ pace: { polls: 2 } });
    await query("CREATE TABLE t(a)");
    const started = await d1("POST", "/export", START);
    expect(started.status).toBe(202);
    const { at_bookmark } = progressOf(started);
    expect(at_bookmark).toBe(database.bookmark());
    const blocked = await query("SELECT 1");
    expect(blocked.body.errors[0]?.message).toBe("Currently processing a long-running export.");
    expect(progressOf(await d1("POST", "/export", START)).error).toMatch(/Cannot start a new exp/);

    const poll = { ...START, current_bookmark: at_bookmark };
    expect((await d1("POST", "/export", poll)).status).toBe(202);
    const done = await d1("POST", "/export", poll);
    expect(done.status).toBe(200);
    expect(progressOf(done)).toMatchObject({ status: "complete", at_bookmark });
    expect((await query("SELECT 1")).status).toBe(200);

    const file = await fetch(String(progressOf(done).result?.["signed_url"]));
    const text = await file.text();
    expect(file.headers.get("etag")).toBe(`"${createHash("md5").update(text).digest("hex")}"`);
    expect(text).toBe("PRAGMA defer_foreign_keys=TRUE;\nCREATE TABLE t(a);");
    const url = String(progressOf(done).result?.["signed_url"]);
    expect((await fetch(url.replace("exports/", "exports/0"))).status).toBe(403);
    cloudflare.clockSkewMs = 3_601_000;
    expect((await fetch(url)).status).toBe(403);
  });

  test("is cancelled if the client does not poll it", async () => {
    const { d1, query } = await fakeFixture({ pace: { patienceMs: 60_000 } });
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const { at_bookmark: current_bookmark } = progressOf(await d1("POST", "/export", START));
    expect((await query("SELECT 1")).status).toBe(400);
    vi.setSystemTime(Date.now() + 60_001);
    expect((await query("SELECT 1")).status).toBe(200);
    const late = progressOf(await d1("POST", "/export", { ...START, current_bookmark }));
    expect(late).toMatchObject({ success: false, error: "Not currently exporting anything." });
  });

  test("returns a dump with the flaws of the real export", async () => {
    const home = await fakeFixture();
    using db = home.database.open();
    db.exec(`CREATE TABLE child(id INTEGER PRIMARY KEY AUTOINCREMENT, p REFERENCES parent(id), v);
      CREATE TABLE "parent" (id INTEGER PRIMARY KEY);
      CREATE VIEW a_view AS SELECT 1;
      CREATE TRIGGER a_trigger AFTER INSERT ON parent BEGIN SELECT 1; END;
      CREATE INDEX z_index ON child(v);
      INSERT INTO parent VALUES(1);
      INSERT INTO child(p, v) VALUES(1, 9007199254740993), (1, 1.0), (1, 9e999), (1, x'00Ff'), (1, 'it''s'),
        (NULL, 'a\\n' || char(10) || 'b'), (1, 'a' || char(13))`);
    const rows = [
      "1,1,9007199254740992",
      "2,1,1",
      "3,1,Infinity",
      "4,1,X'00ff'",
      "5,1,'it''s'",
      String.raw`6,NULL,replace('a\n\nb','\n',char(10))`,
      String.raw`7,1,replace('a\r','\r',char(13))`,
    ];
    expect((await dumpOf(home)).split("\n")).toEqual([
      "PRAGMA defer_foreign_keys=TRUE;",
      "CREATE TABLE child(id INTEGER PRIMARY KEY AUTOINCREMENT, p REFERENCES parent(id), v);",
      ...rows.map((row) => `INSERT INTO "child" ("id","p","v") VALUES(${row});`),
      'CREATE TABLE IF NOT EXISTS "parent" (id INTEGER PRIMARY KEY);',
      'INSERT INTO "parent" ("id") VALUES(1);',
      "DELETE FROM sqlite_sequence;",
      `INSERT INTO "sqlite_sequence" ("name","seq") VALUES('child',7);`,
      "CREATE INDEX z_index ON child(v);",
      "CREATE TRIGGER a_trigger AFTER INSERT ON parent BEGIN SELECT 1; END;",
      "CREATE VIEW a_view AS SELECT 1;",
    ]);
    expect(await dumpOf(home, { no_data: true, tables: ["parent", "z_index"] })).toBe(
      'PRAGMA defer_foreign_keys=TRUE;\nCREATE TABLE IF NOT EXISTS "parent" (id INTEGER PRIMARY KEY);\nCREATE INDEX z_index ON child(v);',
    );
    home.cloudflare.settings.infinity = "9e999";
    expect(await dumpOf(home, { no_schema: true, tables: ["child"] })).toContain("(3,1,9e999)");
  });

  test("is rejected for virtual tables", async () => {
    const { d1, query } = await fakeFixture();
    await query("CREATE VIRTUAL TABLE f USING fts5(a)");
    expect(progressOf(await d1("POST", "/export", START)).error).toBe(
      "D1 Export error: cannot export databases with Virtual Tables (fts5)",
    );
    expect((await query("SELECT 1")).status).toBe(200);
  });
});

/** A whole import of a file. */
async function importFile({ d1 }: FakeFixture, sql: string): Promise<Progress> {
  const etag = createHash("md5").update(sql).digest("hex");
  const init = (await d1("POST", "/import", { action: "init", etag })).body.result;
  const { filename, upload_url } = init as { filename: string; upload_url?: string };
  let bookmark = (init as Progress).at_bookmark;
  if (upload_url !== undefined) {
    const put = await fetch(upload_url, { method: "PUT", body: sql });
    expect([put.status, put.headers.get("etag")]).toEqual([200, `"${etag}"`]);
    const started = await d1("POST", "/import", { action: "ingest", filename, etag });
    expect(progressOf(started)).toMatchObject({ status: "active" });
    bookmark = progressOf(started).at_bookmark;
  }
  return progressOf(await d1("POST", "/import", { action: "poll", current_bookmark: bookmark }));
}

describe("import", () => {
  test("uploads a file once and can run it again", async () => {
    const home = await fakeFixture();
    const sql = "CREATE TABLE IF NOT EXISTS t(a); INSERT INTO t VALUES(1);";
    const first = await importFile(home, sql);
    expect(first).toMatchObject({ status: "complete", result: { num_queries: 2 } });
    expect(first.result?.["final_bookmark"]).toBe(home.database.bookmark());
    await importFile(home, sql);
    expect(home.cloudflare.operations()).toEqual([
      "d1.import",
      "d1.import.upload",
      ...Array(4).fill("d1.import"),
    ]);
    expect(rowsOf(await home.query("SELECT a FROM t"))).toEqual([[{ a: 1 }, { a: 1 }]]);
  });

  test("rolls back all changes if it fails", async () => {
    const home = await fakeFixture();
    await home.query("CREATE TABLE t(a); INSERT INTO t VALUES('before')");
    const many = "INSERT INTO t VALUES(1);".repeat(250);
    const failed = await importFile(home, `${many} DROP TABLE t; SELEC;`);
    expect(failed).toMatchObject({
      status: "error",
      error: 'near "SELEC": syntax error at offset 0: SQLITE_ERROR',
      errors: [expect.stringContaining("SELEC")],
    });
    expect(rowsOf(await home.query("SELECT a FROM t"))).toEqual([[{ a: "before" }]]);
  });

  const tables = "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p);";
  const orphanFirst = `INSERT INTO c VALUES(1);${"SELECT 1;".repeat(150)}INSERT INTO p VALUES(1);`;
  test.each([
    [
      "foreign_keys=OFF takes effect, unlike in a query",
      `PRAGMA foreign_keys=OFF;${tables}${orphanFirst}`,
      "complete",
    ],
    ["foreign keys are enforced without that pragma", tables + orphanFirst, "error"],
    [
      "defer_foreign_keys does not span the file",
      `PRAGMA defer_foreign_keys=TRUE;${tables}${orphanFirst}`,
      "error",
    ],
    ["BEGIN is rejected", "BEGIN; SELECT 1; COMMIT;", "error"],
    [
      "a trigger in lower case is accepted",
      "CREATE TABLE t(a);\r\ncreate trigger g after insert on t begin\r\nselect 1; end;",
      "complete",
    ],
  ])("ends as Cloudflare's: %s", async (_, sql, status) => {
    expect(await importFile(await fakeFixture({ splitter: "weak" }), sql)).toMatchObject({
      status,
    });
  });

  test("rejects queries while it runs, and a file that does not match its ETag", async () => {
    const { d1, query } = await fakeFixture();
    const poll = { action: "poll", current_bookmark: "x" };
    expect(progressOf(await d1("POST", "/import", poll)).error).toBe(
      "Not currently importing anything.",
    );
    const etag = createHash("md5").update("SELECT 1;").digest("hex");
    const init = (await d1("POST", "/import", { action: "init", etag })).body.result;
    const { filename, upload_url } = init as { filename: string; upload_url: string };
    const ingest = { action: "ingest", filename, etag };
    expect(progressOf(await d1("POST", "/import", ingest)).error).toMatch(/not found/);
    await fetch(upload_url, { method: "PUT", body: "DROP TABLE t" });
    expect(progressOf(await d1("POST", "/import", ingest)).error).toBe("ETag mismatch");
    await fetch(upload_url, { method: "PUT", body: "SELECT 1;" });
    expect(progressOf(await d1("POST", "/import", ingest)).status).toBe("active");
    expect((await query("SELECT 1")).body.errors[0]?.message).toBe(
      "Currently processing a long-running import.",
    );
  });
});

test("a dump without flaws can be imported again", async () => {
  const from = await fakeFixture();
  await from.query(
    "CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 'x'), (2, NULL); CREATE INDEX i ON t(a)",
  );
  const text = await dumpOf(from);
  const into = await fakeFixture();
  expect(await importFile(into, text)).toMatchObject({ status: "complete" });
  expect(await dumpOf(into)).toBe(text);
  using db = new DatabaseSync(":memory:");
  db.exec(text);
  expect(db.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 2 });
});
