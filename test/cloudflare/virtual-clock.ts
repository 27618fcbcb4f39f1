import type { Clock } from "../../src/failure/clock.ts";

export interface VirtualClock extends Clock {
  /** All waits, in order. */
  readonly slept: number[];
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/**
 * A clock whose time passes only while all tasks sleep: it advances to the first that wakes, once no task has anything else to do.
 * `late` simulates a real timer, which wakes a bit late.
 */
export function virtualClock(late: () => number = () => 0): VirtualClock {
  let time = 0;
  let moving = false;
  const slept: number[] = [];
  let sleepers: Sleeper[] = [];
  const move = (): void => {
    moving = false;
    const [first] = sleepers.toSorted((a, b) => a.at - b.at);
    if (first === undefined) return;
    sleepers = sleepers.filter((one) => one !== first);
    time = Math.max(time, first.at);
    first.wake();
    start();
  };
  const start = (): void => {
    if (moving) return;
    moving = true;
    setImmediate(move);
  };
  return {
    slept,
    now: () => time,
    random: () => 0.5,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper: Sleeper = { at: time + ms + late(), wake: resolve };
      sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        sleepers = sleepers.filter((one) => one !== sleeper);
        reject(new Error("aborted", { cause: signal.reason }));
      });
      start();
      return promise;
    },
  };
}
