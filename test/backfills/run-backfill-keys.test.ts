import { describe, expect, test } from "vitest";
import { memory, plain, progress, rowBackfill, rows, run, sqlBackfill } from "./engine.ts";

/** A table whose rows have different keys, and the values of the key. */
const KEYS: readonly [name: string, columns: string, key: string, values: readonly string[]][] = [
  ["INTEGER PRIMARY KEY", "id INTEGER PRIMARY KEY", "id", ints(40)],
  [
    "negative and huge integers",
    "id INTEGER PRIMARY KEY",
    "id",
    [
      "-9223372036854775808",
      "-9223372036854775807",
      "-9007199254740993",
      "-9007199254740992",
      "-2",
      "-1",
      "0",
      "1",
      "9007199254740991",
      "9007199254740992",
      "9007199254740993",
      "9007199254740994",
      "9223372036854775806",
      "9223372036854775807",
    ],
  ],
  ["TEXT", "id TEXT PRIMARY KEY NOT NULL", "id", texts()],
  [
    "TEXT COLLATE NOCASE",
    "id TEXT PRIMARY KEY COLLATE NOCASE NOT NULL",
    "id",
    ["'a'", "'B'", "'c'", "'D'", "'é'", "'É'", "'z'", "'Z9'", "'_'", "'10'", "'9'", "''"],
  ],
  [
    "TEXT COLLATE RTRIM",
    "id TEXT PRIMARY KEY COLLATE RTRIM NOT NULL",
    "id",
    ["'a'", "' a'", "'b '", "'c'", "'d'", "''", "'e'", "'f'", "'g'"],
  ],
  ["TEXT WITHOUT ROWID", "id TEXT PRIMARY KEY NOT NULL", "id", texts()],
  [
    "blobs",
    "id BLOB PRIMARY KEY NOT NULL",
    "id",
    ["x''", "x'00'", "x'0000'", "x'7F'", "x'80'", "x'FF'", "x'FFFF'", "x'27'", "x'61'", "x'62'"],
  ],
  [
    "reals",
    "id REAL PRIMARY KEY NOT NULL",
    "id",
    [
      "-9e999",
      "-1.5",
      "0.0",
      "0.1",
      "0.30000000000000004",
      "0.3",
      "1e15",
      "1.0000000000000002",
      "9e999",
      "123456789.123456789",
    ],
  ],
  [
    "no type: all kinds",
    "id PRIMARY KEY NOT NULL",
    "id",
    [
      "-3",
      "1",
      "1.5",
      "2",
      "'1'",
      "'2'",
      "''",
      "x''",
      "x'31'",
      "'é'",
      "9007199254740993",
      "'9007199254740993'",
    ],
  ],
  [
    "two columns",
    "a INTEGER NOT NULL, b TEXT NOT NULL, PRIMARY KEY(a, b)",
    "a, b",
    pairs(["1", "2", "3"], texts().slice(0, 8)),
  ],
  [
    "two columns WITHOUT ROWID",
    "a TEXT, b INTEGER, PRIMARY KEY(a, b)",
    "a, b",
    pairs(["'x'", "'y'", "''"], ints(9)),
  ],
  [
    "two columns, not in the order of the index",
    "a TEXT, b INTEGER, PRIMARY KEY(a, b)",
    "b, a",
    pairs(["'x'", "'y'", "''"], ints(9)),
  ],
  [
    "three columns",
    "a TEXT NOT NULL COLLATE NOCASE, b INTEGER NOT NULL, c BLOB NOT NULL, UNIQUE(a, b, c)",
    "a, b, c",
    pairs(
      ["'x', 1", "'Y', 1", "'x', 2", "'Y', -9223372036854775808"],
      ["x''", "x'00'", "'text'", "7"],
    ),
  ],
  [
    "four columns",
    "a INT NOT NULL, b INT NOT NULL, c INT NOT NULL, d INT NOT NULL, PRIMARY KEY(a, b, c, d)",
    "a, b, c, d",
    pairs(pairs(["0", "1"], ["0", "1"]), pairs(["0", "1"], ["0", "1", "2"])),
  ],
  [
    "a column with an odd name",
    `"the ""key"" 'of' it" INTEGER PRIMARY KEY`,
    `the "key" 'of' it`,
    ints(20),
  ],
  ["a column with a dollar", '"a$&b" INTEGER PRIMARY KEY', "a$&b", ints(20)],
  ["named in another case", "Id INTEGER PRIMARY KEY", "iD", ints(20)],
];

function ints(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i * 3 + 1));
}

function texts(): string[] {
  return [
    "''",
    "' '",
    "'A'",
    "'B'",
    "'a'",
    "'a '",
    "'b'",
    "'é'",
    "'e\u0301'",
    "'ﬀ'",
    "'😀'",
    "'\uFFFD'",
    "'it''s'",
    "'\"'",
    "'x' || char(0)",
    "'x' || char(0) || 'y'",
    "'x'",
    "'$&'",
    "'10'",
    "'9'",
    "'%'",
  ];
}

function pairs(left: readonly string[], right: readonly string[]): string[] {
  return left.flatMap((a) => right.map((b) => `${a}, ${b}`));
}

describe.each(KEYS)("a key of %s", (name, columns, key, values) => {
  const suffix =
    name.includes("WITHOUT ROWID") || name.includes("not in the order") ? " WITHOUT ROWID" : "";
  const schema = `CREATE TABLE t(n INTEGER NOT NULL DEFAULT 0, ${columns})${suffix};\n${values
    .map((value) => `INSERT INTO t VALUES (0, ${value});`)
    .join("\n")}`;
  const columnList = key
    .split(", ")
    .map((column) => `"${column.replaceAll('"', '""')}"`)
    .join(", ");

  test.each([1, 2, 3, 7, 1000])(
    "processes each row once in SQL with windows of %i rows",
    async (windowRows) => {
      const d1 = await memory(schema);
      const backfill = plain(
        "t",
        key,
        `UPDATE t SET n = n + 1 WHERE (${columnList}) IN (SELECT ${columnList} FROM todo)`,
      );
      const limits = { targetMs: 200, maxRows: windowRows };
      const { ending } = await run(d1, backfill, { windowRows, limits });
      expect(ending).toEqual({ kind: "scanned" });
      expect(await rows(d1, "SELECT n, count(*) AS c FROM t GROUP BY n")).toEqual([
        { n: 1, c: values.length },
      ]);
      const { counts, windows } = await progress(d1);
      expect(counts).toMatchObject({ scanned: values.length, changed: values.length });
      expect(windows).toBe(Math.ceil(values.length / windowRows));
    },
  );

  test("processes each row once with {window} instead of a list of keys", async () => {
    const d1 = await memory(schema);
    await run(d1, plain("t", key, "UPDATE t SET n = n + 1 WHERE {window}"), {
      windowRows: 3,
      limits: { targetMs: 200, maxRows: 3 },
    });
    expect(await rows(d1, "SELECT n, count(*) AS c FROM t GROUP BY n")).toEqual([
      { n: 1, c: values.length },
    ]);
  });

  test("processes each row once if the source is a query", async () => {
    const d1 = await memory(schema);
    const backfill = plain(
      "SELECT * FROM t -- all",
      key,
      `UPDATE t SET n = n + 1 WHERE (${columnList}) IN (SELECT ${columnList} FROM todo)`,
    );
    await run(d1, backfill, { windowRows: 3, limits: { targetMs: 200, maxRows: 3 } });
    expect(await rows(d1, "SELECT n, count(*) AS c FROM t GROUP BY n")).toEqual([
      { n: 1, c: values.length },
    ]);
  });

  test("processes each row once in a program", async () => {
    const d1 = await memory(schema);
    let seen = 0;
    const backfill = rowBackfill({
      source: "t",
      key: key.split(", "),
      decide: () => {
        seen += 1;
        return { outcome: "changed", writes: ["INSERT INTO seen DEFAULT VALUES"] };
      },
    });
    await d1.prepare("CREATE TABLE seen(id INTEGER PRIMARY KEY)").run();
    await run(d1, backfill, { windowRows: 3, limits: { targetMs: 200, maxRows: 3 } });
    expect(seen).toBe(values.length);
    expect(await rows(d1, "SELECT count(*) AS n FROM seen")).toEqual([{ n: values.length }]);
  });
});

test("each window uses the key's index and does not scan the table", async () => {
  const d1 = await memory(
    "CREATE TABLE t(a INTEGER, b INTEGER, n, PRIMARY KEY(a, b)) WITHOUT ROWID",
  );
  const plans: string[] = [];
  const watched = {
    ...d1,
    batch: async <T>(statements: Parameters<typeof d1.batch>[0]) => d1.batch<T>(statements),
    prepare: (sql: string) => {
      if (
        /^UPDATE (?:t|d1ops_backfills)\b/.test(sql) &&
        sql.includes("until") &&
        !sql.includes("?")
      )
        plans.push(sql);
      return d1.prepare(sql);
    },
  };
  await d1
    .prepare(
      "WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 20) INSERT INTO t SELECT i / 5, i, 0 FROM k",
    )
    .run();
  await run(watched, plain("t", "a, b", "UPDATE t SET n = 1 WHERE {window}"));
  expect(plans.length).toBeGreaterThan(3);
  for (const sql of plans) {
    const steps = await rows(d1, `EXPLAIN QUERY PLAN ${sql}`);
    const details = steps.map(({ detail }) => String(detail));
    expect(details.join("\n"), sql).not.toMatch(/TEMP B-TREE FOR ORDER BY.*\bt\b/);
    if (sql.includes("> (SELECT"))
      expect(details.join("\n"), sql).toMatch(/SEARCH t USING PRIMARY KEY/);
  }
});

describe("a source", () => {
  test("may contain a join, a WITH and a grouping", async () => {
    const d1 =
      await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, team INTEGER, n INTEGER DEFAULT 0);
CREATE TABLE teams(id INTEGER PRIMARY KEY, total INTEGER);
INSERT INTO t(team) VALUES (1), (1), (2), (3), (3), (3);
INSERT INTO teams(id) VALUES (1), (2), (3), (4)`);
    const backfill = plain(
      "WITH sums AS (SELECT team, count(*) AS members FROM t GROUP BY team) SELECT teams.id AS id, members FROM teams JOIN sums ON sums.team = teams.id",
      "id",
      "UPDATE teams SET total = (SELECT members FROM todo WHERE todo.id = teams.id) WHERE id IN (SELECT id FROM todo)",
    );
    await run(d1, backfill, { windowRows: 2, limits: { targetMs: 200, maxRows: 2 } });
    expect(await rows(d1, "SELECT id, total FROM teams")).toEqual([
      { id: 1, total: 2 },
      { id: 2, total: 1 },
      { id: 3, total: 3 },
      { id: 4, total: null },
    ]);
  });

  test("passes the same rows to several writes, even if the first one changes their outcome", async () => {
    const d1 =
      await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, state TEXT, n INTEGER DEFAULT 0);
CREATE TABLE log(id INTEGER PRIMARY KEY);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 20) INSERT INTO t SELECT i, CASE WHEN i % 2 THEN 'old' ELSE 'new' END, 0 FROM k`);
    const backfill = sqlBackfill(`-- d1ops:source t
-- d1ops:key id
-- d1ops:outcome
CASE WHEN state = 'old' THEN 'changed' ELSE 'already' END
-- d1ops:write
UPDATE t SET state = 'new', n = n + 1 WHERE id IN (SELECT id FROM todo);
-- and a note of it
WITH noted AS (SELECT id FROM todo) INSERT INTO log SELECT id FROM noted;
with recursive two(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM two WHERE x < 2)
UPDATE t SET n = n + (SELECT count(*) FROM two) WHERE id IN (SELECT id FROM todo)`);
    await run(d1, backfill);
    expect(await rows(d1, "SELECT count(*) AS c, sum(n) AS n FROM t WHERE id % 2")).toEqual([
      { c: 10, n: 30 },
    ]);
    expect(await rows(d1, "SELECT sum(n) AS n FROM t WHERE id % 2 = 0")).toEqual([{ n: 0 }]);
    expect(await rows(d1, "SELECT count(*) AS c FROM log")).toEqual([{ c: 10 }]);
    expect(await rows(d1, "SELECT * FROM d1ops_todo")).toEqual([]);
    expect((await progress(d1)).counts).toMatchObject({ scanned: 20, changed: 10, already: 10 });
  });

  test("may be empty: the next run processes rows that are inserted later", async () => {
    const d1 = await memory("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0)");
    const backfill = plain("t", "id", "UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo)");
    expect((await run(d1, backfill)).ending).toEqual({ kind: "scanned" });
    expect((await progress(d1)).counts.scanned).toBe(0);
    await d1.prepare("INSERT INTO t(id) VALUES (-5), (0), (5)").run();
    await run(d1, backfill);
    expect(await rows(d1, "SELECT id, n FROM t")).toEqual([
      { id: -5, n: 1 },
      { id: 0, n: 1 },
      { id: 5, n: 1 },
    ]);
  });

  test("may be empty if the backfill is a program", async () => {
    const d1 = await memory("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0)");
    const backfill = rowBackfill({
      source: "t",
      key: "id",
      decide: ({ id }) => ({
        outcome: "changed",
        writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]],
      }),
    });
    await run(d1, backfill);
    await d1.prepare("INSERT INTO t(id) VALUES (1), (2)").run();
    await run(d1, backfill);
    expect(await rows(d1, "SELECT sum(n) AS n FROM t")).toEqual([{ n: 2 }]);
  });
});
