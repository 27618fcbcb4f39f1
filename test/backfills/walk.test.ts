import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Progress } from "../../src/backfills/backfill-state.ts";
import type { Ending } from "../../src/backfills/run-request.ts";
import {
  firstState,
  sizeOf,
  step,
  type WalkAct,
  type WalkEvent,
  type WalkLimits,
  type WalkState,
} from "../../src/backfills/walk.ts";
import { OpsError } from "../../src/report/error.ts";

const LIMITS: WalkLimits = {
  windowRows: 8,
  limits: { targetMs: 200, maxRows: 64 },
  pauseMs: 0,
  maxRowsWritten: null,
  budget: null,
  maxQuarantined: null,
  checksAtEnd: true,
};

const COST = { read: 10, written: 5 };

function progress(over: Partial<Progress> = {}): Progress {
  return {
    name: "0001_fill",
    checksum: "c",
    state: "running",
    windows: 0,
    cursor: null,
    counts: { scanned: 0, changed: 0, already: 0, conflict: 0, invalid: 0, skipped: 0 },
    rowsWritten: 0,
    rowsRead: 0,
    holder: "ada@example",
    token: "t",
    startedAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    reconciledAt: null,
    silentMs: 0,
    bookmark: null,
    rate: null,
    windowRows: 8,
    ...over,
  };
}

function state(over: Partial<WalkState> = {}): WalkState {
  return { ...firstState(LIMITS, progress()), ...over };
}

const counts = (over: Partial<Progress["counts"]>): Progress["counts"] => ({
  ...progress().counts,
  ...over,
});
const window: WalkAct = { kind: "window" };
const setAside = (keyOnly: boolean): WalkAct => ({ kind: "set aside", message: "bad", keyOnly });
const refused = (act: WalkAct): WalkEvent => ({ kind: "refused", message: "bad", act });
const end = (ending: Ending): WalkAct => ({ kind: "end", ending });
const uncaught = new OpsError("INTERRUPTED", { signal: "SIGINT" }, { message: "m", hint: "h" });

describe("step", () => {
  test.each<[string, Partial<WalkState>, WalkEvent, WalkAct, Partial<WalkLimits>?]>([
    ["checks before the first window", {}, { kind: "started" }, { kind: "check" }],
    [
      "sends a window after a check",
      {},
      { kind: "checked", uncaught: null, stopping: false },
      window,
    ],
    [
      "ends as interrupted if the run should stop",
      {},
      { kind: "checked", uncaught: null, stopping: true },
      end({ kind: "interrupted" }),
    ],
    [
      "ends as scanned even if the run should stop",
      { progress: progress({ state: "scanned" }) },
      { kind: "checked", uncaught: null, stopping: true },
      end({ kind: "scanned" }),
    ],
    [
      "ends with the program's uncaught error, also after the last window",
      { progress: progress({ state: "scanned" }) },
      { kind: "checked", uncaught, stopping: false },
      end({ kind: "error", error: uncaught }),
    ],
    [
      "ends at max-rows-written before the last window",
      { total: { read: 0, written: 5 } },
      { kind: "started" },
      end({ kind: "limit", limit: "max-rows-written" }),
      { maxRowsWritten: 5 },
    ],
    [
      "ignores max-rows-written once all rows are processed",
      { total: { read: 0, written: 5 }, progress: progress({ state: "scanned" }) },
      { kind: "started" },
      { kind: "check" },
      { maxRowsWritten: 5 },
    ],
    [
      "ends at max-quarantined even once all rows are processed",
      { progress: progress({ state: "scanned", counts: counts({ invalid: 2 }) }) },
      { kind: "started" },
      end({ kind: "limit", limit: "max-quarantined" }),
      { maxQuarantined: 1 },
    ],
    [
      "ends a backfill in SQL as scanned without another check",
      { progress: progress({ state: "scanned" }) },
      { kind: "started" },
      end({ kind: "scanned" }),
      { checksAtEnd: false },
    ],
    [
      "rests after a window if there is a pause",
      {},
      { kind: "written", progress: progress({ windows: 1 }), cost: COST, tookMs: 1 },
      { kind: "rest", ms: 50 },
      { pauseMs: 50 },
    ],
    [
      "does not rest after the last window",
      {},
      { kind: "written", progress: progress({ state: "scanned" }), cost: COST, tookMs: 1 },
      { kind: "check" },
      { pauseMs: 50 },
    ],
    [
      "tries the statements without rows after a refused window",
      {},
      refused(window),
      { kind: "try statements", message: "bad" },
    ],
    [
      "does not try the statements twice for the same refusal",
      { causedByRows: new Set(["bad"]) },
      refused(window),
      { kind: "check" },
    ],
    [
      "fails if the statements fail without rows",
      {},
      { kind: "tried statements", message: "bad", fault: "no such column" },
      end({ kind: "failed", message: "no such column" }),
    ],
    [
      "tries other rows if a single row is refused before any row was changed",
      { rows: 1 },
      { kind: "tried statements", message: "bad", fault: null },
      { kind: "try other rows", message: "bad" },
    ],
    [
      "sets a single refused row aside if a row was changed before",
      { rows: 1, progress: progress({ counts: counts({ changed: 1 }) }) },
      { kind: "tried statements", message: "bad", fault: null },
      setAside(false),
    ],
    [
      "sets a single refused row aside if other rows were tried before",
      { rows: 1, triedOthers: true },
      { kind: "tried statements", message: "bad", fault: null },
      setAside(false),
    ],
    [
      "fails if each of many other rows fails",
      { rows: 1 },
      { kind: "tried other rows", message: "bad", fault: "all", conclusive: true },
      end({ kind: "failed", message: "all" }),
    ],
    [
      "sets the row aside if another row succeeds",
      { rows: 1 },
      { kind: "tried other rows", message: "bad", fault: null, conclusive: true },
      setAside(false),
    ],
    [
      "sets only the key aside if the database rejects the row in the quarantine",
      { rows: 1 },
      refused(setAside(false)),
      setAside(true),
    ],
    [
      "fails if the database rejects the key in the quarantine",
      { rows: 1 },
      refused(setAside(true)),
      end({ kind: "failed", message: "bad" }),
    ],
    [
      "ends when another command stopped the run",
      {},
      { kind: "ended", ending: { kind: "stopped", how: "paused" } },
      end({ kind: "stopped", how: "paused" }),
    ],
  ])("decides what to do next: it %s", (_, over, event, act, limits = {}) => {
    expect(step({ ...LIMITS, ...limits }, state(over), event).act).toEqual(act);
  });

  test("halves the window after a refusal that the rows cause", () => {
    const event: WalkEvent = { kind: "tried statements", message: "bad", fault: null };
    const next = step(LIMITS, state({ rows: 9 }), event);
    expect(next).toMatchObject({ act: { kind: "check" }, state: { rows: 4 } });
    expect(next.state.causedByRows).toEqual(new Set(["bad"]));
  });

  test("adds the cost of each answer to the total, and drops the unrecorded cost of a lost answer", () => {
    const written: WalkEvent = { kind: "written", progress: progress(), cost: COST, tookMs: 1 };
    const once = step(LIMITS, state(), written).state;
    const twice = step(LIMITS, once, written).state;
    expect(twice).toMatchObject({ spent: COST, total: { read: 20, written: 10 } });
    const lost = step(LIMITS, twice, { kind: "moved", progress: progress({ windows: 2 }) }).state;
    expect(lost).toMatchObject({
      spent: { read: 0, written: 0 },
      total: { read: 20, written: 10 },
      progress: { windows: 2 },
    });
  });

  test("shrinks the window with each consecutive row set aside, and resets their count at the next written window", () => {
    const aside: WalkEvent = { kind: "set aside", progress: progress(), cost: COST };
    const first = step(LIMITS, state({ rows: 1 }), aside).state;
    const second = step(LIMITS, first, aside).state;
    expect([first.rows, second.rows]).toEqual([8, 4]);
    const written: WalkEvent = { kind: "written", progress: progress(), cost: COST, tookMs: 1 };
    expect(step(LIMITS, second, written).state.badInARow).toBe(0);
  });

  test("does not use the edges of the last answer after a pause", () => {
    const written: WalkEvent = { kind: "written", progress: progress(), cost: COST, tookMs: 1 };
    expect(step(LIMITS, state(), written).state.lookAhead).toBe(true);
    expect(step({ ...LIMITS, pauseMs: 1 }, state(), written).state.lookAhead).toBe(false);
  });
});

/** A model of a table with the rows 1 to `rows`, and of how the database answers each batch. */
interface World {
  readonly rows: number;
  readonly bad: ReadonlySet<number>;
  /** Whether each answer, in order, is lost after the write or received. */
  readonly lost: readonly boolean[];
  readonly tookMs: readonly number[];
  readonly rate: number | null;
}

const worlds = fc.record({
  rows: fc.nat(120),
  bad: fc
    .uniqueArray(fc.integer({ min: 1, max: 120 }), { maxLength: 12 })
    .map((all) => new Set(all)),
  lost: fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
  tookMs: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 20 }),
  rate: fc.option(fc.integer({ min: 1, max: 40 })),
});

/** Runs `step` against the model of a database until it ends. */
function walk({ rows, bad, lost, tookMs, rate }: World): {
  readonly processed: number[];
  readonly aside: number[];
  readonly ending: Ending;
} {
  let database = progress({ rate });
  const processed: number[] = [];
  const aside: number[] = [];
  let last = 0;
  let sent = 0;
  let current = firstState(LIMITS, database);
  let event: WalkEvent = { kind: "started" };
  for (let steps = 0; steps < 10_000; steps += 1) {
    const before = current;
    const next = step(LIMITS, current, event);
    current = next.state;
    expect(current.progress.windows).toBeGreaterThanOrEqual(before.progress.windows);
    expect(sizeOf(current)).toBeGreaterThanOrEqual(1);
    expect(sizeOf(current)).toBeLessThanOrEqual(rate ?? LIMITS.limits.maxRows);
    const { act } = next;
    if (act.kind === "end") return { processed, aside, ending: act.ending };
    if (act.kind === "check") event = { kind: "checked", uncaught: null, stopping: false };
    else if (act.kind === "rest") event = { kind: "rested", rate };
    else if (act.kind === "try statements") {
      event = { kind: "tried statements", message: act.message, fault: null };
    } else if (act.kind === "try other rows") {
      const { message } = act;
      event = { kind: "tried other rows", message, fault: null, conclusive: true };
    } else {
      // The guard of the batch: the database must have the state that the run expects.
      expect(current.progress.windows).toBe(database.windows);
      expect(database.state).toBe("running");
      const size = act.kind === "window" ? sizeOf(current) : 1;
      const keys = Array.from({ length: Math.min(size, rows - last) }, (_, i) => last + i + 1);
      if (act.kind === "window" && keys.some((key) => bad.has(key))) {
        event = { kind: "refused", message: "bad", act };
        continue;
      }
      (act.kind === "window" ? processed : aside).push(...keys);
      last += keys.length;
      const { scanned, changed, conflict } = database.counts;
      database = {
        ...database,
        windows: database.windows + 1,
        state: last === rows ? "scanned" : "running",
        counts: counts({
          scanned: scanned + keys.length,
          changed: changed + (act.kind === "window" ? keys.length : 0),
          conflict: conflict + (act.kind === "window" ? 0 : keys.length),
        }),
      };
      const took = tookMs[sent % tookMs.length] ?? 0;
      const isLost = lost[sent % lost.length] === true;
      sent += 1;
      event = isLost
        ? { kind: "moved", progress: database }
        : act.kind === "window"
          ? { kind: "written", progress: database, cost: COST, tookMs: took }
          : { kind: "set aside", progress: database, cost: COST };
    }
  }
  throw new Error("the walk did not end");
}

describe("a walk over any table, with bad rows and lost answers", () => {
  test("processes each good row once and in order, sets each bad row aside once, and ends as scanned", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { processed, aside, ending } = walk(world);
        const all = Array.from({ length: world.rows }, (_, i) => i + 1);
        expect(ending).toEqual({ kind: "scanned" });
        expect(processed).toEqual(all.filter((key) => !world.bad.has(key)));
        expect(aside).toEqual(all.filter((key) => world.bad.has(key)));
      }),
    );
  });
});
