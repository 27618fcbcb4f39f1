import { describe, expect, test } from "vitest";
import type { D1Database } from "../../src/database/port.ts";
import { type Lease, leaseLost, takeLease } from "../../src/lease/lease.ts";
import { endStatement, readRuns, type Run } from "../../src/lease/runs.ts";
import { OpsError } from "../../src/report/error.ts";
import { leaseFixture, losingAnswers } from "./lease-fixture.ts";

const OVER = /this run no longer holds the lease|malformed JSON/;

/** One batch of a run, such as a migration. */
async function write(d1: D1Database, lease: Lease, value: string): Promise<void> {
  await d1.batch([
    ...lease.guard(value),
    d1.prepare("CREATE TABLE IF NOT EXISTS t(a)"),
    d1.prepare("INSERT INTO t VALUES (?)").bind(value),
  ]);
}

async function written(d1: D1Database): Promise<string[]> {
  const [, answer] = await d1.batch<{ a: string }>([
    d1.prepare("CREATE TABLE IF NOT EXISTS t(a)"),
    d1.prepare("SELECT a FROM t ORDER BY rowid"),
  ]);
  return answer?.results.map(({ a }) => a) ?? [];
}

describe("taking the lease", () => {
  test("records holder, command, start, expiry and bookmark", async () => {
    const { request, runs } = leaseFixture();
    const lease = await takeLease(
      request({}, { commit: "abc", holder: "zoe@example", nonce: "n" }),
    );
    expect(lease).toMatchObject({ run: 1, bookmark: "0000-bookmark" });
    const [run] = await runs();
    expect(run).toEqual({
      id: 1,
      command: "migrate apply",
      holder: "zoe@example",
      tool: "d1ops 0.0.0",
      bookmark: "0000-bookmark",
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      expiresAt: expect.stringMatching(/Z$/),
      endedAt: null,
      ending: null,
      last: null,
      nonce: "n",
      holds: true,
    });
    const lasts = Date.parse(run?.expiresAt ?? "") - Date.parse(run?.startedAt ?? "");
    expect(lasts).toBe(60_000);
  });

  test("lasts as long as the claim asks for", async () => {
    const { request, runs } = leaseFixture();
    await takeLease(request({}, { leaseSeconds: 7 }));
    const [run] = await runs();
    expect(Date.parse(run?.expiresAt ?? "") - Date.parse(run?.startedAt ?? "")).toBe(7000);
  });

  test("works without a bookmark", async () => {
    const { request } = leaseFixture();
    expect(await takeLease(request({ bookmark: async () => null }))).toMatchObject({
      bookmark: null,
    });
  });

  test("is not required to read the runs: a database without the table has none", async () => {
    expect(await leaseFixture().runs()).toEqual([]);
  });

  test("assigns a new id to each run, even after the row of the last one was deleted", async () => {
    const { d1, request } = leaseFixture();
    await takeLease(request());
    await d1.prepare("DELETE FROM d1ops_runs").run();
    expect((await takeLease(request())).run).toBe(2);
  });

  test("throws errors of the database unchanged", async () => {
    const { d1, request } = leaseFixture();
    await d1.prepare("CREATE TABLE d1ops_runs(a)").run();
    await expect(takeLease(request())).rejects.toThrow("D1_ERROR: ");
    await expect(readRuns(d1, 1)).rejects.toThrow("no such column");
  });
});

describe("a lease that another run holds", () => {
  test("makes a claim without waiting fail with LEASE_HELD and the holder", async () => {
    const { request } = leaseFixture();
    await takeLease(request({}, { holder: "ana@example", command: "migrate apply" }));
    await expect(takeLease(request())).rejects.toMatchObject({
      code: "LEASE_HELD",
      details: { run: 1, holder: "ana@example", waitedMs: 0 },
      message: expect.stringContaining("ana@example runs `migrate apply` (run 1"),
      hint: expect.stringMatching(
        /migrate apply --lock-timeout 300\n[\s\S]*look at it:\n.*migrate lock --remote\nTo end it:\n.*migrate lock --remote --release$/,
      ),
    });
  });

  test("makes a claim poll often at first, call onWait once, and fail at its timeout", async () => {
    const { request, slept } = leaseFixture();
    await takeLease(request());
    const told: Run[] = [];
    let bookmarks = 0;
    const waiting = takeLease(
      request({
        waitMs: 5000,
        onWait: (holder) => told.push(holder),
        bookmark: async () => `bookmark ${(bookmarks += 1)}`,
      }),
    );
    await expect(waiting).rejects.toMatchObject({
      code: "LEASE_HELD",
      details: { waitedMs: 5000 },
    });
    expect(slept).toEqual([250, 500, 1000, 2000, 1250]);
    // This request only reads. d1ops claims the lease again once it is free.
    expect(bookmarks).toBe(1);
    expect(told).toMatchObject([{ id: 1, holds: true }]);
  });

  test("makes a claim take the lease when the other run ends, with a bookmark from that moment", async () => {
    const { d1, request, runs } = leaseFixture();
    const first = await takeLease(request());
    let bookmarks = 0;
    const second = await takeLease(
      request({
        waitMs: 60_000,
        bookmark: async () => `bookmark ${(bookmarks += 1)}`,
        sleep: async () => {
          await d1.batch([first.end("done")]);
        },
      }),
    );
    expect(second).toMatchObject({ run: 2, bookmark: "bookmark 2" });
    expect(await runs()).toMatchObject([
      { id: 2, holds: true },
      { id: 1, ending: "done" },
    ]);
  });

  test("makes a claim take the lease when it expires", async () => {
    const { request, runs, ageRecords } = leaseFixture();
    await takeLease(request());
    const second = await takeLease(request({ waitMs: 60_000, sleep: async () => ageRecords(61) }));
    expect(second.run).toBe(2);
    expect(await runs()).toMatchObject([
      { id: 2, holds: true },
      { id: 1, holds: false, ending: "expired" },
    ]);
  });

  test("makes a claim wait for a third run that was faster", async () => {
    const { d1, request } = leaseFixture();
    const first = await takeLease(request());
    const told: number[] = [];
    let steps = 0;
    const third = takeLease(
      request({
        waitMs: 1000,
        now: () => steps * 400,
        onWait: ({ id }) => told.push(id),
        sleep: async () => {
          steps += 1;
          if (steps > 1) return;
          await d1.batch([first.end("done")]);
          await takeLease(request());
        },
      }),
    );
    await expect(third).rejects.toMatchObject({ code: "LEASE_HELD", details: { run: 2 } });
    expect(told).toEqual([1]);
  });
});

describe("a claim whose answer was lost", () => {
  test.each(["before", "after"] as const)(
    "is sent again and takes effect once if the answer is lost %s the commit",
    async (when) => {
      const { d1, request, runs, slept } = leaseFixture();
      const lease = await takeLease(request({ d1: losingAnswers(d1, when, 4) }));
      expect(lease.run).toBe(1);
      expect(await runs()).toHaveLength(1);
      expect(slept).toEqual([500, 1000, 2000, 4000]);
    },
  );

  test("is repeated only if its outcome is unknown", async () => {
    const { d1, request, slept } = leaseFixture();
    const refused = new OpsError(
      "API_UNREACHABLE",
      { url: "https://example.com", reason: "no route" },
      { message: "There is no network.", hint: "Try again." },
    );
    const offline = {
      prepare: (query: string) => d1.prepare(query),
      exec: (query: string) => d1.exec(query),
      batch: async () => {
        throw refused;
      },
    };
    await expect(takeLease(request({ d1: offline }))).rejects.toBe(refused);
    expect(slept).toEqual([]);
  });

  test("fails as OUTCOME_UNKNOWN after five attempts", async () => {
    const { d1, request } = leaseFixture();
    await expect(takeLease(request({ d1: losingAnswers(d1, "before", 5) }))).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
  });

  test("does not bypass the lease of another run", async () => {
    const { d1, request } = leaseFixture();
    await takeLease(request());
    await expect(takeLease(request({ d1: losingAnswers(d1, "before", 1) }))).rejects.toMatchObject({
      code: "LEASE_HELD",
    });
  });

  test("fails with LEASE_LOST if the lease expired before the claim was repeated", async () => {
    const { d1, request, ageRecords } = leaseFixture();
    const lost = request({ d1: losingAnswers(d1, "after", 1), sleep: async () => ageRecords(61) });
    await expect(takeLease(lost)).rejects.toMatchObject({ code: "LEASE_LOST" });
  });
});

describe("the guard", () => {
  test("lets the holder write, records its last step, and renews the lease", async () => {
    const { d1, request, runs, ageRecords } = leaseFixture();
    const lease = await takeLease(request());
    await ageRecords(40);
    await write(d1, lease, "0001_a.sql");
    await ageRecords(40);
    await write(d1, lease, "0002_b.sql");
    expect(await written(d1)).toEqual(["0001_a.sql", "0002_b.sql"]);
    expect(await runs()).toMatchObject([{ holds: true, last: "0002_b.sql" }]);
    expect(await lease.look()).toEqual({ holds: true, last: "0002_b.sql" });
  });

  test.each<
    [
      string,
      (d1: D1Database, ageRecords: (s: number) => Promise<void>, lease: Lease) => Promise<unknown>,
    ]
  >([
    ["it has expired", async (_, ageRecords) => ageRecords(61)],
    ["it has just expired", async (_, ageRecords) => ageRecords(60)],
    [
      "it was released",
      async (d1, _, { nonce }) => endStatement(d1, nonce, "released by ana").run(),
    ],
    ["its row is gone", async (d1) => d1.prepare("DELETE FROM d1ops_runs").run()],
    ["the table is gone", async (d1) => d1.prepare("DROP TABLE d1ops_runs").run()],
  ])("rejects the batch if %s, and the lease stays lost", async (_, happens) => {
    const { d1, request, ageRecords } = leaseFixture();
    const lease = await takeLease(request());
    await write(d1, lease, "first");
    await happens(d1, ageRecords, lease);
    await expect(write(d1, lease, "second")).rejects.toThrow(/^D1_ERROR: /);
    expect(await written(d1)).toEqual(["first"]);
    expect(await lease.look()).toMatchObject({ holds: false });
  });

  test("rejects the batch if another run has taken over, even after that run ended", async () => {
    const { d1, request, ageRecords } = leaseFixture();
    const one = await takeLease(request());
    await ageRecords(61);
    const two = await takeLease(request());
    await expect(write(d1, one, "late")).rejects.toThrow(OVER);
    await write(d1, two, "two");
    await d1.batch([two.end("done")]);
    await expect(write(d1, one, "later still")).rejects.toThrow(OVER);
    expect(await written(d1)).toEqual(["two"]);
  });

  test("rejects the batch if Time Travel took the runs away, and another run got the same id", async () => {
    const { d1, request, runs } = leaseFixture();
    const one = await takeLease(request());
    await d1.prepare("DROP TABLE d1ops_runs").run();
    const two = await takeLease(request());
    expect(two.run).toBe(one.run);
    await expect(write(d1, one, "late")).rejects.toThrow(OVER);
    expect(await one.look()).toEqual({ holds: false, last: null });
    await d1.batch([one.end("done")]);
    expect(await runs()).toMatchObject([{ id: two.run, holds: true, ending: null }]);
    await write(d1, two, "two");
    expect(await written(d1)).toEqual(["two"]);
  });

  test("rejects a batch of a run that has ended", async () => {
    const { d1, request } = leaseFixture();
    const lease = await takeLease(request());
    await d1.batch([lease.end("done")]);
    await expect(write(d1, lease, "more")).rejects.toThrow(OVER);
  });
});

describe("a sign of life", () => {
  const expiry = ([run]: readonly Run[]): number => Date.parse(run?.expiresAt ?? "");

  test("renews the lease after a third of its duration without a batch", async () => {
    const { request, runs, advanceClock, ageRecords } = leaseFixture();
    const lease = await takeLease(request());
    await ageRecords(30);
    const before = expiry(await runs());
    advanceClock(19_999);
    await lease.beat();
    expect(expiry(await runs())).toBe(before);
    advanceClock(1);
    await lease.beat();
    expect(expiry(await runs())).toBeGreaterThanOrEqual(before + 29_000);
  });

  test("is not sent if a batch has just renewed the lease", async () => {
    const { d1, request, runs, advanceClock } = leaseFixture();
    const lease = await takeLease(request());
    advanceClock(20_000);
    await write(d1, lease, "a");
    const before = expiry(await runs());
    advanceClock(10_000);
    await lease.beat();
    expect(expiry(await runs())).toBe(before);
  });

  test("keeps the record of the run's last step", async () => {
    const { d1, request, advanceClock } = leaseFixture();
    const lease = await takeLease(request());
    await write(d1, lease, "a");
    advanceClock(30_000);
    await lease.beat();
    expect(await lease.look()).toEqual({ holds: true, last: "a" });
  });

  test("does not renew an expired lease", async () => {
    const { request, advanceClock, ageRecords } = leaseFixture();
    const lease = await takeLease(request());
    await ageRecords(61);
    advanceClock(61_000);
    await expect(lease.beat()).rejects.toThrow(OVER);
    expect(await lease.look()).toEqual({ holds: false, last: null });
  });
});

describe("the end of a run", () => {
  test("releases the lease and keeps its first ending", async () => {
    const { d1, request, runs } = leaseFixture();
    const lease = await takeLease(request());
    await d1.batch([lease.end("failed")]);
    const [ended] = await runs();
    await d1.batch([lease.end("done")]);
    expect(await runs()).toEqual([ended]);
    expect(ended).toMatchObject({ ending: "failed", holds: false });
    expect(ended?.endedAt).not.toBeNull();
    expect((await takeLease(request())).run).toBe(2);
  });

  test("does not end another run", async () => {
    const { d1, request, ageRecords, runs } = leaseFixture();
    const one = await takeLease(request());
    await ageRecords(61);
    await takeLease(request());
    await d1.batch([one.end("done")]);
    expect(await runs()).toMatchObject([
      { id: 2, holds: true },
      { id: 1, ending: "expired" },
    ]);
  });

  test("is LEASE_LOST with a hint if the run has lost its lease", () => {
    expect(leaseLost(7)).toMatchObject({
      code: "LEASE_LOST",
      details: { run: 7 },
      message: expect.stringContaining("(7)"),
      hint: expect.stringContaining("migrate status --remote"),
    });
  });
});

describe("a run whose process is dead", () => {
  const isDead = (nonce: string): boolean => nonce === "dead";

  test("is replaced at once and can no longer write", async () => {
    const { d1, request, runs, slept } = leaseFixture();
    const dead = await takeLease(request({}, { nonce: "dead" }));
    const lease = await takeLease(request({ isDead }));
    expect(lease.run).toBe(2);
    expect(slept).toEqual([]);
    expect(await runs()).toMatchObject([
      { id: 2, holds: true },
      { id: 1, holds: false, ending: "died" },
    ]);
    await expect(write(d1, dead, "late")).rejects.toThrow(OVER);
    await write(d1, lease, "new");
    expect(await written(d1)).toEqual(["new"]);
  });

  test("makes the next run read its bookmark again, because the dead run may have written", async () => {
    const { request } = leaseFixture();
    await takeLease(request({}, { nonce: "dead" }));
    let read = 0;
    const bookmark = async (): Promise<string> => `bookmark ${(read += 1)}`;
    expect(await takeLease(request({ isDead, bookmark }))).toMatchObject({
      bookmark: "bookmark 2",
    });
  });

  test("lets only one of two new runs take the lease", async () => {
    const { request } = leaseFixture();
    await takeLease(request({}, { nonce: "dead" }));
    await takeLease(request({ isDead }, { holder: "ana@example" }));
    await expect(takeLease(request({ isDead }))).rejects.toMatchObject({
      code: "LEASE_HELD",
      details: { holder: "ana@example" },
    });
  });

  test.each(["before", "after"] as const)(
    "is ended once if an answer is lost %s the commit",
    async (when) => {
      const { d1, request, runs } = leaseFixture();
      await takeLease(request({}, { nonce: "dead" }));
      expect((await takeLease(request({ isDead, d1: losingAnswers(d1, when, 3) }))).run).toBe(2);
      expect(await runs()).toHaveLength(2);
    },
  );

  test("makes a new run wait while its process lives", async () => {
    const { request } = leaseFixture();
    await takeLease(request());
    await expect(takeLease(request({ isDead }))).rejects.toMatchObject({ code: "LEASE_HELD" });
  });
});
