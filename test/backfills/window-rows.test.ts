import { describe, expect, test } from "vitest";
import type { D1Database } from "../../src/database/port.ts";
import { memory, progress, quarantine, rowBackfill, rows, run } from "./engine.ts";

const NAME = "0001_rows";

test("a run counts each outcome, quarantines conflicts and invalid rows, and writes changed rows", async () => {
  const d1 =
    await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, b BLOB, n INTEGER DEFAULT 0);
INSERT INTO t(v, b) VALUES ('changed', NULL), ('already', NULL), ('skipped', NULL), ('conflict', x'00FF'), ('invalid', NULL), ('throws', NULL), ('nonsense', NULL), ('unbindable', NULL), ('changed', NULL)`);
  const backfill = rowBackfill({
    source: "t",
    key: "id",
    decide: ({ id, v }) => {
      switch (v) {
        case "changed":
          return { outcome: "changed", writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]] };
        case "already":
        case "skipped":
          return { outcome: v };
        case "conflict":
        case "invalid":
          return { outcome: v, reason: `it is ${v}` };
        case "unbindable":
          return {
            outcome: "changed",
            writes: [["UPDATE t SET n = ? WHERE id = ?", undefined, id]],
          };
        case "nonsense":
          return JSON.parse('{"outcome":"done"}');
        default:
          throw new Error("cannot read this");
      }
    },
  });
  expect(
    (await run(d1, backfill, { windowRows: 2, limits: { targetMs: 200, maxRows: 4 } })).ending,
  ).toEqual({ kind: "scanned" });
  expect((await progress(d1, NAME)).counts).toEqual({
    scanned: 9,
    changed: 2,
    already: 1,
    skipped: 1,
    conflict: 1,
    invalid: 4,
  });
  expect(await rows(d1, "SELECT id FROM t WHERE n = 1")).toEqual([{ id: 1 }, { id: 9 }]);
  expect(await quarantine(d1)).toEqual([
    {
      key: "4",
      outcome: "conflict",
      reason: "it is conflict",
      original: '{"id":4,"v":"conflict","b":"00FF","n":0}',
    },
    { key: "5", outcome: "invalid", reason: "it is invalid", original: expect.any(String) },
    { key: "6", outcome: "invalid", reason: "cannot read this", original: expect.any(String) },
    {
      key: "7",
      outcome: "invalid",
      reason: expect.stringContaining("which is not a verdict"),
      original: expect.any(String),
    },
    {
      key: "8",
      outcome: "invalid",
      reason: expect.stringContaining("Type 'undefined' not supported"),
      original: expect.any(String),
    },
  ]);
});

test("a run calls prepare once and passes its result to decide", async () => {
  const d1 = await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER);
CREATE TABLE rates(rate INTEGER);
INSERT INTO rates VALUES (7);
INSERT INTO t(id) VALUES (1), (2), (3), (4), (5)`);
  let asked = 0;
  const backfill = rowBackfill<number>({
    source: "t",
    key: "id",
    prepare: async (database) => {
      asked += 1;
      return (await database.prepare("SELECT rate FROM rates").first<number>("rate")) ?? 0;
    },
    decide: ({ id }, rate) => ({
      outcome: "changed",
      writes: [["UPDATE t SET n = ? WHERE id = ?", rate, id]],
    }),
  });
  await run(d1, backfill, { windowRows: 2, limits: { targetMs: 200, maxRows: 2 } });
  expect(asked).toBe(1);
  expect(await rows(d1, "SELECT DISTINCT n FROM t")).toEqual([{ n: 7 }]);
});

describe("the database that prepare gets", () => {
  const COUNT = "SELECT count(*) AS n FROM rates";

  async function failureOfPrepare(work: (d1: D1Database) => Promise<unknown>): Promise<unknown> {
    const d1 = await memory("CREATE TABLE t(id INTEGER PRIMARY KEY); CREATE TABLE rates(rate)");
    const backfill = rowBackfill({
      source: "t",
      key: "id",
      prepare: work,
      decide: () => ({ outcome: "skipped" }),
    });
    const { ending } = await run(d1, backfill);
    expect(await rows(d1, COUNT)).toEqual([{ n: 0 }]);
    return ending;
  }

  test.each<[string, (d1: D1Database) => Promise<unknown>]>([
    ["run", (d1) => d1.prepare("INSERT INTO rates VALUES (1)").run()],
    ["batch", (d1) => d1.batch([d1.prepare("SELECT 1; INSERT INTO rates VALUES (1)")])],
    ["exec", (d1) => d1.exec("INSERT INTO rates VALUES (1)")],
  ])("rejects a statement that writes, sent with %s", async (_, work) => {
    expect(await failureOfPrepare(work)).toMatchObject({
      kind: "failed",
      message: expect.stringMatching(
        /^prepare\(\) failed: `prepare` can only read; this statement writes: INSERT INTO rates/,
      ),
    });
  });

  test("runs a batch of statements that read", async () => {
    const ending = await failureOfPrepare((d1) => d1.batch([d1.prepare(COUNT), d1.prepare(COUNT)]));
    expect(ending).toMatchObject({ kind: "scanned" });
  });
});

test("a run ends and releases its state if prepare throws", async () => {
  const d1 = await memory("CREATE TABLE t(id INTEGER PRIMARY KEY)");
  const backfill = rowBackfill({
    source: "t",
    key: "id",
    prepare: async () => {
      throw new TypeError("no rates");
    },
    decide: () => ({ outcome: "skipped" }),
  });
  expect((await run(d1, backfill)).ending).toEqual({
    kind: "failed",
    message: "prepare() failed: no rates",
  });
  expect((await progress(d1, NAME)).state).toBe("paused");
});

test("a run reads keys beyond 2^53 exactly and writes each row under its own key", async () => {
  const keys = [
    "-9223372036854775808",
    "-9007199254740993",
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "9223372036854775807",
  ];
  const d1 = await memory(
    `CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0, seen TEXT);\nINSERT INTO t(id) VALUES ${keys.map((key) => `(${key})`).join(", ")}`,
  );
  const backfill = rowBackfill({
    source: "t",
    key: "ID",
    decide: ({ id }) => ({
      outcome: "changed",
      writes: [["UPDATE t SET n = n + 1, seen = ? WHERE id = ?", `${typeof id} ${String(id)}`, id]],
    }),
  });
  await run(d1, backfill, { windowRows: 2, limits: { targetMs: 200, maxRows: 2 } });
  expect(await rows(d1, "SELECT CAST(id AS TEXT) AS id, n, seen FROM t ORDER BY t.id")).toEqual(
    keys.map((id) => ({
      id,
      n: 1,
      seen: `${id === "9007199254740991" ? "number" : "bigint"} ${id}`,
    })),
  );
});

describe("writes that conflict", () => {
  test.each([[[1]], [[20]], [[7, 8]], [Array.from({ length: 20 }, (_, i) => i + 1)]])(
    "are rolled back for the rows %j alone, which are quarantined as conflicts",
    async (bad) => {
      const d1 = await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0);
CREATE TABLE out(id INTEGER PRIMARY KEY, v TEXT NOT NULL);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 20) INSERT INTO t(id) SELECT i FROM k`);
      const backfill = rowBackfill({
        source: "t",
        key: "id",
        decide: ({ id }) => ({
          outcome: "changed",
          writes: [
            ["UPDATE t SET n = n + 1 WHERE id = ?", id],
            ["INSERT INTO out VALUES (?, ?)", id, bad.includes(Number(id)) ? null : "v"],
          ],
        }),
      });
      expect((await run(d1, backfill)).ending).toEqual({ kind: "scanned" });
      const kept = await rows(
        d1,
        "SELECT CAST(key AS INTEGER) AS id, outcome, reason FROM d1ops_quarantine ORDER BY 1",
      );
      expect(kept.map(({ id }) => id)).toEqual(bad);
      for (const row of kept)
        expect(row).toMatchObject({
          outcome: "conflict",
          reason: expect.stringContaining("NOT NULL constraint failed"),
        });
      expect(await rows(d1, "SELECT sum(n) AS n, count(*) AS c FROM t")).toEqual([
        { n: 20 - bad.length, c: 20 },
      ]);
      expect((await progress(d1, NAME)).counts).toMatchObject({
        scanned: 20,
        changed: 20 - bad.length,
        conflict: bad.length,
      });
    },
  );

  test("quarantine the second of two rows that write the same unique value", async () => {
    const d1 = await memory(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, phone TEXT UNIQUE, raw TEXT);\nINSERT INTO t(raw) VALUES ('555 0100'), ('555-0100'), ('555 0101')",
    );
    const backfill = rowBackfill({
      source: "t",
      key: "id",
      decide: ({ id, raw }) => ({
        outcome: "changed",
        writes: [["UPDATE t SET phone = ? WHERE id = ?", String(raw).replaceAll(/\D/g, ""), id]],
      }),
    });
    await run(d1, backfill);
    expect(await rows(d1, "SELECT id, phone FROM t ORDER BY id")).toEqual([
      { id: 1, phone: "5550100" },
      { id: 2, phone: null },
      { id: 3, phone: "5550101" },
    ]);
    expect((await quarantine(d1)).map(({ key }) => key)).toEqual(["2"]);
  });
});

test("a run reads the rows of a rejected window once, and makes smaller windows of them", async () => {
  const d1 = await memory(
    `CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER CHECK (n <> 3));
INSERT INTO t(id) VALUES (1), (2), (3), (4), (5), (6), (7), (8)`,
  );
  const backfill = rowBackfill({
    source: "t",
    key: "id",
    decide: ({ id }) => ({
      outcome: "changed",
      writes: [["UPDATE t SET n = id WHERE id = ?", id]],
    }),
  });
  const reads: string[] = [];
  const prepare: D1Database["prepare"] = (sql) => {
    const statement = d1.prepare(sql);
    const all: typeof statement.all = async () => {
      reads.push(sql);
      return statement.all();
    };
    return sql.startsWith("SELECT *, ")
      ? new Proxy(statement, {
          get: (target, name) => (name === "all" ? all : Reflect.get(target, name, target)),
        })
      : statement;
  };
  await run({ ...d1, prepare }, backfill, { windowRows: 4, limits: { targetMs: 200, maxRows: 4 } });
  expect(await rows(d1, "SELECT group_concat(id) AS ids FROM t WHERE n IS NULL")).toEqual([
    { ids: "3" },
  ]);
  // One query before the first window, and one after row 3 was set aside. Every other window came with an answer.
  expect(reads).toHaveLength(2);
});
