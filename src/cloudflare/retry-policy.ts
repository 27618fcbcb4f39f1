/** @module Decides whether and when d1ops retries a call. Pure. */
import { requestedWait } from "../failure/retry.ts";
import type { ApiFailure } from "./api-failure.ts";

/** `read` changes nothing, so it can be repeated. `write` cannot. */
export type Effect = "read" | "write";

/** Total attempts of a call. With the waits of {@link waitBefore} they take about half a minute. */
export const API_ATTEMPTS = 7;

/**
 * Milliseconds to wait before the next attempt; null for no further attempt. `attempt` is the number of attempts made, `random` is
 * from 0 to 1. A write is retried only if it was certainly not carried out. A redirect, and a request that `fetch` rejects itself, are never retried: that would only delay the error.
 */
export function waitBefore(
  failure: ApiFailure,
  effect: Effect,
  attempt: number,
  random: number,
): number | null {
  if (failure.redirect !== null || failure.isFinal) return null;
  const retryable =
    failure.kind === "not done" || (failure.kind === "unknown" && effect === "read");
  if (!retryable) return null;
  return requestedWait(failure.retryAfterMs, attempt, random);
}
