/** Lost answers: a run never repeats a batch that was written, and repeats one that was not a limited number of times. */
import { describe, expect, test } from "vitest";
import type { Backfill } from "../../src/backfills/backfill.ts";
import { stop } from "../../src/backfills/begin.ts";
import { createTables } from "../../src/backfills/backfill-state.ts";
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";
import { OpsError } from "../../src/report/error.ts";
import {
  memory,
  plain,
  progress,
  quarantine,
  rowBackfill,
  rows,
  run,
  VirtualTime,
} from "./engine.ts";

const unknown = (): OpsError =>
  new OpsError(
    "OUTCOME_UNKNOWN",
    { status: null, reason: "cut" },
    { message: "cut", hint: "Look." },
  );

/** The error of an adapter whose answer contains integers that JSON rounds. D1 has carried the batch out. */
const inexact = (): OpsError =>
  new OpsError("VALUE_INEXACT", { column: "id" }, { message: "rounded", hint: "CAST it." });

const fill = (): Backfill =>
  plain("t", "id", "UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo)");

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

async function table(): Promise<D1Database> {
  return memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 30) INSERT INTO t(id) SELECT i FROM k`);
}

/** Calls `happens` with the number of each batch, from 1, and a function that sends it. The first batch claims the backfill. */
function through(
  d1: D1Database,
  happens: (n: number, send: () => Promise<unknown>) => Promise<void>,
): D1Database {
  let n = 0;
  return {
    prepare: (sql) => d1.prepare(sql),
    exec: async (sql) => d1.exec(sql),
    async batch<T>(statements: D1PreparedStatement[]) {
      n += 1;
      let answers: Awaited<ReturnType<typeof d1.batch<T>>> | null = null;
      await happens(n, async () => {
        answers = await d1.batch<T>(statements);
      });
      return answers ?? d1.batch<T>(statements);
    },
  };
}

const kinds: readonly [string, () => Backfill][] = [
  ["SQL", fill],
  ["a program", program],
];

describe.each(kinds)("a window of a backfill in %s", (_, backfill) => {
  test.each([
    ["whose answer is lost", unknown],
    ["whose answer cannot be read exactly", inexact],
  ])("is not written a second time if it is one %s", async (_name, error) => {
    const d1 = await table();
    const lossy = through(d1, async (n, send) => {
      await send();
      if (n === 3) throw error();
    });
    expect((await run(lossy, backfill())).ending).toEqual({ kind: "scanned" });
    expect(await rows(d1, "SELECT DISTINCT n FROM t")).toEqual([{ n: 1 }]);
    expect((await progress(d1)).counts).toMatchObject({ scanned: 30, changed: 30 });
  });

  test("sends a batch that never arrives five times with growing waits, and ends the run with the error", async () => {
    const d1 = await table();
    const time = new VirtualTime();
    let refused = 0;
    const cut = through(d1, async (n) => {
      if (n < 3) return;
      refused += 1;
      throw unknown();
    });
    const { ending } = await run(cut, backfill(), { now: time.now, sleep: time.sleep });
    expect(ending).toMatchObject({ kind: "error", error: { code: "OUTCOME_UNKNOWN" } });
    expect(refused).toBe(5);
    expect(time.slept.filter((ms) => ms > 0)).toEqual([500, 1000, 2000, 4000]);
    expect(await progress(d1)).toMatchObject({ state: "paused", counts: { scanned: 7 } });
    await run(d1, backfill());
    expect(await rows(d1, "SELECT DISTINCT n FROM t")).toEqual([{ n: 1 }]);
  });
});

describe.each(kinds)("a batch of a backfill in %s", (_, backfill) => {
  test("rejects a batch that arrives after it was sent again", async () => {
    const d1 = await table();
    const held: (() => Promise<unknown>)[] = [];
    let late = "";
    const slow = through(d1, async (n, send) => {
      if (n === 3) {
        held.push(send);
        throw unknown();
      }
      await send();
      if (n !== 4) return;
      for (const again of held)
        late = await again().then(
          () => "carried out",
          (error: unknown) => String(error),
        );
    });
    expect((await run(slow, backfill())).ending).toEqual({ kind: "scanned" });
    expect(late).toContain("malformed JSON");
    expect(await rows(d1, "SELECT DISTINCT n FROM t")).toEqual([{ n: 1 }]);
  });

  test("ends the run and quarantines no row if the failure has a cause other than a row", async () => {
    const d1 = await table();
    const down = new OpsError(
      "API_UNREACHABLE",
      { url: "https://api.example.com", reason: "down" },
      { message: "down", hint: "Again." },
    );
    const cut = through(d1, async (n) => {
      if (n === 3) throw down;
    });
    expect((await run(cut, backfill())).ending).toEqual({ kind: "error", error: down });
    expect(await progress(d1)).toMatchObject({ state: "paused", counts: { scanned: 7 } });
    expect(await quarantine(d1)).toEqual([]);
  });
});

test("a lost answer does not change the window size", async () => {
  const d1 = await table();
  const time = new VirtualTime();
  const lossy = through(d1, async (n, send) => {
    await send();
    if (n !== 3) return;
    await time.sleep(60_000);
    throw unknown();
  });
  const sizes: number[] = [];
  const onWindow = (_: unknown, next: number): void => {
    sizes.push(next);
  };
  await run(lossy, fill(), { now: time.now, sleep: time.sleep, onWindow });
  expect(sizes).toEqual([7, 7, 7, 7]);
});

describe("a rejected row", () => {
  const ONE = { windowRows: 1, limits: { targetMs: 200, maxRows: 1 } } as const;
  const clash = (): Backfill =>
    plain("t", "id", "UPDATE t SET v = 7 WHERE id IN (SELECT id FROM todo)");
  const two = async (): Promise<D1Database> =>
    memory(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, v UNIQUE);\nINSERT INTO t VALUES (1, 1), (2, 2)",
    );
  // Batch 1 claims the backfill, 2 writes row 1, 3 fails at row 2, 4 tries the statements without rows, 5 quarantines row 2.
  const ASIDE = 5;

  test("is quarantined once if the answer is lost", async () => {
    const d1 = await two();
    const lossy = through(d1, async (n, send) => {
      await send();
      if (n === ASIDE) throw unknown();
    });
    expect((await run(lossy, clash(), ONE)).ending).toEqual({ kind: "scanned" });
    expect((await progress(d1)).counts).toMatchObject({ scanned: 2, changed: 1, conflict: 1 });
    expect(await quarantine(d1)).toMatchObject([{ key: "2" }]);
  });

  test.each([
    ["while d1ops tries its statements", ASIDE - 1],
    ["before the row is quarantined", ASIDE],
  ])("is not quarantined if the run is paused %s", async (_, at) => {
    const d1 = await two();
    const paused = through(d1, async (n) => {
      if (n === at) await stop(d1, "0001_fill", "paused");
    });
    expect((await run(paused, clash(), ONE)).ending).toEqual({ kind: "stopped", how: "paused" });
    expect(await progress(d1)).toMatchObject({ counts: { scanned: 1, conflict: 0 } });
    expect(await quarantine(d1)).toEqual([]);
  });

  test("makes the run fail if the database also rejects the entry in the quarantine", async () => {
    const d1 = await two();
    await d1.batch(createTables(d1));
    await rows(
      d1,
      "CREATE TRIGGER no BEFORE INSERT ON d1ops_quarantine BEGIN SELECT RAISE(ABORT, 'no room'); END",
    );
    const { ending } = await run(d1, clash(), ONE);
    expect(ending).toEqual({ kind: "failed", message: expect.stringContaining("no room") });
    expect(await progress(d1)).toMatchObject({ state: "paused", counts: { scanned: 1 } });
  });
});

test("a run reports its counts if the database is unreachable at its end, and the next run takes over", async () => {
  const d1 = await table();
  let windows = 0;
  const down: D1Database = {
    ...d1,
    prepare: (sql) => {
      // The statement that ends a run is the only one outside of a batch.
      if (sql.includes("WHEN state <> 'running'")) throw unknown();
      return d1.prepare(sql);
    },
  };
  const result = await run(down, fill(), {
    onWindow: () => {
      windows += 1;
    },
    stopping: () => windows === 2,
  });
  expect(result).toMatchObject({
    ending: { kind: "interrupted" },
    progress: { state: "running", counts: { scanned: 14 } },
  });
  // The answer contains the cost of the last window, although the run could not record it.
  expect(result.progress.rowsWritten).toBe(result.rowsWritten);
  expect((await progress(d1)).rowsWritten).toBeLessThan(result.rowsWritten);
  expect(await progress(d1)).toMatchObject({ state: "running" });
});
