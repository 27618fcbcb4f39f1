import { expect, onTestFinished, test } from "vitest";
import { openMemory } from "../../../src/database/memory.ts";
import type { D1Database } from "../../../src/database/port.ts";
import { readSource } from "../../../src/snapshots/rows/read-source.ts";
import { readTable } from "../../../src/snapshots/rows/read-table.ts";

/** The texts of the ranges of the table `t`. */
async function textsOf(...statements: readonly string[]): Promise<string[]> {
  const { d1, close } = openMemory();
  onTestFinished(close);
  await d1.batch(statements.map((sql) => d1.prepare(sql)));
  const { tables } = await readSource(d1);
  const texts: string[] = [];
  for (const shape of tables.filter(({ name }) => name === "t")) {
    for await (const { text } of readTable(d1, shape, "local")) texts.push(text);
  }
  return texts;
}

test("readTable reads a key that is not UTF-8 as its bytes", async () => {
  const texts = await textsOf(
    "CREATE TABLE t(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
    "INSERT INTO t VALUES (CAST(x'ff' AS TEXT), 1), (CAST(x'fe' AS TEXT), 2)",
  );
  expect(texts).toEqual(["(CAST(X'FE' AS TEXT),2),\n(CAST(X'FF' AS TEXT),1)"]);
});

test("readTable reads each row once if keys that are not UTF-8 begin ranges", async () => {
  const texts = await textsOf(
    "CREATE TABLE t(k TEXT PRIMARY KEY) WITHOUT ROWID",
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<1500) " +
      "INSERT INTO t SELECT CAST(CAST(char(97 + i%20) AS BLOB)||CASE i%2 WHEN 1 THEN x'f0' ELSE x'c3' END||CAST(i AS BLOB) AS TEXT) FROM c",
  );
  expect(texts.length).toBeGreaterThan(2);
  const rows = texts.flatMap((text) => text.split(",\n"));
  expect(rows).toHaveLength(1500);
  expect(new Set(rows).size).toBe(1500);
});

test("readTable tells rows apart whose keys are equal in the collation of their column", async () => {
  const texts = await textsOf(
    "CREATE TABLE t(k TEXT COLLATE NOCASE, v, PRIMARY KEY(k COLLATE BINARY)) WITHOUT ROWID",
    "INSERT INTO t VALUES ('A', CAST(x'ff' AS TEXT)), ('a', 1)",
  );
  expect(texts).toEqual(["('A',CAST(X'FF' AS TEXT)),\n('a',1)"]);
});

test("readTable reads a row whose key is longer than a query may be", async () => {
  const texts = await textsOf(
    "CREATE TABLE t(k BLOB PRIMARY KEY, v) WITHOUT ROWID",
    "INSERT INTO t VALUES (zeroblob(60000), 1), (x'01', CAST(x'ff' AS TEXT))",
  );
  expect(texts).toEqual([`(X'${"00".repeat(60_000)}',1),\n(X'01',CAST(X'FF' AS TEXT))`]);
});

test("readTable gives a text the same literal beside one that is not UTF-8 as elsewhere", async () => {
  const texts = await textsOf(
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b, c)",
    "INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT), 'CAST(X''61'' AS TEXT)'), (2, char(65533), 'it''s'), (3, x'61', 'a'||char(0))",
  );
  expect(texts).toEqual([
    "(1,CAST(X'FF' AS TEXT),'CAST(X''61'' AS TEXT)'),\n(2,'\uFFFD','it''s'),\n(3,X'61',CAST(X'6100' AS TEXT))",
  ]);
});

test("readTable sends one more query for all rows of a range that has text that is not UTF-8", async () => {
  const { d1, close } = openMemory();
  onTestFinished(close);
  await d1.exec("CREATE TABLE t(a INTEGER PRIMARY KEY, b)");
  await d1
    .prepare(
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<50) INSERT INTO t SELECT i, CAST(x'ff' AS TEXT) FROM c",
    )
    .run();
  const { tables } = await readSource(d1);
  const prepared: string[] = [];
  const counting: D1Database = {
    exec: (sql) => d1.exec(sql),
    batch: (statements) => d1.batch(statements),
    prepare(sql) {
      prepared.push(sql);
      return d1.prepare(sql);
    },
  };
  for (const shape of tables)
    for await (const { rows } of readTable(counting, shape, "local")) expect(rows).toBe(50);
  // The edges, the range, and the range again.
  expect(prepared).toHaveLength(3);
});

test("readTable reads text that is not UTF-8 from a table whose rowid has no name", async () => {
  const texts = await textsOf(
    "CREATE TABLE t(rowid, _rowid_, oid)",
    "INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT), 'a')",
  );
  expect(texts).toEqual(["(1,CAST(X'FF' AS TEXT),'a')"]);
});

test("readSource lists the same tables in the same order, however they were created", async () => {
  const names = async (...tables: readonly string[]): Promise<string[]> => {
    const { d1, close } = openMemory();
    onTestFinished(close);
    await d1.batch(tables.map((name) => d1.prepare(`CREATE TABLE ${name}(a)`)));
    return (await readSource(d1)).tables.map(({ name }) => name);
  };
  expect(await names("c", "a", "b", "z", "y")).toEqual(["a", "b", "c", "y", "z"]);
});
