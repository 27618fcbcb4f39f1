/** How a run finds the cause if the database rejects a window: a row, the file, or neither. */
import { describe, expect, test } from "vitest";
import type { Backfill } from "../../src/backfills/backfill.ts";
import { stop, beginRun } from "../../src/backfills/begin.ts";
import type { D1Database } from "../../src/database/port.ts";
import { OpsError } from "../../src/report/error.ts";
import { memory, plain, progress, quarantine, rowBackfill, rows, run } from "./engine.ts";

/** `bad` is the value of row 3 as SQL. The other rows have a valid value. */
async function table(bad: string, count = 6, schema = ""): Promise<D1Database> {
  return memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, v, n INTEGER DEFAULT 0);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < ${count})
INSERT INTO t(id, v) SELECT i, iif(i = 3 OR ${count} = 1, ${bad}, 1) FROM k;
${schema}`);
}

const COUNT = "UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo)";

/** A write that fails because of a value, and the value. */
const VALUES: readonly [name: string, expression: string, bad: string, said: string][] = [
  [
    "a pattern too complex",
    "('x' LIKE v)",
    "replace(hex(zeroblob(26000)), '0', 'a%')",
    "pattern too complex",
  ],
  [
    "a glob too complex",
    "('x' GLOB v)",
    "replace(hex(zeroblob(26000)), '0', 'a*')",
    "pattern too complex",
  ],
  ["an integer overflow", "abs(v)", "-9223372036854775808", "integer overflow"],
  [
    "an overflowing sum",
    "(SELECT sum(x) FROM (SELECT v AS x UNION ALL SELECT v - 1))",
    "9223372036854775807",
    "integer overflow",
  ],
  ["malformed JSON", "json_extract(v, '$.a')", "'{'", "malformed JSON"],
  ["a blob that is not JSON", "json(v)", "x'FF00'", "JSON"],
  [
    "JSON nested too deeply",
    "json(iif(v = 1, '[]', replace(hex(zeroblob(v)), '0', '[')))",
    "3000",
    "malformed JSON",
  ],
  [
    "a path that comes from the row",
    "json_extract('{}', '$' || iif(v = 1, '.a', v))",
    "'x'",
    "JSON path",
  ],
  ["a string too long", "length(printf('%.*c', v, 'x'))", "2000000000", "too big"],
  ["an ESCAPE that comes from the row", "('x' LIKE 'y' ESCAPE v)", "'ab'", "ESCAPE"],
];

describe("a value that makes a statement fail", () => {
  test.each(VALUES)(
    "puts its row into the quarantine: %s in a write",
    async (_, expression, bad, said) => {
      const d1 = await table(bad);
      const write = `UPDATE t SET n = n + 1 + 0 * coalesce(${expression}, 0) WHERE id IN (SELECT id FROM todo)`;
      const { ending } = await run(d1, plain("t", "id", write));
      expect(ending).toEqual({ kind: "scanned" });
      expect(await rows(d1, "SELECT id FROM t WHERE n <> 1")).toEqual([{ id: 3 }]);
      expect(await quarantine(d1)).toMatchObject([
        { key: "3", outcome: "conflict", reason: expect.stringContaining(said) },
      ]);
    },
  );

  test.each(VALUES)(
    "puts its row into the quarantine: %s in the outcome",
    async (_, expression, bad, said) => {
      const d1 = await table(bad);
      const outcome = `-- d1ops:outcome\nCASE WHEN ${expression} IS 'x' THEN 'skipped' ELSE 'changed' END\n`;
      const { ending } = await run(d1, plain("t", "id", COUNT, outcome));
      expect(ending).toEqual({ kind: "scanned" });
      expect(await rows(d1, "SELECT id FROM t WHERE n <> 1")).toEqual([{ id: 3 }]);
      expect(await quarantine(d1)).toMatchObject([
        { key: "3", reason: expect.stringContaining(said) },
      ]);
    },
  );

  test.each(VALUES)(
    "puts the only row of a table into the quarantine: %s",
    async (_, expression, bad, said) => {
      const d1 = await table(bad, 1);
      const write = `UPDATE t SET n = n + 1 + 0 * coalesce(${expression}, 0) WHERE {window}`;
      expect((await run(d1, plain("t", "id", write))).ending).toEqual({ kind: "scanned" });
      expect(await quarantine(d1)).toMatchObject([
        { key: "1", reason: expect.stringContaining(said) },
      ]);
    },
  );

  test.each(VALUES)(
    "puts its row into the quarantine: %s in a program's write",
    async (_, expression, bad, said) => {
      const d1 = await table(bad);
      const backfill = rowBackfill({
        source: "SELECT id FROM t",
        key: "id",
        decide: ({ id }) => ({
          outcome: "changed",
          writes: [[`UPDATE t SET n = n + 1 + 0 * coalesce(${expression}, 0) WHERE id = ?`, id]],
        }),
      });
      expect((await run(d1, backfill)).ending).toEqual({ kind: "scanned" });
      expect(await rows(d1, "SELECT id FROM t WHERE n <> 1")).toEqual([{ id: 3 }]);
      expect(await quarantine(d1)).toMatchObject([
        { key: "3", reason: expect.stringContaining(said) },
      ]);
    },
  );

  // SQLite in memory lacks D1's limit of two million bytes, so a trigger rejects such values.
  test.each<[string, Backfill]>([
    [
      "in SQL",
      plain("t", "id", COUNT, "-- d1ops:outcome\niif(v = 1, 'changed', 'invalid: large')\n"),
    ],
    [
      "in a program",
      rowBackfill(
        {
          source: "t",
          key: "id",
          decide: ({ id, v }) =>
            v === 1
              ? { outcome: "changed", writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]] }
              : { outcome: "invalid", reason: "large" },
        },
        "0001_fill",
      ),
    ],
  ])("stores only the key of a row that is too large for JSON, %s", async (_, backfill) => {
    const d1 = await table("zeroblob(2000)");
    await beginRun(
      d1,
      backfill,
      { holder: "x", token: "y" },
      { anew: false, rate: null, windowRows: 1 },
    );
    await stop(d1, backfill.name, "paused");
    await d1
      .prepare(
        "CREATE TRIGGER large BEFORE INSERT ON d1ops_quarantine WHEN length(NEW.original) > 1000 BEGIN SELECT RAISE(ABORT, 'string or blob too big'); END",
      )
      .run();
    expect((await run(d1, backfill)).ending).toEqual({ kind: "scanned" });
    expect(await quarantine(d1)).toMatchObject([
      { key: "3", reason: expect.stringContaining("too big"), original: null },
    ]);
    expect(await rows(d1, "SELECT count(*) AS n FROM t WHERE n = 1")).toEqual([{ n: 5 }]);
  });

  test("quarantines all rows of a small table if all are bad", async () => {
    const d1 = await table("1", 20);
    const write = "UPDATE t SET n = json_extract('{', '$.a') WHERE id IN (SELECT id FROM todo)";
    expect((await run(d1, plain("t", "id", write))).ending).toEqual({ kind: "scanned" });
    expect(await quarantine(d1)).toHaveLength(20);
  });
});

/** Statements that fail for every row. */
const WRONG: readonly [name: string, write: string, said: string][] = [
  [
    "a misspelt column",
    "UPDATE t SET m = 1 WHERE id IN (SELECT id FROM todo)",
    "no such column: m",
  ],
  [
    "a misspelt column with JSON in its name",
    "UPDATE t SET n = data_json WHERE {window}",
    "no such column: data_json",
  ],
  ["a missing table", "INSERT INTO gone SELECT id FROM todo", "no such table: gone"],
  ["a missing function", "UPDATE t SET n = constraint_of(v) WHERE {window}", "no such function"],
  ["a text that is not a statement", "UPDATE t SET n == WHERE {window}", "syntax error"],
  [
    "a statement that fails without any row",
    "INSERT INTO once VALUES (1)",
    "UNIQUE constraint failed: once.id",
  ],
];

describe("a run with a statement that fails for every row", () => {
  test.each(WRONG)("stops and quarantines no row: %s", async (_, write, said) => {
    for (const count of [1, 6, 200]) {
      const d1 = await table(
        "1",
        count,
        "CREATE TABLE once(id INTEGER PRIMARY KEY);\nINSERT INTO once VALUES (1)",
      );
      const { ending } = await run(
        d1,
        plain("t", "id", `${COUNT};\n${write.replace("{window}", "id IN (SELECT id FROM todo)")}`),
      );
      expect(ending, `${count} rows`).toMatchObject({
        kind: "failed",
        message: expect.stringContaining(said),
      });
      expect(await quarantine(d1)).toEqual([]);
      expect(await rows(d1, "SELECT count(*) AS n FROM t WHERE n > 0")).toEqual([{ n: 0 }]);
      expect(await progress(d1)).toMatchObject({ state: "paused", windows: 0 });
    }
  });

  test.each(WRONG.filter(([, write]) => !write.includes("todo")))(
    "stops and quarantines no row if a program sends it: %s",
    async (_, write, said) => {
      if (said.startsWith("UNIQUE")) return;
      const d1 = await table("1", 1);
      const backfill = rowBackfill({
        source: "t",
        key: "id",
        decide: () => ({ outcome: "changed", writes: [write.replace("{window}", "1")] }),
      });
      expect((await run(d1, backfill)).ending).toMatchObject({
        kind: "failed",
        message: expect.stringContaining(said),
      });
      expect(await quarantine(d1)).toEqual([]);
    },
  );

  test.each<[string, (text: string) => Backfill]>([
    ["in SQL", (sql) => plain("t", "id", `${sql} WHERE id IN (SELECT id FROM todo)`)],
    [
      "in a program",
      (sql) =>
        rowBackfill({
          source: "t",
          key: "id",
          decide: ({ id }) => ({ outcome: "changed", writes: [[`${sql} WHERE id = ?`, id]] }),
        }),
    ],
  ])(
    "stops if the statement succeeds without rows and fails with each row, %s",
    async (_, make) => {
      const d1 = await table("1", 200);
      const { ending } = await run(d1, make("UPDATE t SET n = json_extract('{}', 'a')"));
      expect(ending).toMatchObject({
        kind: "failed",
        message: expect.stringMatching(/JSON path.*each of 51 rows/),
      });
      expect(await quarantine(d1)).toEqual([]);
    },
  );

  test("continues if one of the other rows succeeds, however many bad rows precede it", async () => {
    const d1 = await table("1", 200);
    const write = "UPDATE t SET n = iif(id < 150, json('{'), 1) WHERE id IN (SELECT id FROM todo)";
    expect((await run(d1, plain("t", "id", write))).ending).toEqual({ kind: "scanned" });
    expect(await quarantine(d1)).toHaveLength(149);
    expect(await rows(d1, "SELECT count(*) AS n FROM t WHERE n = 1")).toEqual([{ n: 51 }]);
  });

  test("continues if a row was changed before, however many bad rows follow it", async () => {
    const d1 = await table("1", 80);
    const write = "UPDATE t SET n = iif(id > 10, json('{'), 1) WHERE id IN (SELECT id FROM todo)";
    expect((await run(d1, plain("t", "id", write))).ending).toEqual({ kind: "scanned" });
    expect(await quarantine(d1)).toHaveLength(70);
    expect(await rows(d1, "SELECT count(*) AS n FROM t WHERE n = 1")).toEqual([{ n: 10 }]);
  });

  test("continues if the other rows have nothing to change, because they do not test the statement", async () => {
    const d1 = await table("1", 80);
    const outcome = "-- d1ops:outcome\niif(id = 1, 'changed', 'already')\n";
    const write = "UPDATE t SET n = json('{') WHERE id IN (SELECT id FROM todo)";
    expect((await run(d1, plain("t", "id", write, outcome))).ending).toEqual({ kind: "scanned" });
    expect(await quarantine(d1)).toMatchObject([{ key: "1" }]);
  });

  const LATE: readonly [string, Backfill][] = [
    [
      "SQL",
      plain(
        "t",
        "id",
        "UPDATE t SET n = json('{') WHERE id IN (SELECT id FROM todo)",
        "-- d1ops:outcome\niif(id <= 70, 'already', 'changed')\n",
      ),
    ],
    [
      "a program",
      rowBackfill({
        source: "t",
        key: "id",
        decide: ({ id }) =>
          Number(id) <= 70
            ? { outcome: "already" }
            : { outcome: "changed", writes: [["UPDATE t SET n = json('{') WHERE id = ?", id]] },
      }),
    ],
  ];

  test.each(LATE)(
    "stops and quarantines no row behind 70 rows that have nothing to change, in %s",
    async (_, late) => {
      const d1 = await table("1", 140);
      expect((await run(d1, late)).ending).toMatchObject({
        kind: "failed",
        message: expect.stringContaining("malformed JSON"),
      });
      expect(await quarantine(d1)).toEqual([]);
    },
  );

  test.each(LATE)(
    "quarantines all 40 failing rows of a table that is too small to find the cause, in %s",
    async (_, late) => {
      const d1 = await table("1", 110);
      expect((await run(d1, late)).ending).toEqual({ kind: "scanned" });
      expect(await quarantine(d1)).toHaveLength(40);
    },
  );

  test("fails with the error of the first of two statements of a program if that one is wrong", async () => {
    const d1 = await table("1", 6);
    const backfill = rowBackfill({
      source: "t",
      key: "id",
      decide: ({ id }) => ({
        outcome: "changed",
        writes: ["UPDATE t SET gone = 1", `UPDATE t SET n = 1 WHERE id = ${Number(id)}`],
      }),
    });
    expect((await run(d1, backfill)).ending).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("no such column: gone"),
    });
    expect(await quarantine(d1)).toEqual([]);
  });

  test("leaves no rows of a batch behind that d1ops only tries", async () => {
    const d1 = await table("'{'", 6, "CREATE TABLE log(id INTEGER, at)");
    const write = `${COUNT};\nINSERT INTO log SELECT id, json_extract(v, '$') FROM todo`;
    await run(d1, plain("t", "id", write));
    expect(await rows(d1, "SELECT id FROM log ORDER BY id")).toEqual(
      [1, 2, 4, 5, 6].map((id) => ({ id })),
    );
    expect(await rows(d1, "SELECT count(*) AS n FROM d1ops_backfills")).toEqual([{ n: 1 }]);
    expect(await rows(d1, "SELECT count(*) AS n FROM d1ops_todo")).toEqual([{ n: 0 }]);
  });
});

describe("a failure of the database or the network", () => {
  test.each([
    [
      "DATABASE_FULL",
      new OpsError(
        "DATABASE_FULL",
        { path: "x", reason: "full" },
        { message: "full", hint: "room" },
      ),
    ],
    [
      "OUTCOME_UNKNOWN",
      new OpsError(
        "OUTCOME_UNKNOWN",
        { status: null, reason: "cut" },
        { message: "cut", hint: "look" },
      ),
    ],
  ])(
    "%s ends the run and quarantines no row while d1ops tries the statements",
    async (code, error) => {
      const d1 = await table("'{'");
      const write = "UPDATE t SET n = json_extract(v, '$') WHERE id IN (SELECT id FROM todo)";
      let refused = 0;
      const broken: D1Database = {
        ...d1,
        batch: async <T>(statements: Parameters<D1Database["batch"]>[0]) => {
          if (refused > 0) throw error;
          try {
            return await d1.batch<T>(statements);
          } catch (thrown) {
            refused += 1;
            throw thrown;
          }
        },
      };
      const { ending } = await run(broken, plain("t", "id", write));
      expect(ending).toMatchObject({ kind: "error", error: { code } });
      expect(await quarantine(d1)).toEqual([]);
    },
  );
});
