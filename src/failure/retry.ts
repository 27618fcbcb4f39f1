/**
 * The one loop that does something again after it failed. What a failure means is the caller's to say.
 *
 * No library: each of them waits by a clock of its own, and every wait here has to be one that a test can hold and Ctrl-C can end.
 * @module
 */
import { isLost } from "./kind.ts";

/** What follows a failure: another attempt after a wait, or an answer after all. */
export type Next<T> = { readonly waitMs: number } | { readonly answer: T };

export interface Retry<T> {
  /** Called after attempt number `made`, from 1. What it throws is final. */
  readonly after: (error: unknown, made: number) => Next<T> | Promise<Next<T>>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** @throws what `after` throws */
export async function retry<T>(
  action: (made: number) => Promise<T>,
  { after, sleep }: Retry<T>,
): Promise<T> {
  for (let made = 1; ; made += 1) {
    try {
      return await action(made);
    } catch (error) {
      const next = await after(error, made);
      if ("answer" in next) return next.answer;
      await sleep(next.waitMs);
    }
  }
}

/** How often something is sent whose answer is lost each time. */
export const ATTEMPTS = 5;

/**
 * Milliseconds: twice as long each time, up to ten seconds. With `random`, from 0 to 1, it is somewhere in the upper half of that, so that many
 * do not come at once.
 */
export function backOff(made: number, random = 1): number {
  return Math.min(10_000, 250 * 2 ** made) * (0.5 + random / 2);
}

/** Sends it again while its answer is lost. Only for what comes to the same when it is done twice, or late. */
export async function untilKnown<T>(
  sleep: (ms: number) => Promise<void>,
  action: () => Promise<T>,
): Promise<T> {
  return retry(action, {
    sleep,
    after: (error, made) => {
      if (!isLost(error) || made === ATTEMPTS) throw error;
      return { waitMs: backOff(made) };
    },
  });
}
