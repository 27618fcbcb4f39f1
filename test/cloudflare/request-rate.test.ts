import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeRequestRate } from "../../src/cloudflare/request-rate.ts";
import { virtualClock } from "./virtual-clock.ts";

const headers = (text: string): Headers => new Headers({ ratelimit: text });

describe("a request rate", () => {
  const delays = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 });

  test("never allows more calls than the limit, whenever they come and however many at once", async () => {
    await fc.assert(
      fc.asyncProperty(
        delays,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 1000 }),
        async (arrivals, limit, windowMs) => {
          const clock = virtualClock();
          const rate = makeRequestRate({ clock, limit, windowMs });
          const times: number[] = [];
          await Promise.all(
            arrivals.map(async (delay) => {
              await clock.sleep(delay);
              await rate.turn();
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

  test("delays no call below the limit", async () => {
    const clock = virtualClock();
    const rate = makeRequestRate({ clock, limit: 3, windowMs: 1000 });
    for (let i = 0; i < 3; i += 1) await rate.turn();
    await clock.sleep(1000);
    await rate.turn();
    expect(clock.now()).toBe(1000);
  });

  test("delays the fourth call until the first one's window has ended", async () => {
    const clock = virtualClock();
    const rate = makeRequestRate({ clock, limit: 3, windowMs: 1000 });
    const times: number[] = [];
    for (const delay of [0, 100, 100, 100, 0, 0, 0]) {
      await clock.sleep(delay);
      await rate.turn();
      times.push(clock.now());
    }
    expect(times).toEqual([0, 100, 200, 1000, 1100, 1200, 2000]);
  });

  test("allows 1,200 calls in five minutes by default", async () => {
    const clock = virtualClock();
    const rate = makeRequestRate({ clock });
    for (let i = 0; i < 1200; i += 1) await rate.turn();
    expect(clock.now()).toBe(0);
    await rate.turn();
    expect(clock.now()).toBe(300_000);
  });
});

test("a request rate keeps the order of calls, however late the timers fire", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 20 }),
      fc.integer({ min: 1, max: 3 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 30 })),
      async (arrivals, limit, lateness) => {
        const clock = virtualClock(() => Number(lateness.next().value));
        const rate = makeRequestRate({ clock, limit, windowMs: 100 });
        const asked: number[] = [];
        const went: number[] = [];
        await Promise.all(
          arrivals.map(async (delay, who) => {
            await clock.sleep(delay);
            asked.push(who);
            await rate.turn();
            went.push(who);
          }),
        );
        expect(went).toEqual(asked);
      },
    ),
    { numRuns: 40, seed: 2 },
  );
});

describe("a request rate that an answer updates", () => {
  test.each([
    ['"default";r=0;t=12', 12_000],
    ['"default"; r=0; t=12', 12_000],
    ['"default";r=1;t=12', 0],
    ['"default";r=0', 0],
    ['"default";t=12', 0],
    ["another header", 0],
  ])("waits as its header says: Ratelimit: %s", async (text, waited) => {
    const clock = virtualClock();
    const rate = makeRequestRate({ clock });
    rate.update(headers(text));
    await rate.turn();
    expect(clock.now()).toBe(waited);
  });

  test("reads the older header names", async () => {
    const clock = virtualClock();
    const rate = makeRequestRate({ clock });
    rate.update(new Headers({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "7" }));
    await rate.turn();
    expect(clock.now()).toBe(7000);
  });

  test("stays unchanged without rate headers", async () => {
    const clock = virtualClock();
    const rate = makeRequestRate({ clock });
    rate.update(new Headers());
    await rate.turn();
    expect(clock.now()).toBe(0);
  });

  test("delays all calls after pauseAll, including those that already wait", async () => {
    const clock = virtualClock();
    const rate = makeRequestRate({ clock });
    rate.pauseAll(1000);
    const times: number[] = [];
    const turns = [1, 2, 3].map(async () => {
      await rate.turn();
      times.push(clock.now());
    });
    await clock.sleep(500);
    rate.update(headers('"default";r=0;t=12'));
    await Promise.all(turns);
    expect(times).toEqual([12_500, 12_500, 12_500]);
  });

  test("does not shorten a longer pause after pauseAll", async () => {
    const clock = virtualClock();
    const rate = makeRequestRate({ clock });
    rate.pauseAll(5000);
    rate.pauseAll(10);
    rate.update(headers('"default";r=0;t=1'));
    await rate.turn();
    expect(clock.now()).toBe(5000);
  });
});

describe("a waiting call", () => {
  test("calls onWait for waits of a second or more", async () => {
    const clock = virtualClock();
    const told: number[] = [];
    const rate = makeRequestRate({ clock, onWait: (ms) => told.push(ms) });
    rate.pauseAll(999);
    await rate.turn();
    expect(told).toEqual([]);
    rate.pauseAll(1000);
    await rate.turn();
    expect(told).toEqual([1000]);
  });

  test("leaves the queue and is not counted if it is interrupted", async () => {
    const clock = virtualClock();
    const rate = makeRequestRate({ clock, limit: 1, windowMs: 1000 });
    await rate.turn();
    const impatient = new AbortController();
    const gone = rate.turn(impatient.signal);
    const next = rate.turn();
    await clock.sleep(10);
    impatient.abort();
    await expect(gone).rejects.toMatchObject({ code: "INTERRUPTED" });
    await next;
    expect(clock.now()).toBe(1000);
  });

  test("ends at once with all other calls that have the same signal", async () => {
    const clock = virtualClock();
    const rate = makeRequestRate({ clock });
    rate.pauseAll(100_000);
    const { signal, ...impatient } = controller();
    const waiting = [1, 2, 3].map(() => rate.turn(signal));
    impatient.abort();
    for (const turn of waiting) await expect(turn).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(clock.now()).toBe(0);
  });
});

function controller(): { readonly signal: AbortSignal; abort(): void } {
  const made = new AbortController();
  return { signal: made.signal, abort: () => made.abort() };
}
