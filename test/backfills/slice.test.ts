import { describe, expect, test } from "vitest";
import type { SqlBackfill } from "../../src/backfills/backfill.ts";
import { beforeOwnRows } from "../../src/backfills/slice.ts";
import { memory, plain, progress, rows, run } from "./engine.ts";

function backfill(over: Partial<SqlBackfill> = {}): SqlBackfill {
  const made = plain("t", "id", "UPDATE t SET n = 1 WHERE {window}");
  if (made.kind !== "sql") throw new TypeError("not in SQL");
  return { ...made, ...over };
}

describe("beforeOwnRows", () => {
  test.each([
    ["UPDATE t SET n = n + 1 ", "WHERE id IN (SELECT id FROM todo)"],
    ["update T set n = n + 1 ", "where ID in(select Id from TODO)"],
    [
      "UPDATE \"t\" SET n = 1, m = ' WHERE ' || x\n",
      'WHERE [id] IN /* of */ (SELECT "id" FROM todo) -- all',
    ],
    ["UPDATE t SET n = coalesce(n, 0) + (1) -- WHERE\n", "WHERE id IN (SELECT id FROM todo)"],
    ["DELETE FROM t ", "WHERE id IN (SELECT id FROM todo)"],
  ])("returns the part before the list of own rows: %s|%s", (head, list) => {
    expect(beforeOwnRows(backfill(), head + list)).toBe(head);
  });

  test.each([
    ["another table", "UPDATE u SET n = 1 WHERE id IN (SELECT id FROM todo)"],
    ["a DELETE from another table", "DELETE FROM u WHERE id IN (SELECT id FROM todo)"],
    ["another column", "UPDATE t SET n = 1 WHERE n IN (SELECT id FROM todo)"],
    ["another column of the list", "UPDATE t SET n = 1 WHERE id IN (SELECT n FROM todo)"],
    ["a text in place of the column", "UPDATE t SET n = 1 WHERE 'id' IN (SELECT id FROM todo)"],
    ["a list of all rows of the window", "UPDATE t SET n = 1 WHERE id IN (SELECT id FROM slice)"],
    ["a negated list", "UPDATE t SET n = 1 WHERE id NOT IN (SELECT id FROM todo)"],
    [
      "another condition before the list",
      "UPDATE t SET n = 1 WHERE n = 0 AND id IN (SELECT id FROM todo)",
    ],
    [
      "another condition after the list",
      "UPDATE t SET n = 1 WHERE id IN (SELECT id FROM todo) AND n = 0",
    ],
    ["a part of the list", "UPDATE t SET n = 1 WHERE id IN (SELECT id FROM todo WHERE n = 0)"],
    ["an alias of the table", "UPDATE t AS x SET n = 1 WHERE id IN (SELECT id FROM todo)"],
    ["UPDATE OR IGNORE", "UPDATE OR IGNORE t SET n = 1 WHERE id IN (SELECT id FROM todo)"],
    ["UPDATE with FROM", "UPDATE t SET n = u.n FROM u WHERE id IN (SELECT id FROM todo)"],
    ["a subquery in SET", "UPDATE t SET n = (SELECT 1) WHERE id IN (SELECT id FROM todo)"],
    [
      "a statement that begins with WITH",
      "WITH u AS (SELECT 1) UPDATE t SET n = 1 WHERE id IN (SELECT id FROM todo)",
    ],
    ["a RETURNING clause", "UPDATE t SET n = 1 WHERE id IN (SELECT id FROM todo) RETURNING id"],
    ["a list that is a comment", "UPDATE t SET n = 1 -- WHERE id IN (SELECT id FROM todo)"],
    ["a list that is a text", "UPDATE t SET n = ' WHERE id IN (SELECT id FROM todo)'"],
    [
      "a list in a list",
      "UPDATE t SET n = 1 WHERE id IN (SELECT x FROM u WHERE id IN (SELECT id FROM todo))",
    ],
    ["the list alone", "WHERE id IN (SELECT id FROM todo)"],
    ["an empty text", ""],
  ])("returns null for %s", (_, text) => {
    expect(beforeOwnRows(backfill(), text)).toBeNull();
  });

  test.each([
    ["CASE WHEN n = 0 THEN 'changed' ELSE 'already: selected' END", true],
    ["CASE WHEN EXISTS (SELECT 1 FROM u WHERE u.id = id) THEN 'already' ELSE 'changed' END", false],
    ["iif(slice.n, 'already', 'changed')", false],
  ])("reads whether the outcome %s depends on the row alone: %s", (outcome, own) => {
    const text = "UPDATE t SET n = 1 WHERE id IN (SELECT id FROM todo)";
    expect(beforeOwnRows(backfill({ outcome }), text) !== null).toBe(own);
  });

  test("returns null for a composite key", () => {
    const text = "UPDATE t SET n = 1 WHERE id IN (SELECT id FROM todo)";
    expect(beforeOwnRows(backfill({ key: ["id", "n"] }), text)).toBeNull();
  });
});

const SCHEMA = `CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0, v TEXT);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 40) INSERT INTO t(id, v) SELECT i, CASE i % 4 WHEN 0 THEN 'already' WHEN 1 THEN 'changed: ' || i WHEN 2 THEN 'changed' ELSE 'invalid' END FROM k`;

test.each([
  ["UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo)"],
  ["UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo) AND 1"],
])("a run writes exactly the rows that are `changed`, with the statement %s", async (write) => {
  const d1 = await memory(SCHEMA);
  await run(d1, plain("t", "id", write, "-- d1ops:outcome\nv -- as it is\n"));
  expect(await rows(d1, "SELECT id % 4 AS r, min(n) AS a, max(n) AS z FROM t GROUP BY 1")).toEqual([
    { r: 0, a: 0, z: 0 },
    { r: 1, a: 1, z: 1 },
    { r: 2, a: 1, z: 1 },
    { r: 3, a: 0, z: 0 },
  ]);
  expect((await progress(d1)).counts).toMatchObject({ scanned: 40, changed: 20, invalid: 10 });
});

test("a run deletes exactly the rows that are `changed`", async () => {
  const d1 = await memory(SCHEMA);
  const write = "DELETE FROM t WHERE id IN (SELECT id FROM todo)";
  await run(d1, plain("t", "id", write, "-- d1ops:outcome\nv\n"));
  expect(await rows(d1, "SELECT count(*) AS c, sum(id % 4 IN (1, 2)) AS s FROM t")).toEqual([
    { c: 20, s: 0 },
  ]);
  expect((await progress(d1)).counts).toMatchObject({ scanned: 40, changed: 20, invalid: 10 });
});

test("a run passes the same rows to the second write, even if the first one changes their outcome", async () => {
  const d1 = await memory(
    "CREATE TABLE t(id INTEGER PRIMARY KEY, done, v);\nINSERT INTO t VALUES (1, 0, 0), (2, 1, 0)",
  );
  const writes =
    "UPDATE t SET done = 1 WHERE id IN (SELECT id FROM todo);\nUPDATE t SET v = 1 WHERE id IN (SELECT id FROM todo)";
  const outcome = "-- d1ops:outcome\nCASE WHEN done = 1 THEN 'already' ELSE 'changed' END\n";
  await run(d1, plain("t", "id", writes, outcome));
  expect(await rows(d1, "SELECT id, done, v FROM t ORDER BY id")).toEqual([
    { id: 1, done: 1, v: 1 },
    { id: 2, done: 1, v: 0 },
  ]);
});
