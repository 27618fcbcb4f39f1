/**
 * Whether a call is made again, and when. Pure.
 * @module
 */
import { backOff } from "../failure/retry.ts";
import type { ApiFailure } from "./api-failure.ts";

/** `read` changes nothing, so that it can be asked twice; `write` can not. */
export type Effect = "read" | "write";

/** How often a call is made in all. With the waits of {@link waitBefore}, that is about half a minute. */
export const ATTEMPTS = 7;

/** A longer wait than the API's own window is no wait but a fault. */
const LONGEST_MS = 300_000;

/**
 * Milliseconds to wait before the next attempt; null: there is none. `attempt` is how often it was tried, `random` is from 0 to 1.
 * A write is made again only where it is sure that it was not carried out. A redirect stays: asking again would only delay the error.
 */
export function waitBefore(
  failure: ApiFailure,
  effect: Effect,
  attempt: number,
  random: number,
): number | null {
  if (failure.redirect !== null) return null;
  const again = failure.kind === "not done" || (failure.kind === "unknown" && effect === "read");
  if (!again) return null;
  const { retryAfterMs } = failure;
  if (retryAfterMs !== null) {
    return retryAfterMs > LONGEST_MS ? null : retryAfterMs + random * 1000;
  }
  return backOff(attempt, random);
}
