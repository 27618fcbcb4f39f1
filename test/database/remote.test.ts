import type { D1Database as CloudflareD1 } from "@cloudflare/workers-types";
import * as fc from "fast-check";
import { type Generated, Kysely } from "kysely";
import { D1Dialect } from "kysely-d1";
import { describe, expect, expectTypeOf, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import type { ClientDatabase } from "../../src/database/client.ts";
import { fakeRemote } from "./remote-fixture.ts";

describe("the remote database", () => {
  test("runs code that was written for a Worker", async () => {
    expectTypeOf<ClientDatabase["d1"]>().toExtend<CloudflareD1>();
    const { d1 } = await fakeRemote();
    expect(await script(d1)).toEqual({
      first: { id: 2, name: "Bo", photo: [1, 2, 255] },
      names: ["Ada", "Bo"],
      raw: [
        ["id", "name"],
        [1, "Ada"],
        [2, "Bo"],
      ],
      changes: [1, 2],
      none: null,
      count: 2,
    });
  });

  test("runs queries of kysely", async () => {
    interface Schema {
      person: { id: Generated<number>; name: string; age: number | null };
    }
    const { d1 } = await fakeRemote();
    const db = new Kysely<Schema>({ dialect: new D1Dialect({ database: d1 }) });
    await db.schema
      .createTable("person")
      .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("name", "text", (column) => column.notNull().unique())
      .addColumn("age", "integer")
      .execute();
    const inserted = await db
      .insertInto("person")
      .values([
        { name: "Ada", age: 36 },
        { name: "Bo", age: null },
      ])
      .executeTakeFirst();
    expect(inserted).toMatchObject({ insertId: 2n, numInsertedOrUpdatedRows: 2n });
    const updated = await db
      .updateTable("person")
      .set({ age: 37 })
      .where("name", "=", "Ada")
      .returning(["id", "age"])
      .execute();
    expect(updated).toEqual([{ id: 1, age: 37 }]);
    await expect(db.insertInto("person").values({ name: "Ada", age: 1 }).execute()).rejects.toThrow(
      "UNIQUE constraint failed: person.name",
    );
    const names = await db.selectFrom("person").select("name").orderBy("name", "desc").execute();
    expect(names).toEqual([{ name: "Bo" }, { name: "Ada" }]);
  });

  test("openRemote makes no call before the first statement, and close makes none", async () => {
    const { remote, cloudflare } = await fakeRemote();
    remote.d1.prepare("SELECT 1");
    remote.close();
    expect(cloudflare.log).toEqual([]);
    expect(await remote.d1.prepare("SELECT 1 AS a").first("a")).toBe(1);
  });

  test("openRemote returns Cloudflare's bookmark", async () => {
    const { remote, database } = await fakeRemote({ timeTravel: "bookmarks only" });
    expect(await remote.bookmark?.()).toBe(database.bookmark());
  });

  test("a session of openRemote reads and writes, and dump fails", async () => {
    const { d1 } = await fakeRemote();
    const session = d1.withSession("first-primary");
    expect(await session.prepare("SELECT 1 AS a").first("a")).toBe(1);
    expect(session.getBookmark()).toBeNull();
    await expect(d1.dump()).rejects.toThrow("D1_DUMP_ERROR");
  });
});

/** Code as in a Worker. */
async function script(db: CloudflareD1): Promise<unknown> {
  await db.exec("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, photo BLOB)");
  const insert = db.prepare("INSERT INTO users(name, photo) VALUES (?, ?)");
  const results = await db.batch([
    insert.bind("Ada", null),
    db.prepare("INSERT INTO users(name) VALUES ('Bob'), ('Cy')"),
  ]);
  await db.prepare("DELETE FROM users WHERE name = ?1").bind("Cy").run();
  await db
    .prepare("UPDATE users SET name = ?2, photo = ?3 WHERE name = ?1")
    .bind("Bob", "Bo", new Uint8Array([1, 2, 255]))
    .run();
  const { results: names } = await db.prepare("SELECT name FROM users").all<{ name: string }>();
  return {
    first: await db.prepare("SELECT * FROM users WHERE id = ?").bind(2).first(),
    names: names.map(({ name }) => name),
    raw: await db.prepare("SELECT id, name FROM users").raw({ columnNames: true }),
    changes: results.map(({ meta }) => meta.changes),
    none: await db.prepare("SELECT * FROM users WHERE id = 99").first(),
    count: await db.prepare("SELECT count(*) AS n FROM users").first("n"),
  };
}

describe("a value in the remote database", () => {
  test("is written and read back if it has a megabyte of bytes", async () => {
    const { d1 } = await fakeRemote();
    const bytes = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 31) % 256);
    await d1.exec("CREATE TABLE t(a)");
    await d1.prepare("INSERT INTO t VALUES (?)").bind(bytes).run();
    expect(await d1.prepare("SELECT length(a) AS n FROM t").first("n")).toBe(1_000_000);
    const read = await d1.prepare("SELECT a FROM t").first<number[]>("a");
    expect(Buffer.from(read ?? []).equals(Buffer.from(bytes))).toBe(true);
  });

  test("keeps a NUL in a bound text", async () => {
    const { d1, database } = await fakeRemote();
    await d1.exec("CREATE TABLE t(a)");
    await d1.prepare("INSERT INTO t VALUES (?)").bind("a\0b").run();
    expect(await d1.prepare("SELECT a FROM t").first("a")).toBe("a\0b");
    using db = database.open();
    expect(db.prepare("SELECT hex(a) AS a FROM t").get()).toEqual({ a: "610062" });
  });

  test.each([
    ["a text", "\uD83D"],
    ["a text", "a\uDE00b"],
    ["two lone surrogates in the wrong order", "\uDE00\uD83D"],
  ])("is rejected before it is sent if it has a lone surrogate: %s, %j", async (_, text) => {
    const { d1, cloudflare } = await fakeRemote();
    expect(() => d1.prepare("SELECT ?").bind(text)).toThrow(/^D1_TYPE_ERROR: .*surrogate/);
    await expect(d1.prepare(`SELECT '${text}'`).all()).rejects.toThrow(
      /^D1_TYPE_ERROR: .*surrogate/,
    );
    await expect(d1.exec(`SELECT '${text}'`)).rejects.toThrow(/^D1_TYPE_ERROR: .*surrogate/);
    expect(cloudflare.log).toEqual([]);
    expect(await d1.prepare("SELECT ? AS a").bind("😀").first("a")).toBe("😀");
  });

  test.each([Number.NaN, Infinity, -Infinity])("is rejected by bind if it is %d", async (value) => {
    const { d1 } = await fakeRemote();
    expect(() => d1.prepare("SELECT ?").bind(value)).toThrow(/^D1_TYPE_ERROR: .*NULL/);
  });

  test("is stored if it is infinity written in SQL, and is read as NULL", async () => {
    const { d1, database } = await fakeRemote();
    await d1.exec("CREATE TABLE t(a)");
    await d1.exec("INSERT INTO t VALUES (1e999), (-9e999)");
    expect(await d1.prepare("SELECT a FROM t").raw()).toEqual([[null], [null]]);
    using db = database.open();
    expect(db.prepare("SELECT a FROM t").all()).toEqual([{ a: Infinity }, { a: -Infinity }]);
  });

  test("is a number in last_row_id, however large the id is", async () => {
    const { d1 } = await fakeRemote();
    const memory = openMemory();
    const last = async (one: D1Database): Promise<number> => {
      await one.exec("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      return (await one.prepare("INSERT INTO t VALUES (1152921504606846977)").run()).meta
        .last_row_id;
    };
    expect(await last(d1)).toBe(await last(memory.d1));
    memory.close();
  });

  /** The value that is read back, or the rejection. */
  async function roundTrip(d1: D1Database, values: readonly unknown[]): Promise<unknown> {
    const marks = values.map((_, i) => `?${i + 1} AS v${i}, typeof(?${i + 1}) AS t${i}`);
    try {
      return await d1
        .prepare(`SELECT ${marks.join(", ")}`)
        .bind(...values)
        .first();
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("D1_TYPE_ERROR")) return "refused";
      throw error;
    }
  }

  test("is read back as from a database in memory, or is rejected", async () => {
    const { d1 } = await fakeRemote();
    const memory = openMemory();
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.array(fc.integer({ min: 0, max: 0xff_ff })).map((units) => String.fromCharCode(...units)),
      fc.double(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.constantFrom(-0, 2 ** 53, 2 ** 63, -(2 ** 63), 1e17, 1e21),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.uint8Array(),
      fc.uint8Array().map(({ buffer }) => buffer),
      fc.array(fc.integer({ min: -1, max: 256 })),
      fc.bigInt(),
      fc.object(),
    );
    let same = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 4 }), async (values) => {
        const there = await roundTrip(d1, values);
        if (there === "refused") return;
        same += 1;
        expect(there).toEqual(await roundTrip(memory.d1, values));
      }),
      { numRuns: 120, seed: 6 },
    );
    memory.close();
    expect(same).toBeGreaterThan(50);
  });

  test("is rejected if a database in memory rejects it", async () => {
    const { d1 } = await fakeRemote();
    const memory = openMemory();
    for (const value of [1n, undefined, {}, new Date(0), [256], ["a"], Symbol.iterator]) {
      expect(await roundTrip(d1, [value])).toBe("refused");
      expect(await roundTrip(memory.d1, [value])).toBe("refused");
    }
    memory.close();
  });
});

describe("the remote database, opened for reading,", () => {
  test.each([
    "INSERT INTO t VALUES (1)",
    "DELETE FROM t",
    "DROP TABLE t",
    "WITH x AS (SELECT 1) DELETE FROM t",
    "SELECT 1; DELETE FROM t",
    "PRAGMA optimize",
    "PRAGMA foreign_keys = OFF",
    "ANALYZE",
    "gibberish",
  ])("rejects a statement that writes before it is sent: %s", async (sql) => {
    const { d1, cloudflare } = await fakeRemote({}, "read");
    await expect(d1.prepare(sql).run()).rejects.toMatchObject({
      code: "DATABASE_READ_ONLY",
      message: expect.stringContaining("shop-db"),
    });
    await expect(d1.batch([d1.prepare("SELECT 1"), d1.prepare(sql)])).rejects.toMatchObject({
      code: "DATABASE_READ_ONLY",
    });
    expect(cloudflare.log).toEqual([]);
  });

  test.each([
    "SELECT 1",
    "VALUES (1)",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "EXPLAIN CREATE TABLE t(a)",
    "PRAGMA table_info(t)",
    "PRAGMA foreign_key_check",
    "SELECT 9007199254740993",
  ])("sends a statement that reads: %s", async (sql) => {
    const { d1 } = await fakeRemote({}, "read");
    await d1.prepare(sql).all();
  });
});

describe("an answer of the remote database", () => {
  const said = (result: string): { kind: "malformed"; body: string } => ({
    kind: "malformed",
    body: `{"success":true,"errors":[],"messages":[],"result":${result}}`,
  });
  const one = '{"success":true,"results":{"columns":["a"],"rows":[[1]]},"meta":{}}';

  test.each([
    ["one result too many", `[${one},${one}]`],
    ["one result too few", "[]"],
    ["a null", "null"],
    ["an object", "{}"],
    ["a text", '"text"'],
    ["a list of null", "[null]"],
    ["a failed result without rows and columns", '[{"success":false,"error":"no such table"}]'],
    ["rows that are not a list", '[{"success":true,"results":{"columns":["a"],"rows":"x"}}]'],
    ["a row that is not a list", '[{"success":true,"results":{"columns":["a"],"rows":[7]}}]'],
  ])("fails if it does not match the statements: %s", async (_, result) => {
    const { d1, cloudflare } = await fakeRemote();
    cloudflare.order(said(result));
    await expect(d1.prepare("SELECT 1 AS a").all()).rejects.toMatchObject({
      name: "OpsError",
      code: "API_REFUSED",
    });
    // An answer that cannot be read does not say whether the write was carried out.
    cloudflare.order(said(result));
    await expect(d1.prepare("CREATE TABLE t(a)").run()).rejects.toMatchObject({
      name: "OpsError",
      code: "OUTCOME_UNKNOWN",
    });
  });

  test("is accepted if it has only the required fields", async () => {
    const { d1, cloudflare } = await fakeRemote();
    cloudflare.order(said('[{"results":{"columns":["a"],"rows":[[1]]}}]'));
    expect(await d1.prepare("SELECT 1 AS a").all()).toMatchObject({
      success: true,
      results: [{ a: 1 }],
      meta: { changes: 0, duration: 0, last_row_id: 0, changed_db: false },
    });
  });

  test("makes a write fail with an error that says that D1 carried it out, if it does not match the statement", async () => {
    const { d1, cloudflare } = await fakeRemote();
    await d1.exec("CREATE TABLE t(a)");
    cloudflare.order(said(`[${one},${one}]`));
    await expect(d1.prepare("INSERT INTO t VALUES (1)").run()).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
      message: expect.stringMatching(/carried out|stands/),
    });
  });

  test.each([
    ["small letters", "CREATE TRIGGER g AFTER INSERT ON t begin DELETE FROM t; SELECT 1; end"],
    ["CRLF", "CREATE TRIGGER g AFTER INSERT ON t BEGIN\r\nDELETE FROM t;\r\nEND"],
    [
      "a CASE at the end",
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; END",
    ],
  ])(
    "is an error if D1 splits a trigger in the middle, and nothing is changed: %s",
    async (_, sql) => {
      const { d1, cloudflare, database } = await fakeRemote({ splitter: "weak" });
      await d1.exec("CREATE TABLE t(a)");
      const making = d1.batch([d1.prepare("INSERT INTO t VALUES (1)"), d1.prepare(sql)]);
      await expect(making).rejects.toThrow(/^D1_ERROR: .*incomplete input/);
      cloudflare.settings.splitter = "sqlite";
      using db = database.open();
      expect(db.prepare("SELECT (SELECT count(*) FROM t) AS n").get()).toEqual({ n: 0 });
      await d1.prepare(sql).run();
    },
  );
});

describe("a statement that fails in the remote database", () => {
  test.each([
    ["SELEC", 'D1_ERROR: near "SELEC": syntax error at offset 0: SQLITE_ERROR'],
    ["SELECT * FROM nope", "D1_ERROR: no such table: nope: SQLITE_ERROR"],
    ["BEGIN", /^D1_ERROR: To execute a transaction/],
  ])("fails with D1's message: %s", async (sql, message) => {
    const { d1, cloudflare } = await fakeRemote();
    await expect(d1.prepare(sql).all()).rejects.toThrow(message);
    expect(cloudflare.log).toHaveLength(1);
  });

  test("is not repeated if the message of a user's trigger looks like an outage", async () => {
    const { d1, cloudflare } = await fakeRemote();
    await d1.exec("CREATE TABLE t(a)");
    await d1.exec(
      "CREATE TRIGGER g BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'the password was reset'); END;",
    );
    const before = cloudflare.log.length;
    await expect(d1.prepare("INSERT INTO t VALUES (1)").run()).rejects.toThrow(
      "D1_ERROR: the password was reset: SQLITE_CONSTRAINT",
    );
    expect(cloudflare.log.slice(before)).toHaveLength(1);
  });

  test.each([
    ["a write", "INSERT INTO t VALUES (1)", "OUTCOME_UNKNOWN", 1],
    ["a read", "SELECT * FROM t", "API_UNREACHABLE", 7],
  ])("fails with the right code after lost answers: %s", async (_, sql, code, times) => {
    const { d1, cloudflare } = await fakeRemote();
    await d1.exec("CREATE TABLE t(a)");
    const before = cloudflare.log.length;
    cloudflare.order({ kind: "cut", when: "after", times: Infinity });
    await expect(d1.prepare(sql).run()).rejects.toMatchObject({
      code,
      message: expect.stringContaining("the database shop-db"),
    });
    expect(cloudflare.log.slice(before)).toHaveLength(times);
  });

  test("is repeated until a running export has ended", async () => {
    const { d1, cloudflare } = await fakeRemote();
    await d1.exec("CREATE TABLE t(a)");
    const message = "Currently processing a long-running export.";
    cloudflare.order({ kind: "status", status: 400, errors: [{ code: 7500, message }], times: 3 });
    await d1.prepare("INSERT INTO t VALUES (1)").run();
    expect(await d1.prepare("SELECT count(*) AS n FROM t").first("n")).toBe(1);
  });

  test("is rejected by batch if another library created it", async () => {
    const { d1 } = await fakeRemote();
    await expect(d1.batch([{ ...d1.prepare("SELECT 1") }])).rejects.toThrow("batch() accepts only");
  });
});
