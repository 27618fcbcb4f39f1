import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { edgesOf } from "../../src/backfills/window-keys.ts";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import { memory, plain, progress, rows, run } from "./engine.ts";

/** The UPDATEs of the source that a run sends. */
function recordingUpdates(d1: D1Database): { d1: D1Database; updates: string[] } {
  const updates: string[] = [];
  const prepare: D1Database["prepare"] = (sql) => {
    if (sql.startsWith("UPDATE t ")) updates.push(sql.replace(/^.*? WHERE /, ""));
    return d1.prepare(sql);
  };
  return { d1: { ...d1, prepare }, updates };
}

async function table(type: string, keys: readonly string[]): Promise<D1Database> {
  return memory(
    `CREATE TABLE t(id ${type} PRIMARY KEY NOT NULL, n INTEGER DEFAULT 0);\nINSERT INTO t(id) VALUES (${keys.join("), (")})`,
  );
}

const BACKFILL = plain("t", "id", "UPDATE t SET n = n + 1 WHERE {window}");
const PAIRS = { windowRows: 2, limits: { targetMs: 200, maxRows: 2 } };

test("the first window reads its edges from the state, and later windows contain them as literals", async () => {
  const { d1, updates } = recordingUpdates(await table("INTEGER", ["-5", "1", "2", "30", "31"]));
  await run(d1, BACKFILL, PAIRS);
  expect(updates).toEqual([
    `(1 AND "id" <= (SELECT until_1 FROM d1ops_backfills WHERE name = '0001_fill'))`,
    `("id" > 1 AND "id" <= 30)`,
    `("id" > 30 AND "id" <= 31)`,
  ]);
});

test("later windows contain the edges of a composite key as literals", async () => {
  const { d1, updates } = recordingUpdates(
    await memory(
      "CREATE TABLE t(a TEXT, b INTEGER, n INTEGER DEFAULT 0, PRIMARY KEY(a, b));\nINSERT INTO t(a, b) VALUES ('it''s', 1), ('it''s', 2), ('it''s', 3), ('x', 1)",
    ),
  );
  await run(d1, plain("t", "a, b", "UPDATE t SET n = n + 1 WHERE {window}"), PAIRS);
  expect(updates.at(-1)).toBe(`(("a", "b") > ('it''s', 2) AND ("a", "b") <= ('x', 1))`);
});

test.each([
  ["a real", "REAL", ["1.5", "2.5", "3.5", "4.5"]],
  ["a blob", "BLOB", ["x'01'", "x'02'", "x'03'", "x'04'"]],
  ["a text of other letters", "TEXT", ["'ä'", "'ö'", "'ü'", "'ß'"]],
  [
    "a text that is not UTF-8",
    "TEXT",
    ["'a'", "'b'", "CAST(x'FE' AS TEXT)", "CAST(x'FF' AS TEXT)"],
  ],
  ["a text with a NUL", "TEXT", ["'a'", "'b'", "'c' || char(0)", "'d' || char(0)"]],
  ["a line break", "TEXT", ["'a'", "'b'", "'c' || char(10)", "'d' || char(10)"]],
  ["a long text", "TEXT", ["'a'", "'b'", `'c${"c".repeat(300)}'`, `'d${"d".repeat(300)}'`]],
  ["the largest integer", "INTEGER", ["1", "2", "3", "9223372036854775807"]],
])("each window reads its edges from the state if the key is %s", async (_, type, keys) => {
  const { d1, updates } = recordingUpdates(await table(type, keys));
  await run(d1, BACKFILL, PAIRS);
  expect(updates).toHaveLength(2);
  for (const sql of updates) expect(sql).toContain("(SELECT until_1 FROM d1ops_backfills");
  expect(await rows(d1, "SELECT n, count(*) AS c FROM t GROUP BY n")).toEqual([{ n: 1, c: 4 }]);
});

test("a window reads its end again after a wait, because rows may have been inserted", async () => {
  const { d1, updates } = recordingUpdates(await table("INTEGER", ["1", "100", "200", "300"]));
  const sleep = async (): Promise<void> => {
    await d1.prepare("INSERT OR IGNORE INTO t(id) VALUES (101), (102), (103)").run();
  };
  let windows = 0;
  await run(d1, BACKFILL, { ...PAIRS, pauseMs: 5, sleep, stopping: () => (windows += 1) > 2 });
  expect(updates.at(-1)).toContain("(SELECT until_1 FROM d1ops_backfills");
  expect((await progress(d1)).counts.scanned).toBe(4);
});

describe("edgesOf", () => {
  const edges = { after: "1", until: "9" };
  const ahead = { windows: 4, rows: 8, edges };
  test.each([
    ["the known edges for the window that they belong to", ahead, 4, 8, edges],
    ["null for another window", ahead, 5, 8, null],
    ["null for another size", ahead, 4, 7, null],
    ["null for a single row", { ...ahead, rows: 1 }, 4, 1, null],
    ["null if no edges are known", null, 4, 8, null],
  ])("returns %s", (_, known, windows, size, expected) => {
    expect(edgesOf(known, windows, size)).toEqual(expected);
  });
});

/** A write of the application between two windows. */
const doings = fc.array(
  fc.array(
    fc.record({ what: fc.constantFrom("insert", "delete"), id: fc.integer({ min: 0, max: 99 }) }),
    { maxLength: 6 },
  ),
  { maxLength: 30 },
);

test("a run processes rows ahead of the cursor exactly once while other clients insert and delete rows", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 60 }),
      doings,
      fc.integer({ min: 1, max: 9 }),
      async (ids, plan, windowRows) => {
        const { d1, close } = openMemory();
        try {
          await d1.prepare("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0)").run();
          for (const id of ids) await d1.prepare("INSERT INTO t(id) VALUES (?)").bind(id).run();
          const expected = new Map(ids.map((id) => [id, 1]));
          const todo = plan.map((some) => [...some]);
          const breathe = async (): Promise<void> => {
            const [cursor] = (await progress(d1)).cursor ?? ["-1"];
            for (const { what, id } of todo.shift() ?? []) {
              if (what === "delete") {
                await d1.prepare("DELETE FROM t WHERE id = ?").bind(id).run();
                expected.delete(id);
              } else if (!expected.has(id)) {
                await d1.prepare("INSERT INTO t(id) VALUES (?)").bind(id).run();
                expected.set(id, id > Number(cursor) ? 1 : 0);
              }
            }
          };
          const limits = { targetMs: 200, maxRows: windowRows };
          const { ending } = await run(d1, BACKFILL, { windowRows, limits, breathe });
          expect(ending).toEqual({ kind: "scanned" });
          const found = await rows(d1, "SELECT id, n FROM t");
          expect(new Map(found.map(({ id, n }) => [id, n]))).toEqual(expected);
        } finally {
          close();
        }
      },
    ),
    { numRuns: Number(process.env["D1OPS_TEST_RUNS"] ?? 200) },
  );
});
