/**
 * What may be done twice is done again where its answer was lost.
 * @module
 */
import { OpsError } from "../report/error.ts";

/** How often something is sent whose answer is lost each time. */
export const ATTEMPTS = 5;

export function isLost(error: unknown): error is OpsError {
  return error instanceof OpsError && error.code === "OUTCOME_UNKNOWN";
}

/** It was carried out, and its answer has integers that D1's API rounds: only a question can be asked again for them. */
export function isInexact(error: unknown): error is OpsError {
  return error instanceof OpsError && error.code === "VALUE_INEXACT";
}

/** Milliseconds to wait before it is sent again. */
export function patience(tried: number): number {
  return 250 * 2 ** tried;
}

/** Only for what comes to the same when it is done twice, or late. */
export async function untilKnown<T>(
  sleep: (ms: number) => Promise<void>,
  action: () => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await action();
    } catch (error) {
      if (!isLost(error) || tried === ATTEMPTS) throw error;
      await sleep(patience(tried));
    }
  }
}
