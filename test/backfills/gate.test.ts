/** The statement in a migration's batch that fails if the conditions of the gate no longer hold. */
import { describe, expect, test } from "vitest";
import { readinessOf, stillReady } from "../../src/backfills/gate.ts";
import { reconcile } from "../../src/backfills/rows-left.ts";
import type { D1Database } from "../../src/database/port.ts";
import { memory, plain, rows, run } from "./engine.ts";

const FILL = {
  ...plain("t", "id", "UPDATE t SET n = 1 WHERE {window}"),
  reconcile: "SELECT id FROM t WHERE n = 0",
};

async function reconciled(): Promise<D1Database> {
  const d1 = await memory(
    "CREATE TABLE t(id INTEGER PRIMARY KEY, n);\nINSERT INTO t VALUES (1, 0), (2, 0)",
  );
  await run(d1, FILL);
  await reconcile(d1, FILL);
  return d1;
}

describe("a batch that needs a reconciled backfill", () => {
  test("succeeds while the backfill is reconciled", async () => {
    const d1 = await reconciled();
    await expect(stillReady(d1, FILL, "reconciled").all()).resolves.toMatchObject({
      results: [{ ready: 1 }],
    });
  });

  test.each([
    ["was started again and has not ended", "UPDATE d1ops_backfills SET state = 'running'"],
    ["was cancelled", "UPDATE d1ops_backfills SET state = 'cancelled'"],
    ["has a changed file", "UPDATE d1ops_backfills SET checksum = 'other'"],
    ["is recorded under another name", "UPDATE d1ops_backfills SET name = '0002_other'"],
    ["has a row that is not done", "INSERT INTO t VALUES (3, 0)"],
    ["has no state any more", "DELETE FROM d1ops_backfills"],
  ])("fails if the backfill %s", async (_, meanwhile) => {
    const d1 = await reconciled();
    await rows(d1, meanwhile);
    await expect(stillReady(d1, FILL, "reconciled").all()).rejects.toThrow("malformed JSON");
  });

  test("fails if the backfill no longer has a reconciliation", async () => {
    const d1 = await reconciled();
    const without = { ...FILL, reconcile: null };
    await expect(stillReady(d1, without, "reconciled").all()).rejects.toThrow("malformed JSON");
  });
});

describe("a batch that needs a source without rows", () => {
  test("succeeds while the source has no row, and fails once it has one", async () => {
    const d1 = await memory("CREATE TABLE t(id INTEGER PRIMARY KEY, n)");
    await expect(stillReady(d1, FILL, "nothing to read").all()).resolves.toMatchObject({
      results: [{ ready: 1 }],
    });
    await rows(d1, "INSERT INTO t VALUES (1, 1)");
    await expect(stillReady(d1, FILL, "nothing to read").all()).rejects.toThrow("malformed JSON");
  });
});

describe("whether a migration may run", () => {
  test("may run once the backfill is reconciled", async () => {
    expect(await readinessOf(await reconciled(), FILL)).toEqual({ kind: "reconciled" });
  });

  test.each([
    ["UPDATE d1ops_backfills SET state = 'scanned'", "it is scanned, not reconciled"],
    [
      "UPDATE d1ops_backfills SET checksum = 'other'",
      "its file was edited after it was reconciled",
    ],
    ["DELETE FROM d1ops_backfills", "it has not been run"],
    ["INSERT INTO t VALUES (3, 0)", "its reconciliation still finds 1 row"],
    ["INSERT INTO t VALUES (3, 0), (4, 0)", "its reconciliation still finds 2 rows"],
  ])("may not run after %s", async (meanwhile, reason) => {
    const d1 = await reconciled();
    await rows(d1, meanwhile);
    expect(await readinessOf(d1, FILL)).toEqual({
      kind: "not ready",
      reason,
      help: expect.any(String),
    });
  });

  test("may not run if the backfill has no reconciliation", async () => {
    expect(await readinessOf(await reconciled(), { ...FILL, reconcile: null })).toEqual({
      kind: "not ready",
      reason: "it has no reconciliation, so d1ops cannot tell whether all rows are done",
      help: "Add a part `d1ops:reconcile` to backfills/0001_fill.sql: a query that selects the rows that are not done.",
    });
  });

  test("may not run if only another backfill is reconciled", async () => {
    const d1 = await reconciled();
    expect(await readinessOf(d1, { ...FILL, name: "0002_other" })).toEqual({
      kind: "not ready",
      reason: "it has not been run",
      help: expect.any(String),
    });
  });

  test.each([
    ["DELETE FROM d1ops_backfills", "d1ops backfill run 0001_fill"],
    ["UPDATE d1ops_backfills SET state = 'paused'", "d1ops backfill run 0001_fill"],
    ["UPDATE d1ops_backfills SET state = 'scanned'", "d1ops backfill run 0001_fill --anew"],
    [
      "UPDATE d1ops_backfills SET state = 'paused', checksum = 'other'",
      "d1ops backfill run 0001_fill --anew",
    ],
    ["UPDATE d1ops_backfills SET checksum = 'other'", "d1ops backfill run 0001_fill --anew"],
  ])("names the run that helps after %s", async (meanwhile, commandLine) => {
    const d1 = await reconciled();
    await rows(d1, meanwhile);
    expect(await readinessOf(d1, FILL)).toMatchObject({
      help: expect.stringMatching(new RegExp(`:\n${commandLine}$`)),
    });
  });

  test.each([
    [
      "DROP TABLE t",
      "its source reads the table t, which does not exist",
      "Correct the source in backfills/0001_fill.sql, or create the table in an earlier migration.",
    ],
    [
      "ALTER TABLE t RENAME COLUMN n TO m",
      "its source cannot be read: no such column: n at offset 43: SQLITE_ERROR",
      "Correct the source in backfills/0001_fill.sql.",
    ],
  ])("is reported as unreadable, with the reason, after %s", async (meanwhile, reason, help) => {
    const d1 = await reconciled();
    await rows(d1, meanwhile);
    const backfill = {
      ...FILL,
      source: meanwhile.startsWith("DROP") ? "t" : "SELECT id FROM t WHERE n = 0",
    };
    expect(await readinessOf(d1, backfill)).toEqual({
      kind: "unreadable",
      reason,
      help,
    });
  });
});
