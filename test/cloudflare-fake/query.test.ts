import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { folder } from "../files/temporary-folder.ts";
import { fakeFixture, rowsOf } from "./fake-fixture.ts";

describe("/query and /raw", () => {
  test("return a result per statement, as objects or arrays", async () => {
    const { d1 } = await fakeFixture();
    const sql =
      "CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 'x;y'); -- and\nSELECT a, b, a FROM t";
    const said = await d1("POST", "/query", { sql });
    expect(said.status).toBe(200);
    expect(said.body.result).toMatchObject([
      { success: true, results: [], meta: { changes: 0, served_by_region: "WEUR" } },
      { success: true, results: [], meta: { changes: 1, last_row_id: 1, changed_db: true } },
      { success: true, results: [{ a: 1, b: "x;y" }], meta: { rows_read: 1, changed_db: false } },
    ]);
    const raw = await d1("POST", "/raw", { sql: "SELECT a, b, a FROM t" });
    expect(rowsOf(raw)).toEqual([{ columns: ["a", "b", "a"], rows: [[1, "x;y", 1]] }]);
  });

  test("run a batch in one transaction", async () => {
    const { d1, query } = await fakeFixture();
    await query("CREATE TABLE t(a UNIQUE)");
    const batch = (...values: number[]): unknown => ({
      batch: values.map((value) => ({ sql: "INSERT INTO t VALUES(?)", params: [value] })),
    });
    expect((await d1("POST", "/query", batch(1, 2))).body.result).toHaveLength(2);
    const refused = await d1("POST", "/query", batch(3, 1));
    expect(refused.status).toBe(400);
    expect(refused.body).toEqual({
      success: false,
      errors: [
        {
          code: 7500,
          message: expect.stringMatching(/^UNIQUE constraint failed: t.a: SQLITE_CONSTRAINT/),
        },
      ],
      messages: [],
      result: [],
    });
    expect(rowsOf(await query("SELECT a FROM t"))).toEqual([[{ a: 1 }, { a: 2 }]]);
  });

  test.each([
    ["a body that is not JSON", "sql", 400, 7400, /JSON/],
    ["a body without sql", {}, 400, 7400, /sql/],
    [
      "parameters for two statements",
      { sql: "SELECT ?; SELECT 1", params: [1] },
      400,
      7400,
      /multiple stat/,
    ],
    ["an object as a parameter", { sql: "SELECT ?", params: [{}] }, 400, 7400, /Type 'object'/],
    ["too few parameters", { sql: "SELECT ?" }, 400, 7500, /^Wrong number of parameter bindings/],
    ["a comment alone", { sql: " -- x\n;" }, 400, 7500, /^No SQL statements detected\.$/],
    ["a typo", { sql: "SELECT 1; SELEC" }, 400, 7500, /^near "SELEC": syntax error at offset 0: S/],
    ["BEGIN", { sql: "BEGIN" }, 400, 7500, /^To execute a transaction/],
    ["a reserved table", { sql: "SELECT * FROM _cf_KV" }, 400, 7500, /_cf_KV.* is prohibited/],
    [
      "a breakpoint in place of a semicolon",
      { sql: "SELECT 1 --> statement-breakpoint\nSELECT 2" },
      400,
      7500,
      /near/,
    ],
    [
      "an incomplete statement",
      { sql: "CREATE TABLE t(" },
      400,
      7500,
      /^incomplete input: SQLITE_ERROR$/,
    ],
  ])("reject %s with D1's status and code", async (_, body, status, code, message) => {
    const { d1, database, cloudflare } = await fakeFixture();
    const before = database.bookmark();
    const said = await d1("POST", "/query", body);
    expect(said.status).toBe(status);
    expect(said.body.errors).toEqual([{ code, message: expect.stringMatching(message) }]);
    expect(database.bookmark()).toBe(before);
    expect(cloudflare.log).toMatchObject([{ executed: false, status }]);
  });

  test("report a deferred foreign key without a parent as an internal error and roll back", async () => {
    const { query } = await fakeFixture();
    await query("CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p)");
    const said = await query("PRAGMA defer_foreign_keys=ON; INSERT INTO c VALUES(1)");
    expect(said.status).toBe(500);
    expect(said.body.errors).toEqual([
      { code: 7500, message: expect.stringMatching(/^internal error; reference = \w{32}$/) },
    ]);
    expect(rowsOf(await query("SELECT * FROM c"))).toEqual([[]]);
  });

  test("roll back a query that takes too long", async () => {
    const { cloudflare, query } = await fakeFixture();
    await query("CREATE TABLE t(a)");
    const { queryTimeoutMs } = cloudflare.settings;
    cloudflare.settings.queryTimeoutMs = 5;
    const long =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 300000) INSERT INTO t SELECT max(i) FROM n";
    const said = await query(long);
    expect([said.status, said.body.errors[0]?.code]).toEqual([504, 7009]);
    // On a busy machine, even this short query can take more than 5 ms.
    cloudflare.settings.queryTimeoutMs = queryTimeoutMs;
    expect(rowsOf(await query("SELECT * FROM t"))).toEqual([[]]);
  });

  test("read and return values as JSON represents them", async () => {
    const { query } = await fakeFixture();
    const sql = "SELECT ?1 v, typeof(?1) t";
    const pairs = [];
    for (const value of [1, true, null, "x", "\ud800", [1, 255], -0]) {
      pairs.push(...(rowsOf(await query(sql, [value]))[0] as { v: unknown; t: string }[]));
    }
    expect(pairs.map(({ v, t }) => [v, t])).toEqual([
      [1, "real"],
      [1, "real"],
      [null, "null"],
      ["x", "text"],
      ["\ufffd", "text"],
      [[1, 255], "blob"],
      [0, "real"],
    ]);
    const out = "SELECT 9007199254740993 big, 9e999 far, -9e999 deep, x'00ff' bytes, '\ud800' odd";
    expect(rowsOf(await query(out))).toEqual([
      [{ big: 9007199254740992, far: null, deep: null, bytes: [0, 255], odd: "\ufffd" }],
    ]);
  });
});

describe("the splitter", () => {
  const trigger = (begin: string, body = "UPDATE t SET a=1;"): string =>
    `CREATE TABLE t(a); CREATE TRIGGER g AFTER INSERT ON t ${begin} ${body} SELECT 1; END; SELECT 2`;
  const cases = trigger("BEGIN", "UPDATE t SET a=CASE WHEN 1 THEN 2 END;");

  test.each([
    ["upper case", trigger("BEGIN"), 3, 3],
    ["lower case", trigger("begin"), 3, "incomplete input: SQLITE_ERROR"],
    ["CRLF", trigger("BEGIN\r\n"), 3, "incomplete input: SQLITE_ERROR"],
    ["CASE … END;", cases, 3, "incomplete input: SQLITE_ERROR"],
  ])(
    "splits a trigger like D1's API, or like SQLite, as configured: %s",
    async (_, sql, strong, weak) => {
      for (const [splitter, expected] of [
        ["sqlite", strong],
        ["weak", weak],
      ] as const) {
        const { query } = await fakeFixture({ splitter });
        const { body } = await query(sql);
        expect(body.success ? rowsOf({ body } as never).length : body.errors[0]?.message).toBe(
          expected,
        );
      }
    },
  );
});

test("the fake uses an existing file and keeps it after it is closed", async () => {
  const { cloudflare, ask } = await fakeFixture();
  using root = folder({});
  const path = join(root.path, "own.sqlite");
  const own = new DatabaseSync(path);
  own.exec("CREATE TABLE t(a); INSERT INTO t VALUES('mine')");
  const { id } = cloudflare.createDatabase({ name: "taken", path });
  const said = await ask("POST", `/d1/database/${id}/query`, { sql: "UPDATE t SET a='ours'" });
  expect(said.status).toBe(200);
  await cloudflare.close();
  expect(own.prepare("SELECT a FROM t").all()).toEqual([{ a: "ours" }]);
  own.close();
});
