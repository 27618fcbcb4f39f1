import { describe, expect, test } from "vitest";
import { memory, plain, progress, quarantine, rows, run, sqlBackfill } from "./engine.ts";

const WRITE = "UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo)";

test.each([
  ["one write", false, ""],
  ["several writes", true, ""],
  ["an outcome from a column that ignores case", false, "COLLATE NOCASE"],
] as const)(
  "a run counts each outcome and writes only rows that are `changed`: %s",
  async (_, several, collation) => {
    const d1 =
      await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, v ${collation}, n INTEGER DEFAULT 0);
INSERT INTO t(v) VALUES ('changed'), ('changed: at last'), ('already'), ('already: done'), ('skipped'), ('skipped:by hand'),
  ('conflict'), ('conflict: two: of them'), ('invalid'), ('invalid:  spaces  '), ('invalid:'),
  (NULL), ('Changed'), ('changedd'), ('changed-not'), (' changed'), ('done'), (''), (7), (x'6368616E676564')`);
    const backfill = plain(
      "t",
      "id",
      several ? `${WRITE};\n${WRITE}` : WRITE,
      "-- d1ops:outcome\nv\n",
    );
    const { ending } = await run(d1, backfill);
    expect(ending).toEqual({ kind: "scanned" });
    expect((await progress(d1)).counts).toEqual({
      scanned: 20,
      changed: 2,
      already: 2,
      skipped: 2,
      conflict: 2,
      invalid: 12,
    });
    const step = several ? 2 : 1;
    expect(await rows(d1, "SELECT id FROM t WHERE n > 0")).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await rows(d1, "SELECT DISTINCT n FROM t WHERE n > 0")).toEqual([{ n: step }]);
    const reasons = new Map(
      (await quarantine(d1)).map(({ key, outcome, reason }) => [
        key,
        `${String(outcome)}|${String(reason)}`,
      ]),
    );
    expect(Object.fromEntries(reasons)).toEqual({
      7: "conflict|no reason given",
      8: "conflict|two: of them",
      9: "invalid|no reason given",
      10: "invalid|spaces",
      11: "invalid|",
      12: "invalid|d1ops:outcome returned NULL, which is not an outcome",
      13: "invalid|d1ops:outcome returned 'Changed', which is not an outcome",
      14: "invalid|d1ops:outcome returned 'changedd', which is not an outcome",
      15: "invalid|d1ops:outcome returned 'changed-not', which is not an outcome",
      16: "invalid|d1ops:outcome returned ' changed', which is not an outcome",
      17: "invalid|d1ops:outcome returned 'done', which is not an outcome",
      18: "invalid|d1ops:outcome returned '', which is not an outcome",
      19: "invalid|d1ops:outcome returned 7, which is not an outcome",
      20: "invalid|d1ops:outcome returned X'6368616E676564', which is not an outcome",
    });
  },
);

describe("the quarantine", () => {
  test("stores blobs as hexadecimal, and NULL, big integers and all kinds of text unchanged", async () => {
    const d1 = await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, n DEFAULT 0);
INSERT INTO t(id, a, b) VALUES (9007199254740993, x'00FFC3', NULL), (-9223372036854775808, 9223372036854775807, '{"it''s":"\u{1F600}"}'), (3, 1.5, 'a' || char(10) || 'b')`);
    await run(d1, plain("t", "id", WRITE, "-- d1ops:outcome\n'invalid: all'\n"));
    expect(await quarantine(d1)).toEqual([
      {
        key: "-9223372036854775808",
        outcome: "invalid",
        reason: "all",
        original: `{"id":-9223372036854775808,"a":9223372036854775807,"b":"{\\"it's\\":\\"😀\\"}","n":0}`,
      },
      {
        key: "3",
        outcome: "invalid",
        reason: "all",
        original: String.raw`{"id":3,"a":1.5,"b":"a\nb","n":0}`,
      },
      {
        key: "9007199254740993",
        outcome: "invalid",
        reason: "all",
        original: '{"id":9007199254740993,"a":"00FFC3","b":null,"n":0}',
      },
    ]);
  });

  test.each([1, 14, 15, 16, 30, 31, 95])("stores a row with %i more columns", async (count) => {
    const names = Array.from({ length: count }, (_, i) => `c ${i} "x" 'y'`);
    const columns = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(", ");
    const d1 = await memory(
      `CREATE TABLE t(id INTEGER PRIMARY KEY, ${columns});\nINSERT INTO t VALUES (1, ${names.map((_, i) => (i % 3 === 0 ? "NULL" : `'v${i}'`)).join(", ")})`,
    );
    const write = "UPDATE t SET id = id WHERE id IN (SELECT id FROM todo)";
    await run(d1, plain("t", "id", write, "-- d1ops:outcome\n'conflict: x'\n"));
    const [row] = await quarantine(d1);
    expect(JSON.parse(String(row?.["original"]))).toEqual({
      id: 1,
      ...Object.fromEntries(names.map((name, i) => [name, i % 3 === 0 ? null : `v${i}`])),
    });
  });

  test("distinguishes two keys that have the same text", async () => {
    const d1 = await memory(
      "CREATE TABLE t(id PRIMARY KEY NOT NULL, n);\nINSERT INTO t(id) VALUES (1), ('1'), (x'31'), ('a'), ('a' || char(0)), ('a' || char(0) || 'b')",
    );
    await run(d1, plain("t", "id", WRITE, "-- d1ops:outcome\n'invalid'\n"));
    expect((await quarantine(d1)).map(({ key }) => key)).toEqual([
      "'1'",
      "'a'",
      "1",
      "CAST(x'6100' AS TEXT)",
      "CAST(x'610062' AS TEXT)",
      "X'31'",
    ]);
  });

  test("stores a composite key as SQL literals", async () => {
    const d1 = await memory(
      "CREATE TABLE t(a, b, id, PRIMARY KEY(a, b));\nINSERT INTO t VALUES ('it''s, one', x'00', 5)",
    );
    await run(
      d1,
      plain("t", "a, b", WRITE.replace("n = n + 1", "id = 1"), "-- d1ops:outcome\n'invalid'\n"),
    );
    expect((await quarantine(d1))[0]?.["key"]).toBe("'it''s, one', X'00'");
  });

  test("is emptied by --anew for its own backfill only", async () => {
    const d1 = await memory(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, n);\nINSERT INTO t VALUES (1, 0), (2, 0)",
    );
    const file = (outcome: string): string =>
      `-- d1ops:source t\n-- d1ops:key id\n-- d1ops:outcome\n${outcome}\n-- d1ops:write\n${WRITE}`;
    await run(d1, sqlBackfill(file("'invalid: a'"), "0001_a"));
    await run(d1, sqlBackfill(file("'invalid: b'"), "0002_b"));
    await run(
      d1,
      sqlBackfill(file("CASE id WHEN 1 THEN 'changed' ELSE 'conflict: c' END"), "0002_b"),
      { anew: true },
    );
    expect(
      await rows(d1, "SELECT backfill, key, reason FROM d1ops_quarantine ORDER BY 1, 2"),
    ).toEqual([
      { backfill: "0001_a", key: "1", reason: "a" },
      { backfill: "0001_a", key: "2", reason: "a" },
      { backfill: "0002_b", key: "2", reason: "c" },
    ]);
  });
});

describe("rows that the database rejects", () => {
  const all = Array.from({ length: 40 }, (_, i) => i + 1);

  test.each<[name: string, bad: readonly number[]]>([
    ["the first", [1]],
    ["the last", [40]],
    ["in the middle", [20]],
    ["two in one window", [9, 12]],
    ["neighbours", [15, 16, 17]],
    ["first and last of a window", [8, 14]],
    ["all", all],
    ["none", []],
  ])("are quarantined, and all other rows are written: %s", async (_, bad) => {
    const d1 =
      await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0, CHECK (n = 0 OR id NOT IN (${bad.join(", ") || "0"})));
CREATE TABLE log(id INTEGER PRIMARY KEY);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 40) INSERT INTO t(id) SELECT i FROM k`);
    const backfill = plain("t", "id", `INSERT INTO log SELECT id FROM todo;\n${WRITE}`);
    const { ending } = await run(d1, backfill, {
      windowRows: 16,
      limits: { targetMs: 200, maxRows: 16 },
    });
    expect(ending).toEqual({ kind: "scanned" });
    const good = all.filter((id) => !bad.includes(id)).map((id) => ({ id }));
    expect(await rows(d1, "SELECT id FROM t WHERE n = 1 ORDER BY id")).toEqual(good);
    expect(await rows(d1, "SELECT id FROM log ORDER BY id")).toEqual(good);
    expect((await progress(d1)).counts).toMatchObject({
      scanned: 40,
      changed: good.length,
      conflict: bad.length,
    });
    const kept = await rows(
      d1,
      "SELECT CAST(key AS INTEGER) AS id, outcome, reason, original FROM d1ops_quarantine ORDER BY 1",
    );
    expect(kept.map(({ id }) => id)).toEqual(bad);
    for (const { id, outcome, reason, original } of kept) {
      expect({ outcome, original }).toEqual({
        outcome: "conflict",
        original: `{"id":${String(id)},"n":0}`,
      });
      expect(reason).toMatch(/^CHECK constraint failed: .*SQLITE_CONSTRAINT/);
    }
  });

  test("are found if a trigger, a unique index or invalid JSON is the cause", async () => {
    const d1 =
      await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, n INTEGER DEFAULT 0, u INTEGER UNIQUE);
INSERT INTO t(v) VALUES ('{"a":1}'), ('{'), ('{"a":1}'), ('{"a":2}'), ('{"a":9}');
CREATE TRIGGER no BEFORE UPDATE ON t WHEN NEW.u = 9 BEGIN SELECT RAISE(ABORT, 'nine is not wanted'); END`);
    await run(
      d1,
      plain("t", "id", "UPDATE t SET u = json_extract(v, '$.a') WHERE id IN (SELECT id FROM todo)"),
    );
    expect(await rows(d1, "SELECT id, u FROM t WHERE u IS NOT NULL ORDER BY id")).toEqual([
      { id: 1, u: 1 },
      { id: 4, u: 2 },
    ]);
    const kept = await quarantine(d1);
    expect(kept.map(({ key }) => key)).toEqual(["2", "3", "5"]);
    expect(kept.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("malformed JSON"),
      expect.stringContaining("UNIQUE constraint failed: t.u"),
      expect.stringContaining("nine is not wanted"),
    ]);
  });

  test("stay out of the quarantine if a statement is wrong: the window rolls back, and the corrected file continues", async () => {
    const d1 = await memory(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0);\nINSERT INTO t(id) VALUES (1), (2)",
    );
    const wrong = plain("t", "id", `${WRITE};\nUPDATE gone SET a = (SELECT count(*) FROM todo)`);
    const { ending } = await run(d1, wrong);
    expect(ending).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("no such table: gone"),
    });
    expect(await rows(d1, "SELECT sum(n) AS n FROM t")).toEqual([{ n: 0 }]);
    expect(await progress(d1)).toMatchObject({ state: "paused", windows: 0 });
    await run(d1, plain("t", "id", WRITE));
    expect(await rows(d1, "SELECT n FROM t")).toEqual([{ n: 1 }, { n: 1 }]);
  });

  test("stop the run once there are more of them than --max-quarantined allows", async () => {
    const d1 = await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 40) INSERT INTO t(id) SELECT i FROM k`);
    const backfill = plain(
      "t",
      "id",
      WRITE,
      "-- d1ops:outcome\nCASE WHEN id % 10 = 5 THEN 'invalid: 5' ELSE 'changed' END\n",
    );
    const limits = { targetMs: 200, maxRows: 5 };
    const over = { windowRows: 5, limits };
    expect((await run(d1, backfill, { ...over, maxQuarantined: 1 })).ending).toEqual({
      kind: "limit",
      limit: "max-quarantined",
    });
    expect((await progress(d1)).counts).toMatchObject({ scanned: 15, invalid: 2 });
    expect((await progress(d1)).state).toBe("paused");
    expect((await run(d1, backfill, { ...over, maxQuarantined: 1 })).ending).toMatchObject({
      kind: "limit",
    });
    expect((await progress(d1)).counts.scanned).toBe(15);
    expect((await run(d1, backfill, { ...over, maxQuarantined: 4 })).ending).toEqual({
      kind: "scanned",
    });
    expect(await rows(d1, "SELECT sum(n) AS n FROM t")).toEqual([{ n: 36 }]);
  });
});
