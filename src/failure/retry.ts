/**
 * The shared retry loop. The caller decides what a failure means.
 *
 * d1ops does not use a library for this, because libraries wait with their own clock. Tests must control each wait, and Ctrl-C must end it.
 * @module
 */
import { isAnswerLost } from "./kind.ts";

/** The decision after a failure: another attempt after a wait, or an answer after all. */
export type Next<T> = { readonly waitMs: number } | { readonly answer: T };

export interface Retry<T> {
  /** Called after attempt number `made`, counted from 1. An error that it throws ends the loop. */
  readonly after: (error: unknown, made: number) => Next<T> | Promise<Next<T>>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Calls `action` until it succeeds or `after` ends the loop. @throws the error that `after` throws */
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

export const ATTEMPTS = 5;

/**
 * The wait in milliseconds: it doubles with each attempt, up to ten seconds. `random`, from 0 to 1, spreads it over the upper half of that
 * range, so that several clients do not retry at the same time.
 */
export function backOff(made: number, random = 1): number {
  return Math.min(10_000, 250 * 2 ** made) * (0.5 + random / 2);
}

/** The longest `Retry-After` that d1ops waits for: the window of Cloudflare's API. A longer one is a failure. */
const LONGEST_MS = 300_000;

/** The wait that the server asked for, else {@link backOff}. Null if the server asked for more than five minutes. */
export function requestedWait(
  retryAfterMs: number | null,
  made: number,
  random: number,
): number | null {
  if (retryAfterMs === null) return backOff(made, random);
  return retryAfterMs > LONGEST_MS ? null : retryAfterMs + random * 1000;
}

/** Repeats an action while its answer is lost. Only for actions that are idempotent, also if they arrive late. */
export async function untilKnown<T>(
  sleep: (ms: number) => Promise<void>,
  action: () => Promise<T>,
): Promise<T> {
  return retry(action, {
    sleep,
    after: (error, made) => {
      if (!isAnswerLost(error) || made === ATTEMPTS) throw error;
      return { waitMs: backOff(made) };
    },
  });
}
