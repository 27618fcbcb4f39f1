import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makePace } from "../../src/cloudflare/request-rate.ts";
import { virtualClock } from "./virtual-clock.ts";

const headers = (text: string): Headers => new Headers({ ratelimit: text });

describe("a window", () => {
  const delays = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 });

  test("never has more calls than the limit, whenever they come and however many at once", async () => {
    await fc.assert(
      fc.asyncProperty(
        delays,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 1000 }),
        async (arrivals, limit, windowMs) => {
          const clock = virtualClock();
          const pace = makePace({ clock, limit, windowMs });
          const times: number[] = [];
          await Promise.all(
            arrivals.map(async (delay) => {
              await clock.sleep(delay);
              await pace.turn();
              times.push(clock.now());
            }),
          );
          expect(times).toHaveLength(arrivals.length);
          for (const [i, time] of times.entries()) {
            const later = times[i + limit];
            if (later !== undefined) expect(later - time).toBeGreaterThanOrEqual(windowMs);
          }
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test("nobody waits who need not", async () => {
    const clock = virtualClock();
    const pace = makePace({ clock, limit: 3, windowMs: 1000 });
    for (let i = 0; i < 3; i += 1) await pace.turn();
    await clock.sleep(1000);
    await pace.turn();
    expect(clock.now()).toBe(1000);
  });

  test("its calls are made as evenly as they were before: the fourth waits for the first one's window", async () => {
    const clock = virtualClock();
    const pace = makePace({ clock, limit: 3, windowMs: 1000 });
    const times: number[] = [];
    for (const delay of [0, 100, 100, 100, 0, 0, 0]) {
      await clock.sleep(delay);
      await pace.turn();
      times.push(clock.now());
    }
    expect(times).toEqual([0, 100, 200, 1000, 1100, 1200, 2000]);
  });

  test("the usual one: 1,200 in five minutes", async () => {
    const clock = virtualClock();
    const pace = makePace({ clock });
    for (let i = 0; i < 1200; i += 1) await pace.turn();
    expect(clock.now()).toBe(0);
    await pace.turn();
    expect(clock.now()).toBe(300_000);
  });
});

test("who asks first goes first, however late the timers are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 20 }),
      fc.integer({ min: 1, max: 3 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 30 })),
      async (arrivals, limit, lateness) => {
        const clock = virtualClock(() => Number(lateness.next().value));
        const pace = makePace({ clock, limit, windowMs: 100 });
        const asked: number[] = [];
        const went: number[] = [];
        await Promise.all(
          arrivals.map(async (delay, who) => {
            await clock.sleep(delay);
            asked.push(who);
            await pace.turn();
            went.push(who);
          }),
        );
        expect(went).toEqual(asked);
      },
    ),
    { numRuns: 40, seed: 2 },
  );
});

describe("what Cloudflare says of the rate", () => {
  test.each([
    ['"default";r=0;t=12', 12_000],
    ['"default"; r=0; t=12', 12_000],
    ['"default";r=1;t=12', 0],
    ['"default";r=0', 0],
    ['"default";t=12', 0],
    ["nothing of the kind", 0],
  ])("Ratelimit: %s", async (text, waited) => {
    const clock = virtualClock();
    const pace = makePace({ clock });
    pace.heard(headers(text));
    await pace.turn();
    expect(clock.now()).toBe(waited);
  });

  test("by its other names", async () => {
    const clock = virtualClock();
    const pace = makePace({ clock });
    pace.heard(new Headers({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "7" }));
    await pace.turn();
    expect(clock.now()).toBe(7000);
  });

  test("nothing, where it says nothing", async () => {
    const clock = virtualClock();
    const pace = makePace({ clock });
    pace.heard(new Headers());
    await pace.turn();
    expect(clock.now()).toBe(0);
  });

  test("holds everybody, also who waits already", async () => {
    const clock = virtualClock();
    const pace = makePace({ clock });
    pace.hold(1000);
    const times: number[] = [];
    const turns = [1, 2, 3].map(async () => {
      await pace.turn();
      times.push(clock.now());
    });
    await clock.sleep(500);
    pace.heard(headers('"default";r=0;t=12'));
    await Promise.all(turns);
    expect(times).toEqual([12_500, 12_500, 12_500]);
  });

  test("a shorter word does not shorten a longer one", async () => {
    const clock = virtualClock();
    const pace = makePace({ clock });
    pace.hold(5000);
    pace.hold(10);
    pace.heard(headers('"default";r=0;t=1'));
    await pace.turn();
    expect(clock.now()).toBe(5000);
  });
});

describe("who waits", () => {
  test("is told so from a second on", async () => {
    const clock = virtualClock();
    const told: number[] = [];
    const pace = makePace({ clock, onWait: (ms) => told.push(ms) });
    pace.hold(999);
    await pace.turn();
    expect(told).toEqual([]);
    pace.hold(1000);
    await pace.turn();
    expect(told).toEqual([1000]);
  });

  test("and loses patience, frees the queue, and has made no call", async () => {
    const clock = virtualClock();
    const pace = makePace({ clock, limit: 1, windowMs: 1000 });
    await pace.turn();
    const impatient = new AbortController();
    const gone = pace.turn(impatient.signal);
    const next = pace.turn();
    await clock.sleep(10);
    impatient.abort();
    await expect(gone).rejects.toMatchObject({ code: "INTERRUPTED" });
    await next;
    expect(clock.now()).toBe(1000);
  });

  test("all who share the signal are let go at once", async () => {
    const clock = virtualClock();
    const pace = makePace({ clock });
    pace.hold(100_000);
    const { signal, ...impatient } = controller();
    const waiting = [1, 2, 3].map(() => pace.turn(signal));
    impatient.abort();
    for (const turn of waiting) await expect(turn).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(clock.now()).toBe(0);
  });
});

function controller(): { readonly signal: AbortSignal; abort(): void } {
  const made = new AbortController();
  return { signal: made.signal, abort: () => made.abort() };
}
