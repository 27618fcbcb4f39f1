/** @module Time and random numbers as a parameter, so that tests do not wait. */
import { setTimeout as wait } from "node:timers/promises";
import { OpsError } from "../report/error.ts";

export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Rejects early, with the signal's reason, when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to 1. */
  random(): number;
  /** A signal that aborts after `ms` milliseconds. Default: `AbortSignal.timeout`. */
  timeout?(ms: number): AbortSignal;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
  random: () => Math.random(),
};

/** Waits `ms` milliseconds. @throws OpsError INTERRUPTED when `signal` is aborted */
export async function pause(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    const message = "Interrupted while waiting.";
    const hint = "Run the same command again to continue.";
    throw new OpsError("INTERRUPTED", { signal: "SIGINT" }, { message, hint }, { cause: error });
  }
}

/** A function that waits, in milliseconds. It throws OpsError INTERRUPTED when `signal` is aborted. */
export function sleeper({
  clock = realClock,
  signal,
}: {
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
}): (ms: number) => Promise<void> {
  return async (ms) => pause(clock, ms, signal);
}
