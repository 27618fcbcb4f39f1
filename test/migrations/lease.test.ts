import { describe, expect, test } from "vitest";
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";
import { applyMigrations } from "../../src/migrations/apply.ts";
import type { ApplyRequest, ApplyResult } from "../../src/migrations/migration-run.ts";
import { readLedger } from "../../src/migrations/ledger.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import { OpsError } from "../../src/report/error.ts";
import { migration } from "./make.ts";
import {
  database,
  databaseForEach,
  failureOf,
  lease,
  losing,
  LOST_ANSWER,
  timePasses,
  request,
  statuses,
  TABLE,
} from "./run-fixture.ts";

/** Applying under a lease: which migrations a run claims, and what happens once the lease has ended. */

const FOLDER = [1, 2, 3].map((n) =>
  migration(`000${n}_t.sql`, `CREATE TABLE t${n}(a);\nINSERT INTO t${n} VALUES (${n});`),
);
const [, second, third] = FOLDER;

databaseForEach();

/** Applies the pending migrations as another runner with its own lease. */
async function another(folder: readonly Migration[] = FOLDER): Promise<ApplyResult> {
  const theirs = await lease("ci@example");
  const result = await applyMigrations(await request(folder, { lease: theirs }));
  await database.d1.batch([theirs.end("done")]);
  return result;
}

/** Applies a migration as wrangler does: the statements and its own ledger, without a record of d1ops. */
async function byWrangler({ name, statements }: Migration): Promise<void> {
  await database.d1.batch([
    ...statements.map(({ text }) => database.d1.prepare(text)),
    database.d1.prepare(`INSERT INTO ${TABLE}(name) VALUES (?)`).bind(name),
  ]);
}

/** Calls `happens` once, just before the batch of the n-th migration is sent. */
function before(n: number, happens: () => Promise<unknown>): D1Database {
  let batches = 0;
  return {
    prepare: (query: string) => database.d1.prepare(query),
    exec: (query: string) => database.d1.exec(query),
    async batch<T>(statements: D1PreparedStatement[]) {
      batches += 1;
      if (batches === n) await happens();
      return database.d1.batch<T>(statements);
    },
  };
}

async function tables(): Promise<unknown[]> {
  const { results } = await database.d1
    .prepare("SELECT name FROM sqlite_schema WHERE name GLOB 't[0-9]' ORDER BY name")
    .all<{ name: string }>();
  return results.map(({ name }) => name);
}

const LOST = { kind: "error", error: { code: "LEASE_LOST", details: { run: 1 } } };

describe("a runner whose lease has ended", () => {
  test("fails with LEASE_LOST at its first migration and writes nothing", async () => {
    const held = await lease();
    await timePasses(61);
    const result = await applyMigrations(await request(FOLDER, { lease: held }));
    expect(statuses(result)).toEqual(["0001 failed", "0002 skipped", "0003 skipped"]);
    expect(failureOf(result)).toMatchObject(LOST);
    expect(await tables()).toEqual([]);
  });

  test("fails with LEASE_LOST in the middle and keeps what it has applied", async () => {
    const held = await lease();
    const d1 = before(2, () => timePasses(61));
    const result = await applyMigrations(await request(FOLDER, { d1, lease: held }));
    expect(statuses(result)).toEqual(["0001 done", "0002 failed", "0003 skipped"]);
    expect(failureOf(result)).toMatchObject(LOST);
    expect(await tables()).toEqual(["t1"]);
  });

  test("fails with LEASE_LOST if another runner has applied a part of the rest", async () => {
    const held = await lease();
    const d1 = before(2, async () => {
      await timePasses(61);
      await another(FOLDER.slice(0, 2));
    });
    const result = await applyMigrations(await request(FOLDER, { d1, lease: held }));
    expect(statuses(result)).toEqual(["0001 done", "0002 applied by another run", "0003 failed"]);
    expect(failureOf(result)).toMatchObject(LOST);
    expect(await tables()).toEqual(["t1", "t2"]);
  });

  test("succeeds if another runner has applied all of the rest", async () => {
    const held = await lease();
    const d1 = before(2, async () => {
      await timePasses(61);
      expect(statuses(await another())).toEqual(["0002 done", "0003 done"]);
    });
    const result = await applyMigrations(await request(FOLDER, { d1, lease: held }));
    expect(result.stopped).toBe("no");
    expect(statuses(result)).toEqual([
      "0001 done",
      "0002 applied by another run",
      "0003 applied by another run",
    ]);
    expect(await tables()).toEqual(["t1", "t2", "t3"]);
  });

  test("claims the migration whose answer was lost, because the run recorded it as its last", async () => {
    const held = await lease();
    const d1 = losing(3, () => timePasses(61));
    const result = await applyMigrations(await request(FOLDER, { d1, lease: held }));
    expect(statuses(result)).toEqual(["0001 done", "0002 done", "0003 done"]);
  });
});

describe("a runner that holds the lease", () => {
  test("does not claim a migration that wrangler has applied", async () => {
    const held = await lease();
    const d1 = before(2, async () => second !== undefined && byWrangler(second));
    const result = await applyMigrations(await request(FOLDER, { d1, lease: held }));
    expect(statuses(result)).toEqual(["0001 done", "0002 applied by another run", "0003 done"]);
  });

  test("does not claim a migration that another run recorded before the lease was taken", async () => {
    const stale = await request(FOLDER);
    await another(FOLDER.slice(0, 1));
    await timePasses(5);
    const result = await applyMigrations({ ...stale, lease: await lease() });
    expect(statuses(result)).toEqual(["0001 applied by another run", "0002 done", "0003 done"]);
  });

  test.each([1, 2, 3])("claims migration %i after its answer was lost", async (n) => {
    const result = await applyMigrations(
      await request(FOLDER, { d1: losing(n), lease: await lease() }),
    );
    expect(statuses(result)).toEqual(["0001 done", "0002 done", "0003 done"]);
    expect(await tables()).toEqual(["t1", "t2", "t3"]);
  });

  test("takes the row count of a migration whose answer was lost from its record", async () => {
    const filled = migration(
      "0001_filled.sql",
      "CREATE TABLE f(a);\nINSERT INTO f VALUES (1), (2);",
    );
    const { outcomes } = await applyMigrations(
      await request([filled], { d1: losing(1), lease: await lease() }),
    );
    expect(outcomes).toMatchObject([
      { status: "done", usage: { rows: 2, billed: { read: 0, written: 0 } } },
    ]);
  });

  test("reports the rejected statement, not the lease, if a statement is wrong", async () => {
    const wrong = migration(
      "0002_wrong.sql",
      "CREATE TABLE half(a);\nINSERT INTO nowhere VALUES (1);",
    );
    const folder = [...FOLDER.slice(0, 1), wrong, ...(third === undefined ? [] : [third])];
    const result = await applyMigrations(await request(folder, { lease: await lease() }));
    expect(statuses(result)).toEqual(["0001 done", "0002 failed", "0003 skipped"]);
    expect(failureOf(result)).toMatchObject({ kind: "statement", index: 1 });
  });
});

describe("Ctrl-C while a run waits", () => {
  const MANY = Array.from({ length: 12 }, (_, i) =>
    migration(`${String(i + 1).padStart(4, "0")}_t.sql`, `CREATE TABLE m${i + 1}(a);`),
  );
  const INTERRUPTED = new OpsError(
    "INTERRUPTED",
    { signal: "SIGINT" },
    { message: "Interrupted while waiting.", hint: "Run the same command again." },
  );

  /** A network on which each answer takes 30 ms. The n-th wait and each later one are interrupted. */
  async function interrupted(
    n: number,
    over: Partial<ApplyRequest> = {},
  ): Promise<{ result: ApplyResult; ledger: string[] }> {
    let waits = 0;
    let time = 0;
    const result = await applyMigrations(
      await request(MANY, {
        lease: await lease(),
        now: () => (time += 30),
        sleep: async () => {
          waits += 1;
          if (waits >= n) throw INTERRUPTED;
        },
        before: async () => (waits >= n ? "stop" : "continue"),
        ...over,
      }),
    );
    const ledger = await readLedger(database.d1, TABLE);
    return { result, ledger: ledger.map(({ name }) => `${name.slice(0, 4)} done`) };
  }

  test.each([
    // One alone, then three together, then six.
    [1, 1 + 1],
    [2, 1 + 2],
    [3, 1 + 3 + 1],
    [5, 1 + 3 + 3],
    [7, 1 + 3 + 5],
  ])(
    "is reported with the migrations that were sent, and no more are sent: wait %i, %i sent",
    async (n, sent) => {
      const { result, ledger } = await interrupted(n);
      expect(result.stopped).toBe("interrupt");
      expect(ledger).toHaveLength(sent);
      expect(statuses(result).slice(0, sent)).toEqual(ledger);
      const rest = statuses(result).slice(sent);
      expect(new Set(rest.map((line) => line.slice(5)))).toEqual(new Set(["skipped"]));
    },
  );

  test("is reported with what is applied, before a batch whose answer was lost is sent again", async () => {
    let batches = 0;
    const d1: D1Database = {
      prepare: (query: string) => database.d1.prepare(query),
      exec: (query: string) => database.d1.exec(query),
      async batch<T>(statements: D1PreparedStatement[]) {
        batches += 1;
        if (batches === 2) throw LOST_ANSWER;
        return database.d1.batch<T>(statements);
      },
    };
    const { result, ledger } = await interrupted(1, { d1, now: () => 0 });
    expect(result.stopped).toBe("interrupt");
    expect(ledger).toEqual(["0001 done"]);
    expect(statuses(result).slice(0, 3)).toEqual(["0001 done", "0002 failed", "0003 skipped"]);
    expect(failureOf(result)).toEqual({ kind: "error", error: INTERRUPTED });
  });
});
