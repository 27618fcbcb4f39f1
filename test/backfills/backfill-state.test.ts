/** Reading the state of backfills from the database. */
import { expect, test } from "vitest";
import { createTables, readProgress } from "../../src/backfills/backfill-state.ts";
import { memory, plain, progress, rows, run } from "./engine.ts";

test("reads backfills in the order of their names", async () => {
  const d1 = await memory("CREATE TABLE t(id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (1)");
  const backfill = plain("t", "id", "UPDATE t SET id = id WHERE id IN (SELECT id FROM todo)");
  for (const name of ["0002_b", "0003_c", "0001_a"]) await run(d1, { ...backfill, name });
  expect((await readProgress(d1)).map(({ name }) => name)).toEqual(["0001_a", "0002_b", "0003_c"]);
});

test("shows a blob cursor as an SQL literal", async () => {
  const d1 = await memory(
    "CREATE TABLE t(id BLOB PRIMARY KEY, n);\nINSERT INTO t VALUES (x'C3FF', 0)",
  );
  await run(d1, plain("t", "id", "UPDATE t SET n = 1 WHERE id IN (SELECT id FROM todo)"));
  expect((await progress(d1)).cursor).toEqual(["X'C3FF'"]);
});

test("shows the cursor of a composite key with each of its columns", async () => {
  const d1 = await memory(
    "CREATE TABLE t(a, b, c, d, n, PRIMARY KEY (a, b, c, d));\nINSERT INTO t VALUES (1, 'two', 3.5, x'04', 0)",
  );
  await run(d1, plain("t", "a, b, c, d", "UPDATE t SET n = 1 WHERE {window}"));
  expect((await progress(d1)).cursor).toEqual(["1", "two", "3.5", "X'04'"]);
});

test("reads an unknown state of a newer version as paused", async () => {
  const d1 = await memory("");
  await d1.batch(createTables(d1));
  await rows(
    d1,
    "INSERT INTO d1ops_backfills (name, checksum, state, holder, token, started_at, updated_at) VALUES ('0001_fill', '', 'resting', '', '', '', '')",
  );
  expect((await progress(d1)).state).toBe("paused");
});

test("throws the error of the database if it cannot be read", async () => {
  const d1 = await memory("CREATE TABLE d1ops_backfills(name)");
  await expect(readProgress(d1)).rejects.toThrow("no such column: checksum");
});
