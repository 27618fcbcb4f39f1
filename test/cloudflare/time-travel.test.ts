import { describe, expect, test } from "vitest";
import { restoreTo } from "../../src/cloudflare/time-travel-restore.ts";
import { timeTravelInfo } from "../../src/cloudflare/time-travel.ts";
import { OpsError } from "../../src/report/error.ts";
import {
  expectError,
  remoteFixture,
  type RemoteFixture,
  nameOf,
  outcomeOf,
  TROUBLES,
} from "./remote-fixture.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 30, 12);

/** A table with one row at the bookmark `one`, and two rows now. */
async function shop(
  ...args: Parameters<typeof remoteFixture>
): Promise<RemoteFixture & { one: string }> {
  const home = await remoteFixture(...args);
  await home.query("CREATE TABLE t(a); INSERT INTO t VALUES(1)");
  const one = home.database.bookmark();
  await home.query("INSERT INTO t VALUES(2)");
  home.cloudflare.log.length = 0;
  return { ...home, one };
}

const rows = ({ count }: RemoteFixture): number => count("SELECT count(*) FROM t");

function write({ database }: RemoteFixture, sql: string): void {
  using db = database.open();
  db.exec(sql);
}

describe("timeTravelInfo", () => {
  test("returns the current bookmark", async () => {
    const home = await shop();
    const bookmark = home.database.bookmark();
    expect(await timeTravelInfo(home.remote)).toEqual({ bookmark, at: null });
  });

  test("returns the last bookmark at or before a time", async () => {
    const home = await shop();
    const bookmark = home.database.bookmark();
    const at = new Date();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await home.query("DELETE FROM t");
    const info = await timeTravelInfo(home.remote, at);
    expect(info).toEqual({ bookmark, at: at.toISOString() });
  });

  const said = "2026-06-29T12:00:00.000Z";
  test.each([
    ["ISO 8601", said],
    ["without fractions of seconds", "2026-06-29T12:00:00Z"],
    ["without seconds", "2026-06-29T12:00Z"],
    ["of another zone", "2026-06-29T14:00:00+02:00"],
    ["Unix seconds", String(Date.parse(said) / 1000)],
    ["milliseconds", String(Date.parse(said))],
    ["a number", Date.parse(said)],
    ["a date", new Date(said)],
  ])("accepts a time in the format %s", async (_, at) => {
    const { remote, cloudflare } = await shop();
    const body = JSON.stringify({ success: true, result: { bookmark: "b" } });
    cloudflare.order({ kind: "malformed", body });
    expect(await timeTravelInfo(remote, at, NOW)).toEqual({ bookmark: "b", at: said });
    expect(cloudflare.log[0]?.path).toContain(`timestamp=${encodeURIComponent(said)}`);
  });

  test.each([
    ["yesterday", /is not a valid time/],
    ["2026-06-29T12:00:00", /is not a valid time/],
    ["2026-13-29T12:00:00Z", /is not a valid time/],
    ["2026-06-29", /is not a valid time/],
    ["", /is not a valid time/],
    [Number.NaN, /is not a valid time/],
    [new Date(NOW + 1), /is in the future/],
    [NOW - 31 * DAY, /more than 30 days ago/],
    ["2020-01-01T00:00:00Z", /more than 30 days ago/],
  ])("rejects %s before any call", async (at, message) => {
    const { remote, cloudflare } = await shop();
    expectError(await outcomeOf(timeTravelInfo(remote, at, NOW)), "USAGE", message);
    expectError(await outcomeOf(restoreTo(remote, { at }, { now: NOW })), "USAGE", message);
    expect(cloudflare.log).toEqual([]);
  });

  test("accepts a time of exactly 30 days ago", async () => {
    const { remote, cloudflare } = await shop();
    const body = JSON.stringify({ success: true, result: { bookmark: "b" } });
    cloudflare.order({ kind: "malformed", body });
    const info = await timeTravelInfo(remote, NOW - 29.9 * DAY, NOW);
    expect(info.bookmark).toBe("b");
  });

  test("fails with the service's message if the service rejects the time", async () => {
    const { remote } = await shop();
    const outcome = await outcomeOf(timeTravelInfo(remote, Date.now() - DAY));
    expectError(outcome, "API_REFUSED", /there was no database at that time/);
  });
});

describe("restoreTo", () => {
  test.each(["new", "requested"] as const)(
    "restores to a bookmark and back again, if the service returns the %s bookmark",
    async (tells) => {
      const home = await shop({ restoreTells: tells });
      const before = home.database.bookmark();
      const restored = await restoreTo(home.remote, { bookmark: home.one });
      expect(rows(home)).toBe(1);
      expect(restored).toEqual({
        to: home.one,
        bookmark: tells === "new" ? home.database.bookmark() : home.one,
        undo: before,
        undoIsExact: true,
      });
      await restoreTo(home.remote, { bookmark: restored.undo });
      expect(rows(home)).toBe(2);
    },
  );

  test("restores to a time, which it converts to a bookmark first", async () => {
    const home = await shop();
    const at = new Date();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await home.query("DELETE FROM t");
    await restoreTo(home.remote, { at });
    expect(rows(home)).toBe(2);
    expect(home.cloudflare.operations().slice(1)).toEqual([
      "d1.timeTravel.bookmark",
      "d1.timeTravel.bookmark",
      "d1.timeTravel.restore",
    ]);
  });

  test("includes a write of the last moment in the bookmark for the undo", async () => {
    const home = await shop();
    home.cloudflare.onRequest = ({ operation }) => {
      if (operation === "d1.timeTravel.restore") write(home, "INSERT INTO t VALUES(3)");
      return null;
    };
    const { undo } = await restoreTo(home.remote, { bookmark: home.one });
    home.cloudflare.onRequest = null;
    await restoreTo(home.remote, { bookmark: undo });
    expect(rows(home)).toBe(3);
  });

  test("fails for an unknown bookmark", async () => {
    const home = await shop();
    const outcome = await outcomeOf(restoreTo(home.remote, { bookmark: "nowhere" }));
    expectError(outcome, "API_REFUSED", /invalid bookmark/);
    expect(rows(home)).toBe(2);
  });

  test("fails with the limit of ten restores in ten minutes", async () => {
    const home = await shop();
    for (let i = 0; i < 10; i += 1) await restoreTo(home.remote, { bookmark: home.one });
    const outcome = await outcomeOf(restoreTo(home.remote, { bookmark: home.one }));
    expectError(outcome, "RATE_LIMITED", /10 restores of one database in 10 minutes/);
    expect(outcome).toMatchObject({ details: { retryAfterSeconds: 600 } });
  });

  test("returns the bookmark that it has read if the answer has none", async () => {
    const home = await shop();
    const before = home.database.bookmark();
    const body = JSON.stringify({ success: true, result: null });
    home.cloudflare.order({ kind: "malformed", operation: "d1.timeTravel.restore", body });
    expect(await restoreTo(home.remote, { bookmark: home.one })).toEqual({
      to: home.one,
      bookmark: home.database.bookmark(),
      undo: before,
      undoIsExact: false,
    });
  });
});

describe("a restore whose answer is lost", () => {
  const RESTORE = "d1.timeTravel.restore";

  test("fails with OUTCOME_UNKNOWN if D1 has restored, because the bookmark alone does not show it", async () => {
    const home = await shop();
    const before = home.database.bookmark();
    home.cloudflare.order({ kind: "cut", when: "after", operation: RESTORE });
    const outcome = await outcomeOf(restoreTo(home.remote, { bookmark: home.one }));
    expectError(outcome, "OUTCOME_UNKNOWN", /restored, or another program has written/);
    expect(outcome).toMatchObject({ hint: expect.stringContaining(before) });
    expect(home.cloudflare.operations().filter((name) => name === RESTORE)).toHaveLength(1);
  });

  test("succeeds if D1 has restored and the content shows it", async () => {
    const home = await shop();
    const before = home.database.bookmark();
    home.cloudflare.order({ kind: "cut", when: "after", operation: RESTORE });
    const isRestored = async (): Promise<boolean> => rows(home) === 1;
    const restored = await restoreTo(home.remote, { bookmark: home.one }, { isRestored });
    const bookmark = home.database.bookmark();
    expect(restored).toEqual({ to: home.one, bookmark, undo: before, undoIsExact: false });
    await restoreTo(home.remote, { bookmark: restored.undo });
    expect(rows(home)).toBe(2);
  });

  test("is repeated after three checks if D1 has not restored", async () => {
    const home = await shop();
    home.cloudflare.order({ kind: "cut", when: "before", operation: RESTORE });
    expect(await restoreTo(home.remote, { bookmark: home.one })).toMatchObject({
      undoIsExact: true,
    });
    expect(rows(home)).toBe(1);
    expect(home.clock.slept).toEqual([1000, 2000, 4000]);
  });

  test("is repeated according to the content if another program wrote and D1 has not restored", async () => {
    const lose = (home: RemoteFixture): void => {
      let lost = false;
      home.cloudflare.onRequest = ({ operation }) => {
        if (operation !== RESTORE || lost) return null;
        lost = true;
        write(home, "INSERT INTO t VALUES(3)");
        return { kind: "cut", when: "before" };
      };
    };
    const blind = await shop();
    lose(blind);
    const outcome = await outcomeOf(restoreTo(blind.remote, { bookmark: blind.one }));
    expectError(outcome, "OUTCOME_UNKNOWN");
    expect(rows(blind)).toBe(3);
    const seeing = await shop();
    lose(seeing);
    const isRestored = async (): Promise<boolean> => rows(seeing) === 1;
    const restored = await restoreTo(seeing.remote, { bookmark: seeing.one }, { isRestored });
    expect(rows(seeing)).toBe(1);
    await restoreTo(seeing.remote, { bookmark: restored.undo });
    expect(rows(seeing)).toBe(3);
  });

  test("succeeds if the bookmark is the requested one", async () => {
    const home = await shop();
    const before = home.database.bookmark();
    home.cloudflare.order({ kind: "cut", when: "before", operation: RESTORE });
    const body = JSON.stringify({ success: true, result: { bookmark: home.one } });
    const operation = "d1.timeTravel.bookmark";
    home.cloudflare.order({ kind: "malformed", operation, skip: 1, body });
    const restored = await restoreTo(home.remote, { bookmark: home.one });
    expect(restored).toMatchObject({ bookmark: home.one, undo: before, undoIsExact: false });
  });

  test("fails after three attempts, and the database is unchanged", async () => {
    const home = await shop();
    home.cloudflare.order({ kind: "cut", when: "before", operation: RESTORE, times: 9 });
    const outcome = await outcomeOf(restoreTo(home.remote, { bookmark: home.one }));
    expectError(outcome, "TRANSFER_FAILED", /restore the database 3 times/);
    expect(rows(home)).toBe(2);
  });

  test.each(TROUBLES.map((trouble) => [nameOf(trouble), trouble] as const))(
    "ends restored or with a correct error after %s at any request",
    async (_, trouble) => {
      for (let request = 1; request <= 2; request += 1) {
        const home = await shop();
        home.cloudflare.order({ ...trouble, request });
        const outcome = await outcomeOf(restoreTo(home.remote, { bookmark: home.one }));
        if (!(outcome instanceof OpsError)) {
          expect(rows(home)).toBe(1);
          await restoreTo(home.remote, { bookmark: outcome.undo });
          expect(rows(home)).toBe(2);
          continue;
        }
        expect(["API_REFUSED", "OUTCOME_UNKNOWN", "TRANSFER_FAILED"]).toContain(outcome.code);
        if (outcome.code !== "OUTCOME_UNKNOWN") expect(rows(home)).toBe(2);
        else expect(outcome.hint).toMatch(/[\da-f]{8}-[\da-f]{8}-/);
      }
    },
  );
});
