import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answer, Query } from "../../src/database/client.ts";
import { exactly, hasInexact } from "../../src/database/exact-integers.ts";
import { openMemory } from "../../src/database/memory.ts";
import { fakeRemote } from "./remote-fixture.ts";

const BIG = 9007199254740993n; // 2^53 + 1: the first integer that a number cannot represent.
const MOST = 9223372036854775807n;
const LEAST = -9223372036854775808n;

describe("an integer beyond 2^53", () => {
  test.each<[string, unknown]>([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["9007199254740993", BIG],
    ["-9007199254740991", -9007199254740991],
    ["-9007199254740992", -9007199254740992n],
    ["-9007199254740993", -BIG],
    ["9223372036854775807", MOST],
    ["9223372036854775806", MOST - 1n],
    ["-9223372036854775808", LEAST],
    ["-9223372036854775807", LEAST + 1n],
  ])("is read exactly: %s", async (literal, value) => {
    const { d1 } = await fakeRemote();
    expect(await d1.prepare(`SELECT ${literal} AS x`).first("x")).toBe(value);
  });

  test.each<[string, number]>([
    ["1e17", 1e17],
    ["9007199254740993.0", 9007199254740992],
    ["9.3e18", 9.3e18],
    ["-1e19", -1e19],
    ["1e20", 1e20],
    ["1.7e308", 1.7e308],
    ["5e-324", 5e-324],
    ["0.1 + 0.2", 0.1 + 0.2],
  ])("stays a number if it is not an integer: %s", async (literal, value) => {
    const { d1 } = await fakeRemote();
    expect(await d1.prepare(`SELECT ${literal} AS x`).first("x")).toBe(value);
  });

  test("is exact in some columns and rows, and leaves the others unchanged", async () => {
    const { d1, cloudflare } = await fakeRemote();
    await d1.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, n, s)");
    await d1.exec(
      `INSERT INTO t VALUES (1, 5, 'a'), (2, ${BIG}, NULL), (3, 1e17, x'01ff'), (4, 'text', 1.5), (5, ${LEAST}, ${MOST})`,
    );
    const before = cloudflare.log.length;
    expect(await d1.prepare("SELECT n, id, s FROM t ORDER BY id DESC").raw()).toEqual([
      [LEAST, 5, MOST],
      ["text", 4, 1.5],
      [1e17, 3, [1, 255]],
      [BIG, 2, null],
      [5, 1, "a"],
    ]);
    expect(cloudflare.log.slice(before)).toHaveLength(2);
  });

  test("needs a second request only if the answer contains one", async () => {
    const { d1, cloudflare } = await fakeRemote();
    await d1.prepare("SELECT 9007199254740991 AS x, 'y9007199254740993' AS y, 1e300 AS z").all();
    expect(cloudflare.log).toHaveLength(1);
  });

  test.each<[string, string, unknown[], unknown[][]]>([
    ["parameters", "SELECT ?2 AS a, ?1 AS b, 9007199254740993 AS c", [1, "x"], [["x", 1, BIG]]],
    [
      "VALUES",
      "VALUES (1, 9007199254740993), (2, 3)",
      [],
      [
        [1, BIG],
        [2, 3],
      ],
    ],
    [
      "a WITH",
      "WITH c(x) AS (SELECT 9007199254740993) SELECT x, x - 1 FROM c",
      [],
      [[BIG, BIG - 1n]],
    ],
    ["a comment at the end", "SELECT 9007199254740993 -- that's it", [], [[BIG]]],
    ["a semicolon and a comment", "SELECT 9007199254740993 ; /* no more */", [], [[BIG]]],
    ["two columns with the same name", "SELECT 1 AS a, 9007199254740993 AS a", [], [[1, BIG]]],
    ["odd names", `SELECT 9007199254740993 AS "", 1 AS "c0", 2 AS "a""b"`, [], [[BIG, 1, 2]]],
    [
      "a compound with an order and a limit",
      "SELECT 9007199254740993 AS x UNION ALL SELECT 1 UNION ALL SELECT 2 ORDER BY x DESC LIMIT 2",
      [],
      [[BIG], [2]],
    ],
  ])("is read exactly by a statement with %s", async (_, sql, params, rows) => {
    const { d1 } = await fakeRemote();
    expect(
      await d1
        .prepare(sql)
        .bind(...params)
        .raw(),
    ).toEqual(rows);
  });

  test("does not change the names of the columns", async () => {
    const { d1 } = await fakeRemote();
    const sql = `SELECT 9007199254740993 AS "the number", 1 AS one, 2`;
    expect((await d1.prepare(sql).raw({ columnNames: true }))[0]).toEqual([
      "the number",
      "one",
      "2",
    ]);
    expect(await d1.prepare(sql).first()).toEqual({ "the number": BIG, one: 1, "2": 2 });
  });

  test("is exact in the middle of a batch of reads", async () => {
    const { d1 } = await fakeRemote();
    const texts = ["SELECT 1 AS a", "SELECT 9007199254740993 AS b", "SELECT 'x' AS c"];
    const answers = await d1.batch(texts.map((sql) => d1.prepare(sql)));
    expect(answers.map(({ results }) => results)).toEqual([[{ a: 1 }], [{ b: BIG }], [{ c: "x" }]]);
  });

  test("is exact in a batch that contains a statement with only a comment", async () => {
    const { d1 } = await fakeRemote();
    const texts = [
      " -- nothing",
      "SELECT 1 AS a",
      "\n  -- nothing",
      "SELECT 9007199254740993 AS b",
    ];
    const answers = await d1.batch(texts.map((sql) => d1.prepare(sql)));
    expect(answers.map(({ results }) => results)).toEqual([[{ a: 1 }], [{ b: BIG }]]);
  });

  test("is exact in a batch with a PRAGMA", async () => {
    const { d1 } = await fakeRemote();
    const texts = ["PRAGMA table_list", "SELECT 9007199254740993 AS b"];
    const [, answer] = await d1.batch(texts.map((sql) => d1.prepare(sql)));
    expect(answer?.results).toEqual([{ b: BIG }]);
  });
});

describe("VALUE_INEXACT", () => {
  test("is the error of a write that returns such an integer; the write is kept", async () => {
    const { d1, database } = await fakeRemote();
    await d1.exec("CREATE TABLE t(a)");
    const writing = d1.prepare(`INSERT INTO t VALUES (${BIG}) RETURNING a`).all();
    await expect(writing).rejects.toMatchObject({
      code: "VALUE_INEXACT",
      details: { column: "a" },
      message: expect.stringContaining("The statement was carried out."),
      hint: "Select it as text: CAST(a AS TEXT)",
    });
    using db = database.open();
    expect(db.prepare("SELECT CAST(a AS TEXT) AS a FROM t").all()).toEqual([{ a: String(BIG) }]);
  });

  test("has a hint with a query that succeeds", async () => {
    const { d1 } = await fakeRemote();
    await d1.exec("CREATE TABLE t(a)");
    const sql = `INSERT INTO t VALUES (${BIG}) RETURNING CAST(a AS TEXT) AS a`;
    expect(await d1.prepare(sql).first("a")).toBe(String(BIG));
  });

  test("does not occur for a REAL beyond 2^63", async () => {
    const { d1 } = await fakeRemote();
    await d1.exec("CREATE TABLE t(a)");
    expect(await d1.prepare("INSERT INTO t VALUES (1e20) RETURNING a").first("a")).toBe(1e20);
  });

  test("names the column if a batch that wrote returns such an integer", async () => {
    const { d1, database } = await fakeRemote();
    await d1.exec("CREATE TABLE t(a)");
    const texts = ["INSERT INTO t VALUES (1)", `SELECT 1 AS one, ${BIG} AS big`];
    await expect(d1.batch(texts.map((sql) => d1.prepare(sql)))).rejects.toMatchObject({
      code: "VALUE_INEXACT",
      details: { column: "big" },
    });
    using db = database.open();
    expect(db.prepare("SELECT a FROM t").all()).toEqual([{ a: 1 }]);
  });

  test("is the error of a query with a hundred columns", async () => {
    const { d1 } = await fakeRemote();
    const columns = Array.from({ length: 100 }, (_, i) => (i === 7 ? BIG : i));
    const query = d1.prepare(`SELECT ${columns.join(", ")}`).raw();
    await expect(query).rejects.toMatchObject({
      code: "VALUE_INEXACT",
      message: expect.stringContaining("too many columns"),
    });
    const fewer = await d1.prepare(`SELECT ${columns.slice(0, 99).join(", ")}`).raw();
    expect(fewer[0]?.[7]).toBe(BIG);
  });

  const answer = (columns: string[], rows: unknown[][]): Answer => ({
    columns,
    rows,
    meta: {
      duration: 0,
      size_after: 0,
      rows_read: 0,
      rows_written: 0,
      last_row_id: 0,
      changed_db: false,
      changes: 0,
    },
  });
  const query: Query = { sql: "SELECT a, b FROM t", params: [] };

  test("is the error if a row is added between the two reads", async () => {
    const before = answer(["a", "b"], [[2 ** 53, 1]]);
    const send = async (): Promise<Answer[]> => [
      answer(["c0", "c1", "t"], [[2 ** 53, 2 ** 60, "9007199254740992"]]),
    ];
    await expect(exactly([query], [before], send)).rejects.toMatchObject({
      code: "VALUE_INEXACT",
      details: { column: "b" },
      message: expect.stringContaining("run the query again"),
    });
  });

  test("does not occur if rows are deleted between the two reads", async () => {
    const before = answer(["a"], [[2 ** 53], [1]]);
    const send = async (): Promise<Answer[]> => [answer(["c0", "t"], [[1, "1"]])];
    expect(await exactly([query], [before], send)).toMatchObject([{ columns: ["a"], rows: [[1]] }]);
  });

  test.each<[string, unknown, boolean]>([
    ["the last exact integer", 2 ** 53 - 1, false],
    ["the first inexact integer", 2 ** 53, true],
    ["a negative one", -(2 ** 53), true],
    ["2^63", 2 ** 63, true],
    ["more than 2^63", 2 ** 63 + 2 ** 11, false],
    ["a fraction", 1.5, false],
    ["a text", "9007199254740993", false],
    ["bytes", [1, 2], false],
    ["nothing", null, false],
    ["a BigInt", BIG, true],
  ])("is decided by hasInexact: %s (%s) is %s", (_, value, again) => {
    expect(hasInexact(answer(["a"], [[0], [value]]))).toBe(again);
  });
});

test("the remote adapter reads any 64-bit integer exactly, in any row and column", async () => {
  const { d1 } = await fakeRemote();
  const integer = fc.oneof(
    fc.bigInt({ min: LEAST, max: MOST }),
    fc.bigInt({ min: -5n, max: 5n }).map((n) => n + 2n ** 53n),
    fc.bigInt({ min: -5n, max: 5n }).map((n) => n - 2n ** 53n),
    fc.bigInt({ min: -100n, max: 100n }),
  );
  const row = fc.array(integer, { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 4 }), async (rows) => {
      const literal = (n: bigint): string => (n === LEAST ? `(${n + 1n} - 1)` : String(n));
      const sql = `VALUES ${rows.map((one) => `(${one.map(literal).join(", ")})`).join(", ")}`;
      const read = await d1.prepare(sql).raw<(number | bigint)[]>();
      expect(read.map((one) => one.map(BigInt))).toEqual(rows);
      for (const value of read.flat()) {
        if (typeof value === "number") expect(Number.isSafeInteger(value)).toBe(true);
      }
    }),
    { numRuns: 60, seed: 4 },
  );
});

test("a bound number reads the same from the remote database as from one in memory", async () => {
  const { d1 } = await fakeRemote();
  const memory = openMemory();
  await fc.assert(
    fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
      const ask = async (from: typeof d1): Promise<unknown> =>
        from.prepare("SELECT ? AS x, typeof(?1) AS type").bind(value).first();
      expect(await ask(d1)).toEqual(await ask(memory.d1));
    }),
    { numRuns: 60, seed: 5 },
  );
  memory.close();
});
