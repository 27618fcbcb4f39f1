import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Backfill } from "../../src/backfills/backfill.ts";
import type { Ending } from "../../src/backfills/run-request.ts";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";
import { OpsError } from "../../src/report/error.ts";
import { plain, progress, rowBackfill, rows, run, ageLastSign } from "./engine.ts";

/**
 * Whatever happens to the runners, every row ends as n + 1 and the counts add up. A list has a fault or none
 * for each batch of each runner. After its end there are no more faults.
 */
type RunnerFault =
  | "fine"
  | "lost"
  | "not sent"
  | "late"
  | "killed"
  | "pause"
  | "silence"
  | "unreachable";

class Killed extends Error {}

function lost(): OpsError {
  return new OpsError(
    "OUTCOME_UNKNOWN",
    { status: null, reason: "the connection was cut" },
    { message: "The answer was lost.", hint: "Read the state." },
  );
}

function unreachable(): OpsError {
  return new OpsError(
    "API_UNREACHABLE",
    { url: "https://api.example.com", reason: "down" },
    { message: "It is down.", hint: "Again." },
  );
}

/** Runs each batch with its fault. A `late` batch arrives after the next one. */
function withFaults(d1: D1Database, faults: RunnerFault[]): D1Database {
  const late: D1PreparedStatement[][] = [];
  let dead = false;
  const alive = (): void => {
    if (dead) throw new Killed();
  };
  return {
    prepare: (sql) => {
      alive();
      return d1.prepare(sql);
    },
    exec: async (sql) => d1.exec(sql),
    async batch<T>(statements: D1PreparedStatement[]) {
      alive();
      await Promise.resolve();
      const fault = faults.shift() ?? "fine";
      switch (fault) {
        case "not sent":
          throw lost();
        case "unreachable":
          throw unreachable();
        case "late":
          late.push(statements);
          throw lost();
        case "silence":
          await d1.prepare("SELECT 1").run();
          await ageLastSign(d1, 61).catch(() => {});
          break;
        case "pause":
          await d1
            .prepare("UPDATE d1ops_backfills SET state = 'paused'")
            .run()
            .catch(() => {});
          break;
        case "fine":
        case "killed":
        case "lost":
          break;
      }
      if (fault === "killed" && faults.length % 2 === 0) {
        dead = true;
        throw new Killed();
      }
      try {
        const answers = await d1.batch<T>(statements);
        if (fault === "lost") throw lost();
        if (fault === "killed") {
          dead = true;
          throw new Killed();
        }
        return answers;
      } finally {
        for (const one of late.splice(0)) await d1.batch(one).catch(() => {});
      }
    },
  };
}

const faults = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<RunnerFault>("fine") },
    {
      weight: 5,
      arbitrary: fc.constantFrom<RunnerFault>(
        "lost",
        "not sent",
        "late",
        "killed",
        "pause",
        "silence",
        "unreachable",
      ),
    },
  ),
  { maxLength: 30 },
);

const BACKFILLS: Readonly<Record<string, Backfill>> = {
  "0001_fill": plain(
    "t",
    "a, b",
    "UPDATE t SET n = n + 1 WHERE (a, b) IN (SELECT a, b FROM todo)",
    "-- d1ops:outcome\nv\n",
  ),
  "0001_rows": rowBackfill({
    source: "t",
    key: ["a", "b"],
    decide: ({ a, b, v }) => {
      if (v === "changed")
        return { outcome: v, writes: [["UPDATE t SET n = n + 1 WHERE a = ? AND b = ?", a, b]] };
      return v === "already" ? { outcome: v } : { outcome: "invalid", reason: "it says so" };
    },
  }),
};

const table = fc.uniqueArray(
  fc.record({
    a: fc.integer({ min: -3, max: 3 }),
    b: fc.string({ maxLength: 3, unit: "grapheme" }).filter((text) => text.isWellFormed()),
    v: fc.constantFrom("changed", "changed", "changed", "already", "invalid"),
    /** The database rejects writes of this row. */
    bad: fc.integer({ min: 0, max: 9 }).map((n) => (n === 0 ? 1 : 0)),
  }),
  { maxLength: 40, selector: ({ a, b }) => `${a} ${b}` },
);

interface Told {
  readonly runs: number;
  readonly endings: Set<Ending["kind"] | "killed" | "held" | "thrown">;
}

/** Runs until the backfill is complete. A new runner follows each one that was killed. */
async function lives(
  d1: D1Database,
  backfill: Backfill,
  mine: RunnerFault[],
  windowRows: number,
  told: Told,
): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    try {
      const { ending } = await run(withFaults(d1, mine), backfill, {
        windowRows,
        limits: { targetMs: 200, maxRows: windowRows },
        breathe: async () => Promise.resolve(),
      });
      told.endings.add(ending.kind);
      if (ending.kind === "scanned") return;
      expect(ending.kind).not.toBe("failed");
    } catch (error) {
      if (error instanceof OpsError && error.code === "BACKFILL_HELD") {
        told.endings.add("held");
        // The other runner may be dead. It gets some time first, because no runner here is silent for long.
        for (let n = 0; n < 50; n += 1) await Promise.resolve();
        if (i % 3 === 2) await ageLastSign(d1, 61);
      } else if (error instanceof Killed) {
        told.endings.add("killed");
        await ageLastSign(d1, 61).catch(() => {});
      } else if (error instanceof OpsError) {
        told.endings.add("thrown");
      } else {
        throw error;
      }
    }
  }
  throw new Error("the run does not end");
}

describe.each(Object.keys(BACKFILLS))("%s", (name) => {
  test("writes each row exactly once with two runners, kills and lost answers", async () => {
    const backfill = BACKFILLS[name];
    if (backfill === undefined) throw new Error(name);
    const told: Told = { runs: 0, endings: new Set() };
    await fc.assert(
      fc.asyncProperty(
        table,
        faults,
        faults,
        fc.integer({ min: 1, max: 9 }),
        async (given, first, second, windowRows) => {
          const { d1, close } = openMemory();
          try {
            await d1
              .prepare(
                "CREATE TABLE t(a INTEGER, b TEXT, v TEXT, bad INTEGER, n INTEGER DEFAULT 0, CHECK (NOT (bad AND n)), PRIMARY KEY(a, b)) WITHOUT ROWID",
              )
              .run();
            for (const { a, b, v, bad } of given)
              await d1
                .prepare("INSERT INTO t(a, b, v, bad) VALUES (?, ?, ?, ?)")
                .bind(a, b, v, bad)
                .run();
            await Promise.all([
              lives(d1, backfill, [...first], windowRows, told),
              lives(d1, backfill, [...second], windowRows, told),
            ]);
            const count = (fits: (row: (typeof given)[number]) => boolean): number =>
              given.filter(fits).length;
            const changed = count(({ v, bad }) => v === "changed" && bad === 0);
            expect(
              await rows(
                d1,
                "SELECT count(*) AS c, coalesce(sum(n), 0) AS s, coalesce(max(n), 0) AS m FROM t WHERE v = 'changed' AND NOT bad",
              ),
            ).toEqual([{ c: changed, s: changed, m: changed > 0 ? 1 : 0 }]);
            expect(
              await rows(
                d1,
                "SELECT count(*) AS c FROM t WHERE n <> 0 AND (v <> 'changed' OR bad)",
              ),
            ).toEqual([{ c: 0 }]);
            const { counts, state } = await progress(d1, name);
            expect(state).toBe("scanned");
            expect(counts).toEqual({
              scanned: given.length,
              changed,
              already: count(({ v }) => v === "already"),
              skipped: 0,
              conflict: count(({ v, bad }) => v === "changed" && bad === 1),
              invalid: count(({ v }) => v === "invalid"),
            });
            expect(await rows(d1, "SELECT count(*) AS c FROM d1ops_quarantine")).toEqual([
              { c: counts.conflict + counts.invalid },
            ]);
          } finally {
            close();
          }
        },
      ),
      { numRuns: Number(process.env["D1OPS_TEST_RUNS"] ?? 150) },
    );
    // Without any fault, the test would check nothing.
    expect([...told.endings].sort()).toEqual(
      expect.arrayContaining(["error", "held", "killed", "scanned", "stopped"]),
    );
  });
});

test("a backfill writes each of 100,000 rows exactly once if its runner is killed at every seventh window", async () => {
  const { d1, close } = openMemory();
  onTestFinished(close);
  await d1.batch([
    d1.prepare("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0)"),
    d1.prepare(
      "WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 100000) INSERT INTO t(id) SELECT i * 7 FROM k",
    ),
  ]);
  const backfill = plain("t", "id", "UPDATE t SET n = n + 1 WHERE {window}");
  let kills = 0;
  for (;;) {
    const fate: RunnerFault[] = [
      "fine",
      "fine",
      "lost",
      "fine",
      "late",
      "fine",
      "killed",
      ...(kills % 2 ? (["fine"] as const) : []),
    ];
    const over = { windowRows: 1000, limits: { targetMs: 200, maxRows: 1000 } };
    const done = await run(withFaults(d1, fate), backfill, over).catch((error: unknown) => error);
    if (!(done instanceof Killed)) break;
    kills += 1;
    await ageLastSign(d1, 61);
  }
  expect(kills).toBeGreaterThan(10);
  expect(await rows(d1, "SELECT n, count(*) AS c FROM t GROUP BY n")).toEqual([
    { n: 1, c: 100_000 },
  ]);
  expect((await progress(d1)).counts).toMatchObject({ scanned: 100_000, changed: 100_000 });
});
