/** How a run ends: at a limit, with an error of its program, or with a source that cannot be read. */
import { describe, expect, test } from "vitest";
import type { Backfill } from "../../src/backfills/backfill.ts";
import { costOf } from "../../src/report/billing.ts";
import type { D1Database } from "../../src/database/port.ts";
import { OpsError } from "../../src/report/error.ts";
import { memory, plain, progress, quarantine, rowBackfill, rows, run } from "./engine.ts";

const fill = (outcome = ""): Backfill =>
  plain("t", "id", "UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo)", outcome);

const program = (): Backfill =>
  rowBackfill(
    {
      source: "t",
      key: "id",
      decide: ({ id }) => ({
        outcome: "changed",
        writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]],
      }),
    },
    "0001_fill",
  );

const kinds: readonly [string, () => Backfill][] = [
  ["SQL", fill],
  ["a program", program],
];

async function table(): Promise<D1Database> {
  return memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 21) INSERT INTO t(id) SELECT i FROM k`);
}

describe.each(kinds)("a backfill in %s", (_, backfill) => {
  /** The cost of one window. */
  async function oneWindow(): Promise<{ rowsRead: number; rowsWritten: number }> {
    let windows = 0;
    return run(await table(), backfill(), {
      onWindow: () => {
        windows += 1;
      },
      stopping: () => windows === 1,
    });
  }

  test("ends after the window that reaches --max-rows-written exactly", async () => {
    const d1 = await table();
    const { rowsWritten } = await oneWindow();
    const { ending } = await run(d1, backfill(), { maxRowsWritten: rowsWritten });
    expect(ending).toEqual({ kind: "limit", limit: "max-rows-written" });
    expect((await progress(d1)).windows).toBe(1);
  });

  test("ends after the window that reaches --budget exactly", async () => {
    const d1 = await table();
    const { rowsRead, rowsWritten } = await oneWindow();
    const { ending } = await run(d1, backfill(), { budget: costOf(rowsRead, rowsWritten) });
    expect(ending).toEqual({ kind: "limit", limit: "budget" });
    expect((await progress(d1)).windows).toBe(1);
  });

  test("ends before its next window if its program threw an uncaught error, and keeps the written windows", async () => {
    const d1 = await table();
    const error = new OpsError(
      "BACKFILL_INVALID",
      { path: "backfills/0001_fill.ts", line: null, problem: "a promise" },
      { message: "A promise was rejected.", hint: "Await it." },
    );
    let windows = 0;
    const { ending } = await run(d1, backfill(), {
      onWindow: () => {
        windows += 1;
      },
      uncaught: () => (windows === 2 ? error : null),
    });
    expect(ending).toEqual({ kind: "error", error });
    expect(await progress(d1)).toMatchObject({ state: "paused", counts: { scanned: 14 } });
  });
});

test("a run ends with the error that its program throws after the last window, although all rows were processed", async () => {
  const d1 = await table();
  const error = new OpsError(
    "BACKFILL_INVALID",
    { path: "backfills/0001_fill.ts", line: null, problem: "a promise" },
    { message: "A promise was rejected.", hint: "Await it." },
  );
  let scanned = 0;
  const { ending } = await run(d1, program(), {
    onWindow: (now) => {
      scanned = now.state === "scanned" ? now.counts.scanned : 0;
    },
    uncaught: () => (scanned === 21 ? error : null),
  });
  expect(ending).toEqual({ kind: "error", error });
});

test("a run reports --max-quarantined if its last window exceeds it", async () => {
  const d1 = await table();
  const outcome = "-- d1ops:outcome\nCASE WHEN id > 18 THEN 'invalid: late' ELSE 'changed' END\n";
  const { ending } = await run(d1, fill(outcome), {
    windowRows: 50,
    limits: { targetMs: 200, maxRows: 50 },
    maxQuarantined: 2,
  });
  expect(ending).toEqual({ kind: "limit", limit: "max-quarantined" });
  expect((await progress(d1)).counts).toMatchObject({ scanned: 21, invalid: 3 });
});

test("a run continues if the quarantine has exactly as many rows as --max-quarantined allows", async () => {
  const d1 = await table();
  const outcome = "-- d1ops:outcome\nCASE WHEN id < 4 THEN 'invalid: early' ELSE 'changed' END\n";
  expect((await run(d1, fill(outcome), { maxQuarantined: 3 })).ending).toEqual({ kind: "scanned" });
});

test("a run fails if the rows of its program's source cannot be read, and the next run continues once they can", async () => {
  const d1 = await memory(
    "CREATE TABLE t(id INTEGER PRIMARY KEY, v);\nINSERT INTO t VALUES (1, '{}'), (2, '{')",
  );
  const backfill = rowBackfill(
    { source: "SELECT id, json(v) AS j FROM t", key: "id", decide: () => ({ outcome: "already" }) },
    "0001_fill",
  );
  const { ending } = await run(d1, backfill);
  expect(ending).toEqual({ kind: "failed", message: expect.stringContaining("malformed JSON") });
  expect(await progress(d1)).toMatchObject({ state: "paused", counts: { scanned: 0 } });
  await d1.prepare("UPDATE t SET v = '{}' WHERE id = 2").run();
  expect((await run(d1, backfill)).ending).toEqual({ kind: "scanned" });
});

test.each([5, 10])(
  "a run fails at a row that cannot be read and quarantines no row before it: row %i",
  async (bad) => {
    const d1 = await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, v, n INTEGER DEFAULT 0);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 12) INSERT INTO t(id, v) SELECT i, iif(i = ${bad}, '{', '{}') FROM k`);
    const backfill = rowBackfill(
      {
        source: "SELECT id, json(v) AS j FROM t",
        key: "id",
        decide: ({ id }) => ({
          outcome: "changed",
          writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]],
        }),
      },
      "0001_fill",
    );
    const three = { windowRows: 3, limits: { targetMs: 200, maxRows: 3 } };
    const { ending } = await run(d1, backfill, three);
    expect(ending).toEqual({ kind: "failed", message: expect.stringContaining("malformed JSON") });
    expect(await quarantine(d1)).toEqual([]);
    await d1.prepare("UPDATE t SET v = '{}'").run();
    expect((await run(d1, backfill, three)).ending).toEqual({ kind: "scanned" });
    expect(await rows(d1, "SELECT n, count(*) AS c FROM t GROUP BY n")).toEqual([{ n: 1, c: 12 }]);
  },
);
