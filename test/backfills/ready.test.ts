import { describe, expect, test } from "vitest";
import { reconcile } from "../../src/backfills/rows-left.ts";
import type { D1Database } from "../../src/database/port.ts";
import { memory, plain, rowBackfill, rows, run } from "./engine.ts";

async function refusal(
  d1: D1Database,
  source: string,
  key: string,
): Promise<Record<string, unknown>> {
  const before = await rows(d1, "SELECT name FROM sqlite_schema ORDER BY 1");
  const inSql = plain(source, key, "UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo)");
  const thrown = await run(d1, inSql).catch((error: unknown) => error);
  const decide = (): { outcome: "skipped" } => ({ outcome: "skipped" });
  const byRows = rowBackfill({ source, key: key.split(",").map((one) => one.trim()), decide });
  const again = await run(d1, byRows).catch((error: unknown) => error);
  if (!(thrown instanceof Error) || !(again instanceof Error))
    throw new Error("it was not refused");
  expect(
    again.message.replace("0001_rows.ts", "0001_fill.sql").replace("0001_rows", "0001_fill"),
  ).toBe(thrown.message);
  expect(
    await rows(d1, "SELECT name FROM sqlite_schema ORDER BY 1"),
    "something was written",
  ).toEqual(before);
  return { ...Object.fromEntries(Object.entries(thrown)), message: thrown.message };
}

describe("requireKey", () => {
  test.each([
    [
      "the same number twice",
      "id INTEGER, n",
      "(1, 0), (2, 0), (2, 0), (3, 0)",
      "id",
      "id is 2 more than once",
    ],
    [
      "the same composite key twice",
      "id, b, n",
      "(1, 'x', 0), (1, 'y', 0), (1, 'y', 0)",
      "id, b",
      'id, b is 1, "y" more than once',
    ],
    [
      "half of a composite key",
      "id, b, n, PRIMARY KEY(id, b)",
      "(1, 'x', 0), (1, 'y', 0)",
      "id",
      "id is 1 more than once",
    ],
    [
      "two texts that are equal in the column's collation",
      "id TEXT COLLATE NOCASE, n, UNIQUE(id COLLATE BINARY)",
      "('a', 0), ('A', 0), ('b', 0)",
      "id",
      "more than once",
    ],
  ])(
    "rejects a key that is not unique, before the first write: %s",
    async (_, columns, values, key, reason) => {
      const d1 = await memory(`CREATE TABLE t(${columns});\nINSERT INTO t VALUES ${values}`);
      expect(await refusal(d1, "t", key)).toMatchObject({
        code: "BACKFILL_NOT_READY",
        message: expect.stringContaining(reason),
      });
    },
  );

  test.each([
    ["one column", "id INTEGER, n", "(1, 0), (NULL, 0)", "id"],
    [
      "a TEXT PRIMARY KEY, which SQLite lets be NULL",
      "id TEXT PRIMARY KEY, n",
      "('a', 0), (NULL, 0)",
      "id",
    ],
    ["one of two", "id, b, n, UNIQUE(id, b)", "(1, 2, 0), (1, NULL, 0)", "id, b"],
  ])(
    "rejects a key that can be NULL, before the first write: %s",
    async (_, columns, values, key) => {
      const d1 = await memory(`CREATE TABLE t(${columns});\nINSERT INTO t VALUES ${values}`);
      expect(await refusal(d1, "t", key)).toMatchObject({
        code: "BACKFILL_NOT_READY",
        message: expect.stringContaining("can be NULL"),
      });
    },
  );

  test("rejects a query that returns the same key twice, before the first write", async () => {
    const d1 = await memory(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, n);\nINSERT INTO t VALUES (1, 0), (2, 0)",
    );
    const source = "SELECT t.id AS id, other.n AS n FROM t JOIN t AS other";
    expect(await refusal(d1, source, "id")).toMatchObject({
      code: "BACKFILL_NOT_READY",
      message: expect.stringContaining("more than once"),
    });
  });

  test("rejects a key with a missing column, which SQLite would read as a text in double quotes", async () => {
    const d1 = await memory(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, n);\nINSERT INTO t VALUES (1, 0)",
    );
    expect(await refusal(d1, "t", "uid")).toMatchObject({
      code: "BACKFILL_INVALID",
      message: expect.stringContaining("the source has no column uid; it has id, n."),
    });
  });

  test("rejects a missing source table, before the first write", async () => {
    const d1 = await memory("CREATE TABLE t(id INTEGER PRIMARY KEY, n)");
    expect(await refusal(d1, "tt", "id")).toMatchObject({
      code: "BACKFILL_NOT_READY",
      message: expect.stringContaining("its source cannot be read: no such table: tt"),
    });
  });

  test("rejects a reconciliation that fails, before the first write", async () => {
    const d1 = await memory("CREATE TABLE t(id INTEGER PRIMARY KEY, n)");
    const backfill = {
      ...plain("t", "id", "UPDATE t SET n = 1 WHERE {window}"),
      reconcile: "SELECT id FROM gone",
    };
    await expect(run(d1, backfill)).rejects.toMatchObject({
      code: "BACKFILL_NOT_READY",
      message: expect.stringContaining("its reconciliation cannot be read: no such table: gone"),
    });
    expect(await rows(d1, "SELECT count(*) AS n FROM sqlite_schema")).toEqual([{ n: 1 }]);
  });
});

test("requireKey does not scan a table whose schema shows that the key is unique", async () => {
  const asked: string[] = [];
  const grouped = async (schema: string, key: string): Promise<boolean> => {
    const d1 = await memory(`CREATE TABLE t(${schema})`);
    asked.length = 0;
    const prepare = (sql: string): ReturnType<D1Database["prepare"]> => {
      asked.push(sql);
      return d1.prepare(sql);
    };
    await run({ ...d1, prepare }, plain("t", key, "UPDATE t SET n = 1 WHERE {window}"));
    return asked.some((sql) => sql.includes("GROUP BY"));
  };
  expect(await grouped("id INTEGER PRIMARY KEY, n", "ID")).toBe(false);
  expect(await grouped("id INTEGER PRIMARY KEY, n", "id, n")).toBe(false);
  expect(await grouped("id integer primary key, n", "id")).toBe(false);
  expect(await grouped("a TEXT, n, PRIMARY KEY(a)", "a")).toBe(false);
  expect(await grouped("a TEXT, n, PRIMARY KEY(a)", "A")).toBe(false);
  expect(await grouped("a, b, n, UNIQUE(b, a)", "a, b")).toBe(false);
  expect(await grouped("a, b, n, UNIQUE(b, a)", "a")).toBe(true);
  expect(await grouped("a TEXT COLLATE NOCASE UNIQUE, n", "a")).toBe(true);
  expect(await grouped("a, n", "a")).toBe(true);
});

test("requireKey scans the table if the only unique index is partial", async () => {
  const d1 = await memory(
    "CREATE TABLE t(id, n);\nCREATE UNIQUE INDEX i ON t(id) WHERE n = 1;\nCREATE UNIQUE INDEX j ON t(lower(id));\nINSERT INTO t VALUES (1, 1), (2, 0)",
  );
  const backfill = plain("t", "id", "UPDATE t SET n = 2 WHERE {window}");
  await run(d1, backfill);
  await d1.batch([d1.prepare("DROP INDEX j"), d1.prepare("INSERT INTO t VALUES (2, 0)")]);
  await expect(run(d1, backfill)).rejects.toThrow("id is 2 more than once");
});

test.each([
  ["an index that is not unique", "t(id, n);\nCREATE INDEX i ON t(id)"],
  [
    "a unique index over the key and another column",
    "t(id, n);\nCREATE UNIQUE INDEX i ON t(id, n)",
  ],
  [
    "a unique index over the key and an expression",
    "t(id, n);\nCREATE UNIQUE INDEX i ON t(id, n + 1)",
  ],
  ["a primary key of the key and another column", "t(id INTEGER, n, PRIMARY KEY (id, n))"],
  ["the index of another table", "t(id, n);\nCREATE TABLE u(id UNIQUE, n)"],
])("requireKey rejects two rows with the same key despite %s", async (_, schema) => {
  const d1 = await memory(`CREATE TABLE ${schema};\nINSERT INTO t VALUES (7, 1), (7, 2)`);
  expect(await refusal(d1, "t", "id")).toMatchObject({
    message: expect.stringContaining("id is 7 more than once"),
  });
});

test.each(["t", "T"])(
  "requireKey scans the table if the unique index compares differently than its column: %s",
  async (source) => {
    const d1 = await memory(
      "CREATE TABLE t(id TEXT COLLATE NOCASE, n);\nCREATE UNIQUE INDEX i ON t(id COLLATE BINARY);\nINSERT INTO t VALUES ('a', 1), ('A', 2)",
    );
    expect(await refusal(d1, source, "id")).toMatchObject({
      message: expect.stringContaining("more than once"),
    });
  },
);

test("requireKey accepts a source and a reconciliation that end in a comment", async () => {
  const d1 = await memory(
    "CREATE TABLE t(id INTEGER PRIMARY KEY, n);\nINSERT INTO t VALUES (1, 0), (2, 0)",
  );
  const backfill = {
    ...rowBackfill({
      source: "SELECT id, n FROM t -- all of them",
      key: "id",
      decide: ({ id }) => ({
        outcome: "changed",
        writes: [["UPDATE t SET n = 1 WHERE id = ?", id]],
      }),
    }),
    reconcile: "SELECT id FROM t WHERE n = 0 -- not done",
  };
  expect((await run(d1, backfill)).ending).toEqual({ kind: "scanned" });
  expect(await reconcile(d1, backfill)).toEqual({ outcome: "empty" });
  await rows(d1, "UPDATE t SET n = 0 WHERE id = 2");
  expect(await reconcile(d1, backfill)).toEqual({
    outcome: "left over",
    count: 1,
    sample: [{ id: 2 }],
  });
});
