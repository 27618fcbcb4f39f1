import { describe, expect, test } from "vitest";
import { applyMigrations } from "../../src/migrations/apply.ts";
import type { ApplyRequest, ApplyResult } from "../../src/migrations/migration-run.ts";
import { readLedger } from "../../src/migrations/ledger.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import { OpsError } from "../../src/report/error.ts";
import { migration } from "./make.ts";
import {
  around,
  database,
  databaseForEach,
  failureOf,
  lease,
  LOST_ANSWER,
  request,
  statuses,
  TABLE,
} from "./run-fixture.ts";

databaseForEach();

const ONE = migration("0001_one.sql", "CREATE TABLE one(a);");
const TWO = migration("0002_two.sql", "CREATE TABLE two(a);");

function apply(
  folder: readonly Migration[],
  over: Partial<ApplyRequest> = {},
): Promise<ApplyResult> {
  return request(folder, over).then(applyMigrations);
}

const refusal = (code: "API_UNREACHABLE" | "DATABASE_BUSY"): OpsError =>
  code === "DATABASE_BUSY"
    ? new OpsError(
        code,
        { path: "x", waitedMs: 1, holders: [] },
        { message: "Locked.", hint: "Wait." },
      )
    : new OpsError(code, { url: "u", reason: "r" }, { message: "No network.", hint: "Wait." });

describe("after a lost answer, attempt", () => {
  test("gives up the fifth time, with growing pauses between", async () => {
    const slept: number[] = [];
    let batches = 0;
    const result = await apply([ONE], {
      d1: around({
        before: () => {
          batches += 1;
          throw LOST_ANSWER;
        },
      }),
      sleep: async (ms) => {
        slept.push(ms);
      },
    });
    expect(batches).toBe(5);
    expect(slept).toEqual([500, 1000, 2000, 4000]);
    expect(failureOf(result)).toMatchObject({
      kind: "error",
      error: {
        code: "API_REFUSED",
        details: { status: null, code: null, ray: null },
        message: expect.stringMatching(/sent it 5 times.*The ledger does not have it.*lost$/),
        hint: expect.stringContaining("https://www.cloudflarestatus.com"),
        cause: "The answer was lost.",
      },
    });
  });

  test("reports an unknown outcome if it cannot read the ledger afterwards", async () => {
    const unread = refusal("API_UNREACHABLE");
    const d1 = around({
      before: () => {
        throw LOST_ANSWER;
      },
    });
    let refused = false;
    const result = await apply([ONE], {
      d1: {
        ...d1,
        batch: async (statements) => {
          refused = true;
          return d1.batch(statements);
        },
        prepare: (query: string) => {
          if (refused) throw unread;
          return d1.prepare(query);
        },
      },
    });
    expect(failureOf(result)).toEqual({ kind: "error", error: LOST_ANSWER });
  });

  test("does not claim a migration recorded before the lease began, if the lease cannot be read", async () => {
    const stale = await request([ONE, TWO]);
    const theirs = await lease("ci@example");
    await apply([ONE], { lease: theirs });
    await database.d1.batch([theirs.end("done")]);
    await database.d1
      .prepare("UPDATE d1ops_migrations SET started_at = '2020-01-01T00:00:00.000Z'")
      .run();
    const held = {
      ...(await lease()),
      look: async () => Promise.reject(refusal("API_UNREACHABLE")),
    };
    const result = await applyMigrations({ ...stale, lease: held });
    expect(statuses(result)).toEqual(["0001 applied by another run", "0002 done"]);
  });

  test("claims a migration recorded since the lease began, if the lease cannot be read", async () => {
    const held = {
      ...(await lease()),
      look: async () => Promise.reject(refusal("API_UNREACHABLE")),
    };
    const d1 = around({
      after: (n) => {
        if (n === 1) throw LOST_ANSWER;
      },
    });
    expect(statuses(await apply([ONE, TWO], { d1, lease: held }))).toEqual([
      "0001 done",
      "0002 done",
    ]);
  });

  test("claims a migration recorded in the millisecond in which the lease began", async () => {
    const held = await lease();
    const d1 = around({
      after: async (n) => {
        if (n !== 1) return;
        await database.d1
          .prepare("UPDATE d1ops_migrations SET started_at = ?")
          .bind(held.startedAt)
          .run();
        await database.d1.prepare("UPDATE d1ops_runs SET last = NULL").run();
        throw LOST_ANSWER;
      },
    });
    expect(statuses(await apply([ONE], { d1, lease: held }))).toEqual(["0001 done"]);
  });

  test("rejects with an unexpected error of the lease", async () => {
    const bug = new TypeError("no lease");
    const held = { ...(await lease()), look: async () => Promise.reject(bug) };
    const d1 = around({
      after: () => {
        throw LOST_ANSWER;
      },
    });
    await expect(apply([ONE], { d1, lease: held })).rejects.toBe(bug);
  });
});

describe("a violated deferred foreign key, for which D1 reports only `internal error`", () => {
  const ORPHAN = migration(
    "0001_orphan.sql",
    "CREATE TABLE p(a INTEGER PRIMARY KEY);\nCREATE TABLE c(a REFERENCES p(a) DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO c VALUES (7);",
  );
  const asD1Says = (error: unknown): void => {
    if (!String(error).includes("FOREIGN KEY")) return;
    const reason = "internal error; reference = 0123";
    throw new OpsError(
      "OUTCOME_UNKNOWN",
      { status: 500, reason },
      { message: reason, hint: "Look." },
    );
  };

  test("is reported after a second attempt, which checks the keys before the commit", async () => {
    const sizes: number[] = [];
    const d1 = around({
      before: (_, statements) => sizes.push(statements.length),
      failed: asD1Says,
    });
    const result = await apply([ORPHAN], { d1 });
    expect(failureOf(result)).toMatchObject({
      kind: "statement",
      index: null,
      message: expect.stringContaining("FOREIGN KEY constraint failed when the migration ended"),
    });
    expect(sizes).toHaveLength(2);
    expect((sizes[1] ?? 0) - (sizes[0] ?? 0)).toBe(1);
  });
});

describe("the gate of a migration that requires a backfill", () => {
  const GATED = migration(
    "0002_gated.sql",
    "-- d1ops:requires backfill 0001_fill\nCREATE TABLE gated(a);",
  );
  const notReady = new OpsError(
    "BACKFILL_NOT_READY",
    { name: "0001_fill", reason: "not begun" },
    { message: "Not ready.", hint: "Run it." },
  );

  test("throws if it is missing", async () => {
    await expect(apply([ONE, GATED])).rejects.toThrow("no gate was passed for what 0002_gated.sql");
  });

  test("is called only for a migration with a requirement", async () => {
    const asked: string[] = [];
    const gate = async ({ name }: Migration): Promise<[]> => {
      asked.push(name);
      return [];
    };
    expect(statuses(await apply([ONE, GATED], { gate }))).toEqual(["0001 done", "0002 done"]);
    expect(asked).toEqual(["0002_gated.sql"]);
  });

  test("stops the migration with its own error", async () => {
    const result = await apply([ONE, GATED], { gate: async () => Promise.reject(notReady) });
    expect(statuses(result)).toEqual(["0001 done", "0002 failed"]);
    expect(failureOf(result)).toEqual({ kind: "error", error: notReady });
  });

  test("ends the run with an unexpected error of its own", async () => {
    const bug = new TypeError("no gate");
    await expect(apply([GATED], { gate: async () => Promise.reject(bug) })).rejects.toBe(bug);
  });

  test("is ignored once another run has applied the migration", async () => {
    const gate = async (): Promise<never> => {
      await database.d1.batch([
        database.d1.prepare("CREATE TABLE gated(a)"),
        database.d1.prepare(`INSERT INTO ${TABLE}(name) VALUES ('0002_gated.sql')`),
      ]);
      throw notReady;
    };
    const result = await apply([ONE, GATED], { gate });
    expect(statuses(result)).toEqual(["0001 done", "0002 applied by another run"]);
  });

  test("is called again after a rejected batch, and may pass then", async () => {
    let asked = 0;
    const gate = async () => {
      asked += 1;
      return [database.d1.prepare(asked === 1 ? "SELECT json('shut')" : "SELECT 1")];
    };
    expect(statuses(await apply([ONE, GATED], { gate }))).toEqual(["0001 done", "0002 done"]);
    expect(asked).toBe(2);
  });

  test("is called at most twice if the migration itself is wrong", async () => {
    let asked = 0;
    const gate = async () => {
      asked += 1;
      return [database.d1.prepare("SELECT 1")];
    };
    const wrong = migration(GATED.name, `${GATED.text}\nINSERT INTO nowhere VALUES (1);`);
    expect(failureOf(await apply([ONE, wrong], { gate }))).toMatchObject({
      kind: "statement",
      index: 1,
    });
    expect(asked).toBe(2);
  });

  test("is not needed to send a batch, and a rejected batch without a gate is sent once", async () => {
    let batches = 0;
    const d1 = around({ before: () => (batches += 1) });
    await apply([migration("0001_wrong.sql", "INSERT INTO nowhere VALUES (1);")], { d1 });
    expect(batches).toBe(1);
  });
});

describe("after a rejected batch, attempt", () => {
  test.each([
    ["first", "INSERT INTO nowhere VALUES (1);\nCREATE TABLE b(a);", 0],
    ["last", "CREATE TABLE b(a);\nINSERT INTO nowhere VALUES (1);", 1],
  ])("reports the %s statement, and the place in it", async (_, text, index) => {
    expect(failureOf(await apply([migration("0001_wrong.sql", text)]))).toMatchObject({
      kind: "statement",
      index,
      message: expect.stringMatching(/^no such table: nowhere/),
      place: "INSERT INTO ".length,
    });
  });

  test("reports no statement if the ledger cannot be written", async () => {
    await apply([ONE]);
    await database.d1
      .prepare(
        `CREATE TRIGGER shut BEFORE INSERT ON ${TABLE} BEGIN SELECT RAISE(ABORT, 'the ledger is shut'); END`,
      )
      .run();
    expect(failureOf(await apply([ONE, TWO]))).toEqual({
      kind: "record",
      message: expect.stringMatching(/^the ledger is shut/),
    });
  });

  test("plans again if another run has replaced a row of the ledger", async () => {
    await apply([ONE]);
    const stale = await request([ONE, TWO]);
    await database.d1.prepare(`UPDATE ${TABLE} SET id = 7`).run();
    let batches = 0;
    const d1 = around({ before: () => (batches += 1) });
    expect(statuses(await applyMigrations({ ...stale, d1 }))).toEqual(["0002 done"]);
    expect(batches).toBe(2);
  });

  test("reports no statement if D1's API does not name one", async () => {
    const d1 = around({
      failed: () => {
        throw new Error("D1_ERROR: no such table: D1_ERROR: x: SQLITE_ERROR");
      },
    });
    const wrong = migration("0001_wrong.sql", "INSERT INTO nowhere VALUES (1);");
    expect(failureOf(await apply([wrong], { d1 }))).toEqual({
      kind: "statement",
      index: null,
      message: "no such table: D1_ERROR: x: SQLITE_ERROR",
    });
  });

  test("reports an OpsError of the adapter without reading the ledger", async () => {
    const busy = refusal("DATABASE_BUSY");
    const d1 = around({
      before: () => {
        throw busy;
      },
    });
    expect(failureOf(await apply([ONE], { d1 }))).toEqual({ kind: "error", error: busy });
  });

  test("reports how long the batch took", async () => {
    let time = 5_000_000;
    const wrong = migration("0002_wrong.sql", "INSERT INTO nowhere VALUES (1);");
    const { outcomes } = await apply([ONE, wrong], { now: () => (time += 7) });
    expect(outcomes).toMatchObject([
      { status: "done", durationMs: 7 },
      { status: "failed", durationMs: 7 },
    ]);
  });
});

test("attempt rejects with an unexpected error of the clock", async () => {
  const bug = new TypeError("no clock");
  const d1 = around({
    before: () => {
      throw LOST_ANSWER;
    },
  });
  await expect(apply([ONE], { d1, sleep: async () => Promise.reject(bug) })).rejects.toBe(bug);
  expect(await readLedger(database.d1, TABLE)).toEqual([]);
});
