import { describe, expect, test } from "vitest";
import { laneAfter, ONE_AT_A_TIME, together, widened } from "../../src/migrations/ahead.ts";
import { applyMigrations } from "../../src/migrations/apply.ts";
import type { ApplyRequest, ApplyResult } from "../../src/migrations/migration-run.ts";
import { readLedger } from "../../src/migrations/ledger.ts";
import { migration } from "./make.ts";
import {
  around,
  database,
  databaseForEach,
  lease,
  LOST_ANSWER,
  request,
  statuses,
  TABLE,
} from "./run-fixture.ts";

/** Several migrations in flight at once, over a network. */

describe("the number of migrations that are sent together", () => {
  test("is one while an answer takes less than 20 ms", () => {
    expect(laneAfter(0)).toBe(ONE_AT_A_TIME);
    expect(laneAfter(19.9)).toBe(ONE_AT_A_TIME);
  });

  test.each([
    [20, 2],
    [50, 5],
    [100, 10],
    [3000, 10],
  ])("is three after an answer that took %i ms, %i ms apart", (took, gapMs) => {
    expect(laneAfter(took)).toEqual({ most: 3, gapMs });
  });

  test("doubles after each success, up to six", () => {
    const wider = widened({ most: 3, gapMs: 5 });
    expect(wider).toEqual({ most: 6, gapMs: 5 });
    expect(widened(wider)).toEqual({ most: 6, gapMs: 5 });
    expect(widened({ most: 2, gapMs: 5 }).most).toBe(4);
  });

  const short = [1, 2, 3, 4].map((n) => migration(`000${n}_short.sql`));
  const named = (steps: Parameters<typeof together>[0], at = 0, most = 3): string[] =>
    together(steps, at, most, TABLE).map(({ name }) => name.slice(0, 4));

  test("is limited to the migrations that the run still has", () => {
    expect(named(short)).toEqual(["0001", "0002", "0003"]);
    expect(named(short, 2)).toEqual(["0003", "0004"]);
    expect(named(short, 0, 1)).toEqual(["0001"]);
  });

  const padded = (length: number): string => {
    const text = "CREATE TABLE long(a);\n-- ";
    return text + "x".repeat(length - text.length);
  };

  test.each([
    ["has more than 20,000 characters", padded(20_001)],
    ["requires a backfill", "-- d1ops:requires backfill 0001_fill\nCREATE TABLE b(a);"],
    ["mentions the ledger", `UPDATE ${TABLE} SET name = name;`],
  ])("is one for a migration that must run alone, because it %s", (_, text) => {
    const alone = migration("0002_alone.sql", text);
    const [first, , third, fourth] = short;
    if (first === undefined || third === undefined || fourth === undefined)
      throw new Error("short");
    expect(named([first, alone, third, fourth])).toEqual(["0001"]);
    expect(named([alone, third, fourth])).toEqual(["0002"]);
    expect(named([first, third, alone, fourth])).toEqual(["0001", "0003"]);
  });

  test("is not reduced by migrations of up to 20,000 characters", () => {
    expect(named([migration("0001_a.sql", padded(20_000)), ...short.slice(1)])).toHaveLength(3);
  });
});

describe("applyMigrations over a network on which each answer takes 30 ms", () => {
  databaseForEach();
  const FOLDER = Array.from({ length: 12 }, (_, i) =>
    migration(`${String(i + 1).padStart(4, "0")}_t.sql`, `CREATE TABLE t${i + 1}(a);`),
  );
  const done = FOLDER.map(({ name }) => `${name.slice(0, 4)} done`);

  async function apply(
    over: Partial<ApplyRequest> = {},
    folder = FOLDER,
  ): Promise<ApplyResult & { gaps: number[] }> {
    let time = 5_000_000;
    const gaps: number[] = [];
    const result = await applyMigrations(
      await request(folder, {
        lease: await lease(),
        now: () => (time += 30),
        sleep: async (ms) => {
          gaps.push(ms);
        },
        ...over,
      }),
    );
    return { ...result, gaps };
  }

  const recorded = async (): Promise<string[]> =>
    (await readLedger(database.d1, TABLE)).map(({ name }) => `${name.slice(0, 4)} done`);

  test("sends each migration once: first one, then three, then six, then the rest", async () => {
    let batches = 0;
    const result = await apply({ d1: around({ before: () => (batches += 1) }) });
    expect(statuses(result)).toEqual(done);
    expect(batches).toBe(FOLDER.length);
    // Gaps between migrations in flight together: 2 of three, 5 of six, 1 of two.
    expect(result.gaps).toEqual(Array(8).fill(3));
    expect(await recorded()).toEqual(done);
  });

  test("calls `before` for each migration, with the number of those before it", async () => {
    const asked: number[] = [];
    await apply({
      before: async (_, before, total) => {
        expect(total).toBe(FOLDER.length);
        asked.push(before);
        return "continue";
      },
    });
    expect(asked).toEqual(FOLDER.map((_, i) => i));
  });

  test("sends one at a time without a lease", async () => {
    const result = await apply({ lease: null });
    expect(statuses(result)).toEqual(done);
    expect(result.gaps).toEqual([]);
  });

  test("reports the cost so far before each migration", async () => {
    const folder = FOLDER.map(({ name }, i) =>
      migration(name, `CREATE TABLE t${i}(a);\nINSERT INTO t${i} VALUES (1), (2);`),
    );
    const told: number[] = [];
    const { outcomes } = await apply(
      {
        before: async (_, __, ___, { rows }) => {
          told.push(rows);
          return "continue";
        },
      },
      folder,
    );
    expect(told).toEqual([0, 2, 2, 2, ...Array(6).fill(8), 20, 20]);
    for (const outcome of outcomes) {
      if (outcome.status !== "done") throw new Error(outcome.status);
      // D1 bills the ledger rows and the lease too.
      expect(outcome.usage.billed.written).toBeGreaterThan(outcome.usage.rows);
    }
  });

  test("reports how long each answer took, not when it arrived", async () => {
    const result = await apply();
    for (const outcome of result.outcomes) {
      expect(outcome.status === "done" ? outcome.durationMs : 0).toBeGreaterThan(0);
      expect(outcome.status === "done" ? outcome.durationMs : 0).toBeLessThan(1000);
    }
  });

  test.each([2, 3, 4, 6, 10])(
    "applies those before and none after, if migration %i fails",
    async (bad) => {
      const folder = FOLDER.map((one, i) =>
        i + 1 === bad ? migration(one.name, "INSERT INTO nowhere VALUES (1);") : one,
      );
      const result = await apply({}, folder);
      expect(result.stopped).toBe("failure");
      const after = FOLDER.slice(bad).map(({ name }) => `${name.slice(0, 4)} skipped`);
      const name = String(bad).padStart(4, "0");
      expect(statuses(result)).toEqual([...done.slice(0, bad - 1), `${name} failed`, ...after]);
      expect(await recorded()).toEqual(done.slice(0, bad - 1));
    },
  );

  test.each([
    ["before", 3],
    ["after", 3],
    ["before", 6],
    ["after", 6],
  ] as const)(
    "applies each migration once if answers are lost %s the commit from batch %i on",
    async (when, from) => {
      // Each migration is sent at most five times.
      const lose = (n: number): void => {
        if (n >= from && n < from + 5) throw LOST_ANSWER;
      };
      const result = await apply({ d1: around({ [when]: lose }) });
      expect(statuses(result)).toEqual(done);
      expect(await recorded()).toEqual(done);
    },
  );

  test("throws an error of the clock that is not an interruption", async () => {
    for (const error of [new TypeError("no clock"), LOST_ANSWER]) {
      const sleep = async (): Promise<void> => {
        throw error;
      };
      await expect(apply({ sleep })).rejects.toBe(error);
      await database.d1.prepare("UPDATE d1ops_runs SET ended_at = started_at").run();
      await database.d1.prepare(`DELETE FROM ${TABLE}`).run();
      await database.d1.prepare("DELETE FROM d1ops_migrations").run();
      for (let n = 1; n <= FOLDER.length; n += 1) {
        await database.d1.prepare(`DROP TABLE IF EXISTS t${n}`).run();
      }
    }
  });
});
