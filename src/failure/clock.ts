/**
 * Time and chance, as something that can be handed in: a test waits for nothing.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises";
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";

export interface Clock {
  /** Milliseconds, of a clock that only goes forward. */
  now(): number;
  /** Ends early, with the signal's reason, where it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to 1. */
  random(): number;
  /** Aborts after so many milliseconds. Default: `AbortSignal.timeout`. */
  timeout?(ms: number): AbortSignal;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
  random: () => Math.random(),
};

/** Waits, until somebody loses patience. @throws OpsError INTERRUPTED */
export async function pause(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    throw new OpsError(
      "INTERRUPTED",
      { signal: "SIGINT" },
      {
        message: "Interrupted while waiting.",
        hint: `Run the same command again.\n${offer("To see what is applied", command("migrate status", "--remote"))}`,
      },
      { cause: error },
    );
  }
}

/** How a verb waits. Milliseconds. @throws OpsError INTERRUPTED, when it is called */
export function sleeper({
  clock = realClock,
  signal,
}: {
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
}): (ms: number) => Promise<void> {
  return async (ms) => pause(clock, ms, signal);
}
