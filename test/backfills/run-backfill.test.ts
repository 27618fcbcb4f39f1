import { describe, expect, test } from "vitest";
import type { Backfill } from "../../src/backfills/backfill.ts";
import { changeRate, stop, beginRun } from "../../src/backfills/begin.ts";
import { reconcile } from "../../src/backfills/rows-left.ts";
import { guard, readProgress } from "../../src/backfills/backfill-state.ts";
import type { D1Database } from "../../src/database/port.ts";
import { OpsError } from "../../src/report/error.ts";
import {
  memory,
  plain,
  progress,
  request,
  rowBackfill,
  rows,
  run,
  ageLastSign,
  sqlBackfill,
  VirtualTime,
} from "./engine.ts";

const FILL = plain("t", "id", "UPDATE t SET n = n + 1 WHERE {window}");

async function table(count: number): Promise<D1Database> {
  return memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < ${count}) INSERT INTO t(id) SELECT i FROM k`);
}

async function eachOnce(d1: D1Database, count: number): Promise<void> {
  expect(await rows(d1, "SELECT n, count(*) AS c FROM t GROUP BY n")).toEqual([{ n: 1, c: count }]);
}

describe("the size of a window", () => {
  test("grows to its limit, and shrinks when the database is slow", async () => {
    const d1 = await table(400);
    const time = new VirtualTime();
    const sizes: number[] = [];
    let perRow = 1;
    const slow: D1Database = {
      ...d1,
      batch: async (statements) => {
        const answers = await d1.batch(statements);
        time.at += (sizes.at(-1) ?? 5) * perRow;
        return answers as never;
      },
    };
    await run(slow, FILL, {
      now: time.now,
      sleep: time.sleep,
      windowRows: 5,
      limits: { targetMs: 40, maxRows: 100 },
      onWindow: ({ counts }, next) => {
        sizes.push(next);
        if (counts.scanned > 200) perRow = 10;
      },
    });
    await eachOnce(d1, 400);
    expect(sizes.slice(0, 4)).toEqual([10, 20, 40, 40]);
    expect(sizes.at(-1)).toBeLessThanOrEqual(5);
  });

  test("is stored for the next run", async () => {
    const d1 = await table(100);
    let windows = 0;
    const over = { windowRows: 4, limits: { targetMs: 200, maxRows: 16 } };
    await run(d1, FILL, { ...over, stopping: () => (windows += 1) > 4 });
    expect((await progress(d1)).windowRows).toBe(16);
    const next: number[] = [];
    await run(d1, FILL, { ...over, onWindow: ({ counts }) => next.push(counts.scanned) });
    expect((next[1] ?? 0) - (next[0] ?? 0)).toBe(16);
    await eachOnce(d1, 100);
  });

  test.each([0, 0.5, 2.7])(
    "is a whole number of at least one for windowRows %d",
    async (windowRows) => {
      const d1 = await table(9);
      expect((await run(d1, FILL, { windowRows })).ending).toEqual({ kind: "scanned" });
      await eachOnce(d1, 9);
    },
  );
});

describe("a run with a rate or a pause", () => {
  test("processes at most --rate rows per second", async () => {
    const d1 = await table(70);
    const time = new VirtualTime();
    await run(d1, FILL, { rate: 10, now: time.now, sleep: time.sleep });
    expect(time.at).toBeGreaterThanOrEqual(6300);
    expect(time.at).toBeLessThanOrEqual(7000);
    expect((await progress(d1)).rate).toBe(10);
  });

  test("waits between windows, but not after the last one", async () => {
    const d1 = await table(20);
    const time = new VirtualTime();
    await run(d1, FILL, { pauseMs: 50, now: time.now, sleep: time.sleep });
    expect(time.slept).toEqual([50, 50]);
  });

  test("stores its rate for the next run, and a rate of 0 removes it", async () => {
    const d1 = await table(70);
    let windows = 0;
    await run(d1, FILL, { rate: 10, stopping: () => (windows += 1) > 2 });
    const time = new VirtualTime();
    await run(d1, FILL, { now: time.now, sleep: time.sleep, stopping: () => (windows += 1) > 6 });
    expect(time.slept[0]).toBe(700);
    const free = new VirtualTime();
    await run(d1, FILL, { rate: 0, now: free.now, sleep: free.sleep });
    expect(free.at).toBe(0);
    await eachOnce(d1, 70);
  });

  test("adopts a rate that another command sets from the next window on", async () => {
    const d1 = await table(42);
    const time = new VirtualTime();
    let windows = 0;
    const sleep = async (ms: number): Promise<void> => {
      await time.sleep(ms);
      windows += 1;
      if (windows === 2) await changeRate(d1, "0001_fill", 70);
      if (windows === 4) await changeRate(d1, "0001_fill", null);
    };
    await run(d1, FILL, { rate: 7, now: time.now, sleep });
    expect(time.slept).toEqual([1000, 1000, 100, 100]);
    await eachOnce(d1, 42);
  });

  test("shows signs of life during a long wait, and ends the wait if another command changes the rate or stops the run", async () => {
    const d1 = await table(30);
    const time = new VirtualTime();
    const silent: number[] = [];
    let slept = 0;
    const sleep = async (ms: number): Promise<void> => {
      expect(ms).toBeLessThanOrEqual(20_000);
      await time.sleep(ms);
      await ageLastSign(d1, ms / 1000);
      silent.push((await progress(d1)).silentMs);
      slept += 1;
      if (slept === 10) await changeRate(d1, "0001_fill", 0.05);
      if (slept === 12) await stop(d1, "0001_fill", "paused");
    };
    const { ending } = await run(d1, FILL, { rate: 0.01, now: time.now, sleep });
    expect(ending).toEqual({ kind: "stopped", how: "paused" });
    expect(Math.max(...silent)).toBeLessThan(30_000);
    expect(slept).toBe(12);
    expect((await progress(d1)).counts.scanned).toBe(4);
  });

  /** Runs one window per rate. Each rate is set before its window is sent, at the end of the wait before it. */
  const sizesAt = async (
    backfill: typeof FILL,
    rates: readonly (number | null)[],
  ): Promise<{ sizes: number[]; slept: number[]; kept: number }> => {
    const d1 = await table(1000);
    const time = new VirtualTime();
    const [first = null] = rates;
    const reached = [0];
    await run(d1, backfill, {
      rate: first,
      windowRows: 40,
      limits: { targetMs: 200, maxRows: 40 },
      now: time.now,
      sleep: time.sleep,
      onWindow: ({ counts }) => reached.push(counts.scanned),
      breathe: async () => {
        const rate = rates[reached.length - 1];
        if (reached.length > 1 && rate !== undefined) await changeRate(d1, backfill.name, rate);
      },
      stopping: () => reached.length > rates.length,
    });
    const sizes = reached.slice(1).map((scanned, i) => scanned - (reached[i] ?? 0));
    return { sizes, slept: time.slept, kept: (await progress(d1, backfill.name)).windowRows };
  };

  const PROGRAM = rowBackfill({
    source: "t",
    key: "id",
    decide: ({ id }) => ({
      outcome: "changed",
      writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]],
    }),
  });

  describe.each([
    ["SQL", FILL],
    ["a program", PROGRAM],
  ])("a window of %s", (_, backfill) => {
    test("has at most the rows of one second, and waits at most one second", async () => {
      const { sizes, slept, kept } = await sizesAt(backfill, [10, 10, 10, 10]);
      expect(sizes).toEqual([10, 10, 10, 10]);
      expect(slept).toEqual([1000, 1000, 1000, 1000]);
      expect(kept).toBe(40);
    });

    test("has a single row if the rate is below one", async () => {
      const { sizes } = await sizesAt(backfill, [0.5, 0.5, 0.5]);
      expect(sizes).toEqual([1, 1, 1]);
    });

    test("is not cut and has no wait if the rate is 0", async () => {
      const { sizes, slept } = await sizesAt(backfill, [0, 0, 0]);
      expect(sizes).toEqual([40, 40, 40]);
      expect(slept).toEqual([]);
    });

    const RATES = [null, 10, 10, 20, 20, 20, null, null, null];

    test("follows a rate that another command lowers and raises, and is stored uncut", async () => {
      const { sizes, slept, kept } = await sizesAt(backfill, RATES);
      // In SQL the database cuts the window, unless its end was known before there was a rate. A program already has the rows of its next window, so a rate applies one or two windows later.
      const expected =
        backfill === FILL
          ? [40, 40, 10, 20, 20, 20, 40, 40, 40]
          : [40, 40, 10, 10, 10, 20, 20, 20, 40];
      expect(sizes).toEqual(expected);
      expect(Math.max(...slept)).toBeLessThanOrEqual(1000);
      expect(kept).toBe(40);
    });
  });

  test.each([
    ["SQL", FILL, [1, 6, 11, 16, 17, 18]],
    // A program already has the rows of its next window.
    ["a program", PROGRAM, [1, 2, 7, 12, 17, 18]],
  ])(
    "a long pause of %s ends when the rate changes, and the next window uses the new rate",
    async (_, backfill, expected) => {
      const d1 = await table(100);
      const time = new VirtualTime();
      const reached: number[] = [];
      const sleep = async (ms: number): Promise<void> => {
        await time.sleep(ms);
        if (time.slept.length === 2) await changeRate(d1, backfill.name, 5);
        if (reached.length === 4) await changeRate(d1, backfill.name, 0.01);
      };
      await run(d1, backfill, {
        rate: 0.01,
        now: time.now,
        sleep,
        onWindow: ({ counts }) => reached.push(counts.scanned),
        stopping: () => reached.length > 5,
      });
      expect(reached).toEqual(expected);
      expect(time.slept.slice(0, 2)).toEqual([20_000, 20_000]);
      expect(Math.max(...time.slept.slice(2, 4))).toBeLessThanOrEqual(1000);
    },
  );

  test("reads no more rows for a program than the rate allows", async () => {
    const d1 = await table(100);
    const asked: number[] = [];
    const watched: D1Database = {
      ...d1,
      prepare: (sql) => {
        const limit = / LIMIT (\d+)$/.exec(sql)?.[1];
        if (sql.startsWith("SELECT *, ") && limit !== undefined) asked.push(Number(limit));
        return d1.prepare(sql);
      },
    };
    await run(watched, PROGRAM, { rate: 3, windowRows: 50, maxRowsWritten: 9 });
    expect(new Set(asked)).toEqual(new Set([3]));
  });

  test("finds a bad row by halving the window from the size that was sent", async () => {
    const d1 = await memory(
      `CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0, CHECK (NOT (id = 3 AND n)));
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 20) INSERT INTO t(id) SELECT i FROM k`,
    );
    const { d1: counting, count } = countingBatches(d1);
    await run(counting, FILL, {
      rate: 4,
      windowRows: 4096,
      limits: { targetMs: 200, maxRows: 4096 },
    });
    expect((await progress(d1)).counts).toMatchObject({ changed: 19, conflict: 1 });
    expect(count()).toBeLessThan(14);
  });

  test("needs two batches per row if consecutive rows are bad", async () => {
    const d1 = await memory(
      `CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0, CHECK (NOT (n AND id <= 200)));
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 900) INSERT INTO t(id) SELECT i FROM k`,
    );
    const { d1: counting, count } = countingBatches(d1);
    const limits = { targetMs: 200, maxRows: 512 };
    await run(counting, FILL, { windowRows: 512, limits });
    expect((await progress(d1)).counts).toMatchObject({ changed: 700, conflict: 200 });
    expect(count()).toBeLessThan(2 * 200 + 80);
  });
});

function countingBatches(d1: D1Database): { d1: D1Database; count: () => number } {
  let batches = 0;
  const counting: D1Database = {
    ...d1,
    batch: async (statements) => {
      batches += 1;
      return d1.batch(statements);
    },
  };
  return { d1: counting, count: () => batches };
}

describe("a run with limits", () => {
  test("stops at --max-rows-written, and the next run continues there", async () => {
    const d1 = await table(50);
    const { ending, rowsWritten } = await run(d1, FILL, { maxRowsWritten: 20 });
    expect(ending).toEqual({ kind: "limit", limit: "max-rows-written" });
    expect(rowsWritten).toBeGreaterThanOrEqual(20);
    expect(rowsWritten).toBeLessThan(40);
    expect((await progress(d1)).state).toBe("paused");
    expect((await run(d1, FILL)).ending).toEqual({ kind: "scanned" });
    await eachOnce(d1, 50);
  });

  test("stops when its cost reaches --budget", async () => {
    const d1 = await table(50);
    expect((await run(d1, FILL, { budget: 0.000_02 })).ending).toEqual({
      kind: "limit",
      limit: "budget",
    });
    expect((await progress(d1)).counts.scanned).toBeLessThan(50);
  });

  test("ends as complete if it reaches a limit with its last window", async () => {
    const d1 = await table(5);
    expect((await run(d1, FILL, { maxRowsWritten: 1, budget: 0.000_001 })).ending).toEqual({
      kind: "scanned",
    });
  });

  test("records the cost of all runs, including the last window", async () => {
    const d1 = await table(50);
    let windows = 0;
    const first = await run(d1, FILL, { stopping: () => (windows += 1) > 3 });
    expect(await progress(d1)).toMatchObject({
      rowsRead: first.rowsRead,
      rowsWritten: first.rowsWritten,
    });
    const second = await run(d1, FILL);
    const { rowsRead, rowsWritten } = await progress(d1);
    expect(rowsRead).toBe(first.rowsRead + second.rowsRead);
    expect(first.rowsRead).toBeGreaterThan(0);
    expect(rowsWritten).toBe(first.rowsWritten + second.rowsWritten);
    expect(rowsWritten).toBeGreaterThanOrEqual(50);
    expect(second.progress.rowsWritten).toBe(rowsWritten);
  });
});

describe("a run that another command stops", () => {
  const stopAt = async (state: "paused" | "cancelled"): Promise<D1Database> => {
    const d1 = await table(50);
    let windows = 0;
    const { ending } = await run(d1, FILL, {
      breathe: async () => {
        windows += 1;
        if (windows === 3) await stop(d1, "0001_fill", state);
      },
    });
    expect(ending).toEqual({ kind: "stopped", how: state });
    expect((await progress(d1)).state).toBe(state);
    expect((await progress(d1)).counts.scanned).toBe(14);
    return d1;
  };

  test("is continued by the next run if it was paused", async () => {
    const d1 = await stopAt("paused");
    await run(d1, FILL);
    await eachOnce(d1, 50);
    expect((await progress(d1)).counts).toMatchObject({ scanned: 50, changed: 50 });
  });

  test("is followed by a run with the first row and zero counts if it was cancelled", async () => {
    const d1 = await stopAt("cancelled");
    const { rowsWritten } = await run(d1, FILL);
    expect(await rows(d1, "SELECT n, count(*) AS c FROM t GROUP BY n")).toEqual([
      { n: 1, c: 36 },
      { n: 2, c: 14 },
    ]);
    expect((await progress(d1)).counts).toMatchObject({ scanned: 50, changed: 50 });
    expect((await progress(d1)).rowsWritten).toBe(rowsWritten);
  });

  test("ends if its state is removed", async () => {
    const d1 = await table(50);
    let windows = 0;
    const { ending } = await run(d1, FILL, {
      breathe: async () => {
        windows += 1;
        if (windows === 3) await d1.prepare("DELETE FROM d1ops_backfills").run();
      },
    });
    expect(ending).toEqual({ kind: "stopped", how: "removed" });
  });

  test("ends on Ctrl-C after its window, and at once during a wait", async () => {
    const d1 = await table(50);
    let windows = 0;
    expect((await run(d1, FILL, { stopping: () => (windows += 1) > 2 })).ending).toEqual({
      kind: "interrupted",
    });
    expect(await progress(d1)).toMatchObject({ state: "paused", windows: 2 });
    const { ending } = await run(d1, FILL, {
      rate: 1,
      sleep: async () => {
        throw new OpsError(
          "INTERRUPTED",
          { signal: "SIGINT" },
          { message: "Interrupted while waiting.", hint: "Again." },
        );
      },
    });
    expect(ending).toEqual({ kind: "interrupted" });
    expect((await progress(d1)).state).toBe("paused");
    await run(d1, FILL);
    await eachOnce(d1, 50);
  });
});

describe("a second runner", () => {
  /** Leaves the state of a run whose process was killed after this number of windows. */
  async function die(d1: D1Database, windows: number): Promise<void> {
    let done = 0;
    const breathe = async (): Promise<void> => {
      done += 1;
      if (done > windows) throw new Error("killed");
    };
    const lossy: D1Database = {
      ...d1,
      prepare: (sql) =>
        d1.prepare(
          sql.includes("ELSE 'reconciled' END") ? "SELECT 1 WHERE ?1 + ?2 + ?3 + ?4 AND 0" : sql,
        ),
    };
    await expect(run(lossy, FILL, { breathe })).rejects.toThrow("killed");
    expect((await progress(d1)).state).toBe("running");
  }

  test("is rejected while the first one is alive, with an error that names the first one", async () => {
    const d1 = await table(50);
    await die(d1, 3);
    await ageLastSign(d1, 59);
    await expect(run(d1, FILL)).rejects.toMatchObject({
      code: "BACKFILL_HELD",
      message: expect.stringMatching(
        /^nia@example.com \(process \d+\) is running 0001_fill\. Its last sign of life was \d\d s ago/,
      ),
    });
    await expect(run(d1, FILL, { anew: true })).rejects.toMatchObject({ code: "BACKFILL_HELD" });
    expect((await progress(d1)).counts.scanned).toBe(21);
  });

  test.each([
    ["SQL", FILL],
    [
      "a program",
      rowBackfill({ source: "t", key: "id", decide: () => ({ outcome: "already" }) }, "0001_fill"),
    ],
  ])(
    "reads a sign of life of the first one after each window of a backfill in %s",
    async (_, backfill) => {
      const d1 = await table(20);
      const silent: number[] = [];
      await run(d1, backfill, {
        breathe: async () => ageLastSign(d1, 59),
        onWindow: ({ silentMs }) => silent.push(silentMs),
      });
      expect(silent).toHaveLength(3);
      expect(Math.max(...silent)).toBeLessThan(59_000);
    },
  );

  test("takes over after a minute of silence and continues at the checkpoint", async () => {
    const d1 = await table(50);
    await die(d1, 3);
    await ageLastSign(d1, 61);
    expect((await run(d1, FILL)).ending).toEqual({ kind: "scanned" });
    await eachOnce(d1, 50);
  });

  test("stops the first runner from writing as soon as it takes over", async () => {
    const d1 = await table(50);
    let windows = 0;
    const { ending } = await run(d1, FILL, {
      breathe: async () => {
        windows += 1;
        if (windows === 4) await d1.prepare("UPDATE d1ops_backfills SET token = 'other'").run();
      },
    });
    expect(ending).toMatchObject({
      kind: "stopped",
      how: expect.stringMatching(/^taken over by /),
    });
    expect(await rows(d1, "SELECT sum(n) AS n FROM t")).toEqual([{ n: 21 }]);
    expect(await progress(d1)).toMatchObject({ state: "running", token: "other" });
  });

  test("stops a first runner from writing when that one wakes after a long sleep", async () => {
    const d1 = await table(50);
    let windows = 0;
    const sleeper = await run(d1, FILL, {
      breathe: async () => {
        windows += 1;
        if (windows !== 4) return;
        await ageLastSign(d1, 61);
        const { ending } = await run(d1, FILL, {
          runner: { holder: "omar@example.com (process 9)", token: "other" },
        });
        expect(ending).toEqual({ kind: "scanned" });
      },
    });
    expect(sleeper.ending).toEqual({
      kind: "stopped",
      how: "taken over by omar@example.com (process 9)",
    });
    await eachOnce(d1, 50);
    expect(await progress(d1)).toMatchObject({ state: "scanned", token: "other" });
  });
});

describe("an answer that is lost", () => {
  /** Loses the answers of these batches, and counts the rows that D1 wrote. */
  function losingAnswers(
    d1: D1Database,
    batches: readonly number[],
  ): D1Database & { written: number } {
    let sent = 0;
    const lossy = {
      ...d1,
      written: 0,
      async batch<T>(statements: Parameters<D1Database["batch"]>[0]) {
        const answers = await d1.batch<T>(statements);
        sent += 1;
        if (sent > 1)
          lossy.written += answers.reduce((sum, { meta }) => sum + meta.rows_written, 0);
        if (!batches.includes(sent)) return answers;
        const reason = "the connection was cut";
        throw new OpsError(
          "OUTCOME_UNKNOWN",
          { status: null, reason },
          { message: reason, hint: "Look." },
        );
      },
    };
    return lossy;
  }

  test.each([[[1]], [[1, 2, 3]], [[3]], [[8]], [[2, 4, 6, 8]]])(
    "does not write a row twice if the answers of the batches %j are lost",
    async (lost) => {
      const d1 = await table(50);
      const lossy = losingAnswers(d1, lost);
      expect((await run(lossy, FILL)).ending).toEqual({ kind: "scanned" });
      await eachOnce(d1, 50);
      const { counts, rowsWritten } = await progress(d1);
      expect(counts).toMatchObject({ scanned: 50, changed: 50 });
      // The cost of a batch is unknown if its answer is lost. The cost of every other batch is counted once.
      if (lost.every((n, i) => n === i + 1)) expect(rowsWritten).toBe(lossy.written);
      else expect(rowsWritten).toBeLessThan(lossy.written);
      expect(rowsWritten).toBeGreaterThan(0);
    },
  );

  test("ends the run with an error if each batch loses its answer, and the written windows stay", async () => {
    const d1 = await table(50);
    const never = {
      ...d1,
      batch: async () =>
        Promise.reject(
          new OpsError(
            "OUTCOME_UNKNOWN",
            { status: null, reason: "cut" },
            { message: "cut", hint: "Look." },
          ),
        ),
    };
    await expect(run(never, FILL)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    await run(d1, FILL);
    await eachOnce(d1, 50);
  });
});

describe("a finished backfill that runs again", () => {
  test("processes rows inserted ahead of the cursor, and not those behind it", async () => {
    const d1 = await table(20);
    await d1.prepare("DELETE FROM t WHERE id IN (3, 4)").run();
    await run(d1, FILL);
    await d1.prepare("INSERT INTO t(id) VALUES (3), (21), (22)").run();
    await run(d1, FILL);
    expect(await rows(d1, "SELECT id, n FROM t WHERE id IN (3, 20, 21, 22) ORDER BY id")).toEqual([
      { id: 3, n: 0 },
      { id: 20, n: 1 },
      { id: 21, n: 1 },
      { id: 22, n: 1 },
    ]);
  });

  test.each([
    ["SQL", FILL],
    [
      "a program",
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
      ),
    ],
  ])("stays at its end however often it runs, in %s", async (_, backfill) => {
    const d1 = await table(20);
    for (let i = 0; i < 4; i += 1) await run(d1, backfill);
    await eachOnce(d1, 20);
    expect(await progress(d1)).toMatchObject({ cursor: ["20"], counts: { scanned: 20 } });
  });

  test("processes rows inserted ahead of the cursor during the run, and not those behind it", async () => {
    const d1 = await table(20);
    await d1.prepare("DELETE FROM t WHERE id = 2").run();
    let windows = 0;
    await run(d1, FILL, {
      breathe: async () => {
        windows += 1;
        if (windows === 2) await d1.prepare("INSERT INTO t(id) VALUES (2), (50)").run();
      },
    });
    expect(await rows(d1, "SELECT id FROM t WHERE n = 0")).toEqual([{ id: 2 }]);
  });

  test("begins with the first row with --anew", async () => {
    const d1 = await table(20);
    await run(d1, FILL);
    const started = await progress(d1);
    await run(d1, FILL, { anew: true });
    expect(await rows(d1, "SELECT n, count(*) AS c FROM t GROUP BY n")).toEqual([{ n: 2, c: 20 }]);
    expect((await progress(d1)).counts.scanned).toBe(20);
    expect((await progress(d1)).startedAt >= started.startedAt).toBe(true);
  });

  test("counts a repeated or late claim of the same run once, also with --anew", async () => {
    const d1 = await table(20);
    const late: (() => Promise<unknown>)[] = [];
    const echo: D1Database = {
      ...d1,
      batch: async (statements) => {
        if (late.length === 0) late.push(async () => d1.batch(statements));
        return d1.batch(statements);
      },
    };
    let windows = 0;
    await run(d1, FILL);
    const over = request(echo, FILL, { anew: true });
    await run(echo, FILL, {
      ...over,
      breathe: async () => {
        windows += 1;
        await late[0]?.();
        if (windows === 2) await stop(d1, "0001_fill", "paused");
      },
    });
    await late[0]?.();
    expect(await progress(d1)).toMatchObject({ state: "paused", windows: 1 });
    await run(d1, FILL);
    expect(await rows(d1, "SELECT n, count(*) AS c FROM t GROUP BY n")).toEqual([{ n: 2, c: 20 }]);
  });
});

describe("a run whose process is dead", () => {
  const isDead = (token: string): boolean => token === "dead";
  const runner = { holder: "zoe@example", token: "mine", isDead };
  const free = { anew: false, rate: null, windowRows: 7 };

  async function died(): Promise<D1Database> {
    const d1 = await table(20);
    await beginRun(d1, FILL, { holder: "ana@example", token: "dead" }, free);
    return d1;
  }

  test("is taken over at once, and its late batch is rejected", async () => {
    const d1 = await died();
    const late = await progress(d1);
    const { ending } = await run(d1, FILL, { runner });
    expect(ending).toEqual({ kind: "scanned" });
    await eachOnce(d1, 20);
    await expect(d1.batch([guard(d1, late)])).rejects.toThrow("D1_ERROR");
  });

  test("is taken over by one of two runs, and the error of the other one names the new run", async () => {
    const d1 = await died();
    await beginRun(d1, FILL, runner, free);
    await expect(beginRun(d1, FILL, { ...runner, token: "other" }, free)).rejects.toMatchObject({
      code: "BACKFILL_HELD",
      details: { holder: "zoe@example" },
    });
  });

  test("is not taken over while its process lives", async () => {
    const d1 = await table(20);
    await beginRun(d1, FILL, { holder: "ana@example", token: "alive" }, free);
    await expect(beginRun(d1, FILL, runner, free)).rejects.toMatchObject({ code: "BACKFILL_HELD" });
  });
});

describe("a reconciled backfill that runs again", () => {
  const file = sqlBackfill(
    "-- d1ops:source t\n-- d1ops:key id\n-- d1ops:write\nUPDATE t SET n = n + 1 WHERE {window}\n-- d1ops:reconcile\nSELECT id FROM t WHERE n = 0\n",
  );
  const failing = (at: string): Backfill =>
    rowBackfill(
      {
        source: "t",
        key: "id",
        prepare: async () => {
          if (at === "prepare") throw new Error("the table of codes is not there");
          return undefined;
        },
        decide: () => ({ outcome: "changed", writes: ["UPDATE nowhere SET n = 1"] }),
        reconcile: "SELECT id FROM t WHERE n = 0",
      },
      "0001_fill",
    );

  async function proved(backfill: Backfill): Promise<D1Database> {
    const d1 = await table(20);
    await run(d1, { ...file, checksum: backfill.checksum });
    await reconcile(d1, file);
    expect(await progress(d1)).toMatchObject({ state: "reconciled", windows: 3 });
    return d1;
  }

  test("stays reconciled if the run fails before it writes", async () => {
    const d1 = await proved(failing("prepare"));
    const before = await progress(d1);
    const { ending, progress: last } = await run(d1, failing("prepare"));
    expect(ending).toMatchObject({ kind: "failed" });
    expect(last).toMatchObject({ state: "reconciled", reconciledAt: before.reconciledAt });
    expect(await progress(d1)).toMatchObject({
      state: "reconciled",
      reconciledAt: before.reconciledAt,
    });
  });

  test("stays reconciled if the run fails at its first window", async () => {
    const backfill = failing("the first window");
    const d1 = await proved(backfill);
    await d1.prepare("INSERT INTO t(id, n) VALUES (99, 1)").run();
    expect((await run(d1, backfill)).ending).toMatchObject({ kind: "failed" });
    expect((await progress(d1)).state).toBe("reconciled");
  });

  test("is not reconciled while it runs", async () => {
    const d1 = await proved(file);
    const states: string[] = [];
    await run(d1, file, {
      breathe: async () => {
        states.push((await progress(d1)).state);
      },
    });
    expect(states).toEqual(["running"]);
  });

  test("stays reconciled if one run is killed before its first window and the next one fails at once", async () => {
    const d1 = await proved(failing("prepare"));
    const dead = request(d1, { ...file, checksum: failing("prepare").checksum });
    await beginRun(d1, dead.backfill, dead.runner, { anew: false, rate: null, windowRows: 7 });
    expect((await progress(d1)).state).toBe("running");
    await ageLastSign(d1, 61);
    await run(d1, failing("prepare"));
    expect((await progress(d1)).state).toBe("reconciled");
  });

  test.each([
    ["a window", {}],
    ["a begin at the start", { anew: true, stopping: () => true }],
  ])("is no longer reconciled after %s", async (_, over) => {
    const d1 = await proved(file);
    await d1.prepare("INSERT INTO t(id) VALUES (98), (99)").run();
    await run(d1, file, over);
    expect(await progress(d1)).toMatchObject({ reconciledAt: null });
    expect((await progress(d1)).state).not.toBe("reconciled");
    await run(d1, file, { stopping: () => true });
    expect((await progress(d1)).state).not.toBe("reconciled");
  });

  test("is no longer reconciled after a window of a program", async () => {
    const program = rowBackfill(
      { source: "t", key: "id", decide: () => ({ outcome: "already" }) },
      "0001_fill",
    );
    const d1 = await proved(program);
    await run(d1, program, { stopping: () => false });
    expect(await progress(d1)).toMatchObject({ state: "scanned", reconciledAt: null });
  });

  test("is no longer reconciled after a run of an edited file", async () => {
    const d1 = await proved(file);
    await run(d1, { ...file, checksum: "another" }, { stopping: () => true });
    expect(await progress(d1)).toMatchObject({ state: "paused", reconciledAt: null });
  });
});

describe("the reconciliation", () => {
  const file = sqlBackfill(
    "-- d1ops:source t\n-- d1ops:key id\n-- d1ops:write\nUPDATE t SET n = n + 1 WHERE {window}\n-- d1ops:reconcile\nSELECT id, n FROM t WHERE n = 0 -- not done\n",
  );

  test("records that it succeeded", async () => {
    const d1 = await table(20);
    await run(d1, file);
    expect(await reconcile(d1, file)).toEqual({ outcome: "empty" });
    expect(await progress(d1)).toMatchObject({
      state: "reconciled",
      reconciledAt: expect.stringMatching(/^20\d\d-/),
    });
  });

  test("counts the rows behind the cursor and returns a sample", async () => {
    const d1 = await table(60);
    await run(d1, file);
    await d1.prepare("UPDATE t SET n = 0 WHERE id <= 30").run();
    const left = await reconcile(d1, file);
    expect(left).toMatchObject({ outcome: "left over", count: 30 });
    if (left.outcome === "left over") expect(left.sample).toHaveLength(20);
    expect((await progress(d1)).state).toBe("scanned");
  });

  test("is not recorded before the backfill reaches its end", async () => {
    const d1 = await table(20);
    await run(d1, file, { maxRowsWritten: 1 });
    await d1.prepare("UPDATE t SET n = 1").run();
    expect(await reconcile(d1, file)).toEqual({ outcome: "empty" });
    expect((await progress(d1)).state).toBe("paused");
  });

  test("is not checked if the file has none, and an earlier success no longer counts", async () => {
    const d1 = await table(20);
    expect(await reconcile(d1, FILL)).toEqual({ outcome: "not checked" });
    await run(d1, file);
    await reconcile(d1, file);
    await run(d1, file);
    expect(await progress(d1)).toMatchObject({ state: "scanned", reconciledAt: null });
  });
});

test("a database without backfills has no progress", async () => {
  expect(await readProgress(await memory(""))).toEqual([]);
});

test("two backfills do not affect each other", async () => {
  const d1 = await table(20);
  const other = rowBackfill({
    source: "t",
    key: "id",
    decide: ({ id }) => ({
      outcome: "changed",
      writes: [["UPDATE t SET n = n + 10 WHERE id = ?", id]],
    }),
  });
  await Promise.all([run(d1, FILL), run(d1, other)]);
  expect(await rows(d1, "SELECT DISTINCT n FROM t")).toEqual([{ n: 11 }]);
});
