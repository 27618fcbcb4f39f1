import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openFrozen } from "../../../src/database/frozen.ts";
import { openMemory } from "../../../src/database/memory.ts";
import type { D1Database } from "../../../src/database/port.ts";
import { readSource } from "../../../src/snapshots/rows/read-source.ts";
import { readRanges, readTable, type TableRange } from "../../../src/snapshots/rows/read-table.ts";
import type { TableShape } from "../../../src/snapshots/rows/table-shape.ts";

async function database(...statements: readonly string[]): Promise<D1Database> {
  const { d1, close } = openMemory();
  onTestFinished(close);
  await d1.batch(statements.map((sql) => d1.prepare(sql)));
  return d1;
}

/** A database that another program than D1 has written. */
function databaseFile(sql: string): D1Database {
  const folder = mkdtempSync(join(tmpdir(), "d1ops-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "db.sqlite");
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; ${sql}`);
  db.close();
  const { d1, close } = openFrozen(path, {
    place: "local",
    database: "example",
    id: "example",
    env: null,
  });
  onTestFinished(close);
  return d1;
}

async function shapeOf(d1: D1Database): Promise<TableShape> {
  const { tables } = await readSource(d1);
  const shape = tables.find(({ name }) => name === "t");
  if (shape === undefined) throw new Error("no table t");
  return shape;
}

async function rangesOf(d1: D1Database): Promise<TableRange[]> {
  const shape = await shapeOf(d1);
  const ranges: TableRange[] = [];
  for await (const range of readTable(d1, shape, "local")) ranges.push(range);
  return ranges;
}

async function textOf(d1: D1Database): Promise<string> {
  return (await rangesOf(d1)).map(({ text }) => text).join(",\n");
}

/** Inserts as many rows into `t`. The expressions are computed from `i`, which counts from 1. */
function insertRows(count: number, ...expressions: readonly string[]): string {
  return `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${count}) INSERT INTO t SELECT ${expressions.join()} FROM c`;
}

/** How many texts of `after` are not in `before`. */
function newTexts(before: readonly TableRange[], after: readonly TableRange[]): number {
  const known = new Set(before.map(({ text }) => text));
  return after.filter(({ text }) => !known.has(text)).length;
}

const KEYS: readonly (readonly [keys: string, table: string, ...row: string[]])[] = [
  ["numbers from 1", "t(id INTEGER PRIMARY KEY, v)", "i", "'v'||i"],
  ["large numbers in no order", "t(id INTEGER PRIMARY KEY, v)", "(i*2654435761) << 20", "i"],
  ["multiples of 4096", "t(id INTEGER PRIMARY KEY, v)", "i*4096", "i"],
  [
    "numbers of a clock, with 22 zero bits",
    "t(id INTEGER PRIMARY KEY, v)",
    "(1700000000000+i*997)<<22",
    "i",
  ],
  ["rowids that are no column", "t(v)", "'v'||i"],
  ["texts", "t(id TEXT PRIMARY KEY, v) WITHOUT ROWID", "'key-'||i", "i"],
  ["hexadecimal texts", "t(id TEXT PRIMARY KEY, v) WITHOUT ROWID", "hex(i*2654435761)", "i"],
  [
    "pairs that end alike",
    "t(id INTEGER, lang TEXT, PRIMARY KEY(id, lang)) WITHOUT ROWID",
    "i",
    "'en'",
  ],
  ["blobs", "t(id BLOB PRIMARY KEY, v) WITHOUT ROWID", "CAST('b'||i AS BLOB)", "i"],
];

describe("the ranges of a table", () => {
  test.each(KEYS)("have about 256 rows each, with %s as keys", async (_, table, ...row) => {
    const ranges = await rangesOf(
      await database(`CREATE TABLE ${table}`, insertRows(20_000, ...row)),
    );
    const sizes = ranges.map(({ rows }) => rows);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(20_000);
    expect(ranges.length).toBeGreaterThan(20);
    expect(ranges.length).toBeLessThan(320);
    expect(Math.max(...sizes)).toBeLessThan(4000);
  });

  test.each([
    ["an UPDATE of one row changes one", "UPDATE t SET v = 'new' WHERE id = 5000", 1],
    ["a DELETE of one row changes at most one", "DELETE FROM t WHERE id = 5000", 1],
    ["an INSERT at the end changes at most two", "INSERT INTO t VALUES (10001, 'x')", 2],
    ["an INSERT before the first row changes at most two", "INSERT INTO t VALUES (-1, 'x')", 2],
  ])("%s", async (_, change, most) => {
    const d1 = await database(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
      insertRows(10_000, "i", "i"),
    );
    const before = await rangesOf(d1);
    await d1.prepare(change).run();
    const changed = newTexts(before, await rangesOf(d1));
    expect(changed).toBeGreaterThan(0);
    expect(changed).toBeLessThanOrEqual(most);
  });

  test("a DELETE of the first row of a range adds its other rows to the range before it", async () => {
    const d1 = await database(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
      insertRows(5000, "i", "i"),
    );
    const before = await rangesOf(d1);
    await d1.prepare(`DELETE FROM t WHERE id = ${before[3]?.from}`).run();
    const after = await rangesOf(d1);
    expect(after.length).toBe(before.length - 1);
    expect(newTexts(before, after)).toBe(1);
  });

  test("do not depend on the history of the database", async () => {
    const table = "CREATE TABLE t(id INTEGER PRIMARY KEY, v)";
    const straight = await database(table, insertRows(3000, "i", "i"));
    const winding = await database(
      table,
      insertRows(6000, "6001-i", "'old'"),
      "DELETE FROM t WHERE id > 3000",
      "UPDATE t SET v = id",
    );
    expect(await rangesOf(winding)).toEqual(await rangesOf(straight));
  });
});

describe("the text of a row", () => {
  test.each([
    ["an integer", "9223372036854775807", "9223372036854775807"],
    ["a real that is a whole number", "1.0", "1.0"],
    ["negative zero", "0.0 * -1", "-0.0"],
    ["infinity", "9e999", "9.0e+999"],
    ["a text with a quote and a new line", "'it''s' || char(10)", "'it''s\n'"],
    ["a text with NUL", "'a' || char(0) || 'b'", "CAST(X'610062' AS TEXT)"],
    ["a text with a quote before NUL", "'''' || char(0) || 'b'", "CAST(X'270062' AS TEXT)"],
    ["a text with a quote after NUL", "'a' || char(0) || ''''", "CAST(X'610027' AS TEXT)"],
    ["a text that ends with NUL", "'a' || char(0)", "CAST(X'6100' AS TEXT)"],
    ["an empty text", "''", "''"],
    ["a text that looks like a number", "'1.0'", "'1.0'"],
    ["a text of spaces", "'  '", "'  '"],
    ["a blob of one zero byte", "X'00'", "X'00'"],
    ["a text that is not UTF-8", "CAST(X'61ff' AS TEXT)", "CAST(X'61FF' AS TEXT)"],
    ["a text with the replacement character", "char(65533)", "'\uFFFD'"],
    ["a text with a byte order mark", "char(65279) || 'a'", "'\uFEFFa'"],
    ["a blob", "X'00ff'", "X'00FF'"],
    ["an empty blob", "X''", "X''"],
    ["NULL", "NULL", "NULL"],
  ])("represents %s", async (_, value, text) => {
    const d1 = await database("CREATE TABLE t(v)", `INSERT INTO t VALUES (${value})`);
    expect(await textOf(d1)).toBe(`(1,${text})`);
  });

  test.each(["INTEGER", "REAL", "TEXT COLLATE RTRIM", "TEXT COLLATE NOCASE", "BLOB", "NUMERIC"])(
    "does not depend on the type %s of its column",
    async (type) => {
      const values = [
        "NULL",
        "7",
        "7.5",
        "-9223372036854775808",
        "'a'",
        "'  '",
        "''",
        "X''",
        "X'61'",
      ];
      const d1 = await database(
        `CREATE TABLE t(id INTEGER PRIMARY KEY, v ${type})`,
        ...values.map((value) => `INSERT INTO t(v) VALUES (${value})`),
      );
      const expected = await d1.prepare("SELECT id, quote(v) FROM t").raw<[number, string]>();
      expect(await textOf(d1)).toBe(expected.map(([id, v]) => `(${id},${v})`).join(",\n"));
    },
  );

  test("excludes generated columns, and begins with the rowid only if no column is the rowid", async () => {
    const generated = await database(
      "CREATE TABLE t(a INTEGER PRIMARY KEY, b AS (a * 2), c AS (a * 3) STORED, d)",
      "INSERT INTO t(a, d) VALUES (7, 'x')",
    );
    expect(await textOf(generated)).toBe("(7,'x')");
    const descending = await database(
      "CREATE TABLE t(a INTEGER PRIMARY KEY DESC, d)",
      "INSERT INTO t(rowid, a, d) VALUES (4, 7, 'x')",
    );
    expect(await textOf(descending)).toBe("(4,7,'x')");
  });

  test("uses another name of the rowid if a column has its name", async () => {
    const d1 = await database("CREATE TABLE t(rowid, _rowid_)", "INSERT INTO t VALUES ('a', 'b')");
    const { tables } = await readSource(d1);
    expect(tables[0]?.columns).toEqual(["oid", "rowid", "_rowid_"]);
    expect(await textOf(d1)).toBe("(1,'a','b')");
  });

  test("has every row of a table whose columns have all names of the rowid, and equal rows twice", async () => {
    const d1 = await database(
      "CREATE TABLE t(rowid, _rowid_, oid)",
      "INSERT INTO t VALUES (1, NULL, 2), (1, NULL, 2), (NULL, NULL, NULL)",
    );
    expect(await textOf(d1)).toBe("(NULL,NULL,NULL),\n(1,NULL,2),\n(1,NULL,2)");
  });

  test("has one order for keys that are equal in their collation", async () => {
    const table =
      "CREATE TABLE t(k TEXT COLLATE NOCASE, PRIMARY KEY(k COLLATE BINARY)) WITHOUT ROWID";
    const one = await database(table, "INSERT INTO t VALUES ('b'), ('A'), ('a'), ('B')");
    expect(await textOf(one)).toBe("('A'),\n('a'),\n('B'),\n('b')");
  });

  test.each(["v", "k"])(
    "is in the order of the key if its column has the name %s",
    async (name) => {
      const d1 = await database(
        `CREATE TABLE t(${name} INTEGER PRIMARY KEY)`,
        "INSERT INTO t VALUES (9), (10), (-1), (-2)",
      );
      expect(await textOf(d1)).toBe("(-2),\n(-1),\n(9),\n(10)");
    },
  );

  test("has 100 columns, as many as D1 allows", async () => {
    const columns = Array.from({ length: 100 }, (_, i) => `"column number ${i}"`);
    const d1 = await database(
      `CREATE TABLE t(${columns.join()}, PRIMARY KEY(${columns.slice(0, 9).join()})) WITHOUT ROWID`,
      `INSERT INTO t VALUES (${columns.map((_name, i) => i).join()})`,
    );
    expect(await textOf(d1)).toBe(`(${columns.map((_name, i) => i).join()})`);
  });
});

test("indexes and triggers on tables of Cloudflare are not part of a snapshot, because those tables are not", async () => {
  const d1 = databaseFile(
    "CREATE TABLE _cf_KV(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID; CREATE TABLE t(a); " +
      "CREATE INDEX mine ON _cf_KV(value); CREATE INDEX yours ON t(a); " +
      "CREATE TRIGGER log AFTER DELETE ON _cf_KV BEGIN DELETE FROM t; END",
  );
  const { schema, tables } = await readSource(d1);
  expect(schema.map(({ name }) => name)).toEqual(["t", "yours"]);
  expect(tables.map(({ name }) => name)).toEqual(["t"]);
});

describe("values near D1's limit of size", () => {
  test("are read one by one, and have the same text as small ones", async () => {
    const d1 = await database(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
      "INSERT INTO t VALUES (1, zeroblob(5000000)), (2, replace(hex(zeroblob(2000000)), '00', 'é''')), (3, 'small')",
    );
    const [range, ...others] = await rangesOf(d1);
    expect(others).toEqual([]);
    expect(range?.rows).toBe(3);
    const expected = `(1,X'${"00".repeat(5_000_000)}'),\n(2,'${"é''".repeat(2_000_000)}'),\n(3,'small')`;
    // A comparison by `toBe` would print 20 MB.
    expect(range?.text === expected).toBe(true);
  });

  test("divide a range that is too large for one text, and each part can be read again by its keys", async () => {
    const d1 = await database(
      "CREATE TABLE t(k TEXT COLLATE NOCASE, v, PRIMARY KEY(k COLLATE BINARY)) WITHOUT ROWID",
      "INSERT INTO t VALUES ('a', zeroblob(8000000)), ('b', zeroblob(7000000)), ('c', 1), ('D', zeroblob(4000000)), ('d', zeroblob(4000000)), ('e', CAST(X'ff' AS TEXT)), ('f', zeroblob(8000000))",
    );
    const ranges = await rangesOf(d1);
    // 'd' cannot begin a range: no condition on the key would divide it from 'D'.
    expect(ranges.map(({ from, rows }) => [from, rows])).toEqual([
      [null, 5],
      ["'e'", 2],
    ]);
    const again: TableRange[] = [];
    for await (const range of readRanges(d1, await shapeOf(d1), [
      { from: null, to: "'e'" },
      { from: "'e'", to: null },
    ])) {
      again.push(range);
    }
    // A comparison by `toEqual` would print 100 MB.
    expect(JSON.stringify(again) === JSON.stringify(ranges)).toBe(true);
  });

  test("fail with the names of the table and the key if a value is larger than D1 can read", async () => {
    const d1 = databaseFile(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (7, zeroblob(9000000))",
    );
    await expect(rangesOf(d1)).rejects.toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "t", reason: expect.stringContaining("the row with id 7") },
    });
  });

  test("fail with the name of the table if nothing tells its rows apart", async () => {
    const d1 = await database(
      "CREATE TABLE t(rowid, _rowid_, oid)",
      "INSERT INTO t VALUES (1, zeroblob(5000000), 2)",
    );
    await expect(rangesOf(d1)).rejects.toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "t" },
    });
  });
});
