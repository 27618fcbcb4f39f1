/** How a run adapts to the time that its windows take. */
import { describe, expect, test } from "vitest";
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";
import { memory, plain, progress, run, VirtualTime } from "./engine.ts";

const FILL = plain("t", "id", "UPDATE t SET n = n + 1 WHERE {window}");

async function table(count: number): Promise<D1Database> {
  return memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < ${count}) INSERT INTO t(id) SELECT i FROM k`);
}

/** Each batch takes `ms`. `found` contains for each window whether its statements read their edges from the state. */
function withBatchTime(
  d1: D1Database,
  time: VirtualTime,
  ms: number,
): { d1: D1Database; found: boolean[] } {
  const found: boolean[] = [];
  const prepare: D1Database["prepare"] = (sql) => {
    if (sql.startsWith("UPDATE t ")) found.push(sql.includes("SELECT until_1"));
    return d1.prepare(sql);
  };
  const batch = async <T>(statements: D1PreparedStatement[]) => {
    time.at += ms;
    return d1.batch<T>(statements);
  };
  return { d1: { ...d1, prepare, batch }, found };
}

describe("the size of a window after the rate has cut it", () => {
  test.each([
    ["fast", 0, 40],
    ["slow", 1000, 20],
  ])("is stored without the cut of the rate if the database is %s", async (_, ms, rows) => {
    const d1 = await table(100);
    const time = new VirtualTime();
    let windows = 0;
    await run(withBatchTime(d1, time, ms).d1, FILL, {
      rate: 10,
      windowRows: 40,
      limits: { targetMs: 200, maxRows: 80 },
      now: time.now,
      sleep: time.sleep,
      stopping: () => (windows += 1) > 2,
    });
    expect(await progress(d1)).toMatchObject({ windowRows: rows, counts: { scanned: 20 } });
  });
});

test("a run reads the edges of each window from the previous answer, from the third window on", async () => {
  const d1 = await table(100);
  const time = new VirtualTime();
  const timed = withBatchTime(d1, time, 200);
  let windows = 0;
  await run(timed.d1, FILL, {
    windowRows: 8,
    limits: { targetMs: 200, maxRows: 64 },
    now: time.now,
    sleep: time.sleep,
    stopping: () => (windows += 1) > 5,
  });
  expect(timed.found).toEqual([true, true, false, false, false]);
});

test("a run continues with the size of its first window after a row was set aside", async () => {
  const d1 = await memory(
    `CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0 CHECK (n = 0 OR id <> 3));
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 20) INSERT INTO t(id) SELECT i FROM k`,
  );
  const reached: number[] = [];
  await run(d1, FILL, {
    windowRows: 4,
    limits: { targetMs: 0, maxRows: 100 },
    onWindow: ({ counts }) => reached.push(counts.scanned),
  });
  // Row 3 is bad. The windows are rows 1 and 2, row 3 alone, and then four rows.
  expect(reached.slice(0, 2)).toEqual([2, 7]);
});
