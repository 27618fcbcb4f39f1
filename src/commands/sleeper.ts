/**
 * How a verb waits: until the time is over, or somebody loses patience.
 * @module
 */
import { pause, realClock } from "../cloudflare/clock.ts";
import type { ProjectOptions } from "./options.ts";

/** Milliseconds. @throws OpsError INTERRUPTED, when it is called */
export function sleeper({
  clock = realClock,
  signal,
}: Pick<ProjectOptions, "clock" | "signal">): (ms: number) => Promise<void> {
  return async (ms) => pause(clock, ms, signal);
}
