import { describe, expect, test } from "vitest";
import { restoreTo } from "../../src/cloudflare/restore.ts";
import { timeTravelInfo } from "../../src/cloudflare/time-travel.ts";
import { OpsError } from "../../src/report/error.ts";
import { expectError, ground, type Ground, nameOf, outcomeOf, TROUBLES } from "./remote-fixture.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 30, 12);

/** A table with one row at `one`, and two now. */
async function shop(...args: Parameters<typeof ground>): Promise<Ground & { one: string }> {
  const home = await ground(...args);
  await home.query("CREATE TABLE t(a); INSERT INTO t VALUES(1)");
  const one = home.database.bookmark();
  await home.query("INSERT INTO t VALUES(2)");
  home.cloudflare.log.length = 0;
  return { ...home, one };
}

const rows = ({ count }: Ground): number => count("SELECT count(*) FROM t");

function write({ database }: Ground, sql: string): void {
  using db = database.open();
  db.exec(sql);
}

describe("info", () => {
  test("now", async () => {
    const home = await shop();
    const bookmark = home.database.bookmark();
    expect(await timeTravelInfo(home.remote)).toEqual({ bookmark, at: null });
  });

  test("at a time: the last bookmark that is not after it", async () => {
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
    ["without parts of seconds", "2026-06-29T12:00:00Z"],
    ["without seconds", "2026-06-29T12:00Z"],
    ["of another zone", "2026-06-29T14:00:00+02:00"],
    ["Unix seconds", String(Date.parse(said) / 1000)],
    ["milliseconds", String(Date.parse(said))],
    ["a number", Date.parse(said)],
    ["a date", new Date(said)],
  ])("a time is %s", async (_, at) => {
    const { remote, cloudflare } = await shop();
    const body = JSON.stringify({ success: true, result: { bookmark: "b" } });
    cloudflare.order({ kind: "malformed", body });
    expect(await timeTravelInfo(remote, at, NOW)).toEqual({ bookmark: "b", at: said });
    expect(cloudflare.log[0]?.path).toContain(`timestamp=${encodeURIComponent(said)}`);
  });

  test.each([
    ["yesterday", /is no time/],
    ["2026-06-29T12:00:00", /is no time/],
    ["2026-13-29T12:00:00Z", /is no time/],
    ["2026-06-29", /is no time/],
    ["", /is no time/],
    [Number.NaN, /is no time/],
    [new Date(NOW + 1), /is still to come/],
    [NOW - 31 * DAY, /more than 30 days ago/],
    ["2020-01-01T00:00:00Z", /more than 30 days ago/],
  ])("%s is refused before any call", async (at, message) => {
    const { remote, cloudflare } = await shop();
    expectError(await outcomeOf(timeTravelInfo(remote, at, NOW)), "USAGE", message);
    expectError(await outcomeOf(restoreTo(remote, { at }, { now: NOW })), "USAGE", message);
    expect(cloudflare.log).toEqual([]);
  });

  test("30 days are not too many", async () => {
    const { remote, cloudflare } = await shop();
    const body = JSON.stringify({ success: true, result: { bookmark: "b" } });
    cloudflare.order({ kind: "malformed", body });
    const info = await timeTravelInfo(remote, NOW - 29.9 * DAY, NOW);
    expect(info.bookmark).toBe("b");
  });

  test("what the service refuses is said in its words", async () => {
    const { remote } = await shop();
    const outcome = await outcomeOf(timeTravelInfo(remote, Date.now() - DAY));
    expectError(outcome, "API_REFUSED", /there was no database at that time/);
  });
});

describe("restore", () => {
  test.each(["new", "requested"] as const)(
    "and back again; it tells the %s bookmark",
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

  test("to a time, which is made a bookmark first", async () => {
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

  test("what was written at the last moment is in the way back", async () => {
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

  test("an unknown bookmark", async () => {
    const home = await shop();
    const outcome = await outcomeOf(restoreTo(home.remote, { bookmark: "nowhere" }));
    expectError(outcome, "API_REFUSED", /invalid bookmark/);
    expect(rows(home)).toBe(2);
  });

  test("ten in ten minutes", async () => {
    const home = await shop();
    for (let i = 0; i < 10; i += 1) await restoreTo(home.remote, { bookmark: home.one });
    const outcome = await outcomeOf(restoreTo(home.remote, { bookmark: home.one }));
    expectError(outcome, "RATE_LIMITED", /10 restores of one database in 10 minutes/);
    expect(outcome).toMatchObject({ details: { retryAfterSeconds: 600 } });
  });

  test("without the bookmark of before in the answer there is the one that was read", async () => {
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

describe("a lost answer to a restore", () => {
  const RESTORE = "d1.timeTravel.restore";

  test("that was done: the bookmark alone does not say so", async () => {
    const home = await shop();
    const before = home.database.bookmark();
    home.cloudflare.order({ kind: "cut", when: "after", operation: RESTORE });
    const outcome = await outcomeOf(restoreTo(home.remote, { bookmark: home.one }));
    expectError(outcome, "OUTCOME_UNKNOWN", /restored, or somebody has written/);
    expect(outcome).toMatchObject({ hint: expect.stringContaining(before) });
    expect(home.cloudflare.operations().filter((name) => name === RESTORE)).toHaveLength(1);
  });

  test("that was done: the content does", async () => {
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

  test("that was not: it is looked at for long enough, and asked for again", async () => {
    const home = await shop();
    home.cloudflare.order({ kind: "cut", when: "before", operation: RESTORE });
    expect(await restoreTo(home.remote, { bookmark: home.one })).toMatchObject({
      undoIsExact: true,
    });
    expect(rows(home)).toBe(1);
    expect(home.clock.slept).toEqual([1000, 2000, 4000]);
  });

  test("that was not, and somebody wrote: only the content can tell", async () => {
    const lose = (home: Ground): void => {
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

  test("whose bookmark is the one that was asked for", async () => {
    const home = await shop();
    const before = home.database.bookmark();
    home.cloudflare.order({ kind: "cut", when: "before", operation: RESTORE });
    const body = JSON.stringify({ success: true, result: { bookmark: home.one } });
    const operation = "d1.timeTravel.bookmark";
    home.cloudflare.order({ kind: "malformed", operation, skip: 1, body });
    const restored = await restoreTo(home.remote, { bookmark: home.one });
    expect(restored).toMatchObject({ bookmark: home.one, undo: before, undoIsExact: false });
  });

  test("again and again: it is given up, and nothing has happened", async () => {
    const home = await shop();
    home.cloudflare.order({ kind: "cut", when: "before", operation: RESTORE, times: 9 });
    const outcome = await outcomeOf(restoreTo(home.remote, { bookmark: home.one }));
    expectError(outcome, "TRANSFER_FAILED", /asked 3 times/);
    expect(rows(home)).toBe(2);
  });

  test.each(TROUBLES.map((trouble) => [nameOf(trouble), trouble] as const))(
    "%s at any request: restored, or an error that is true",
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
