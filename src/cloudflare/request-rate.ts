/**
 * Keeps all of a process's calls under Cloudflare's rate: 1,200 in five minutes for each user or token
 * (developers.cloudflare.com/fundamentals/api/reference/limits). Who exceeds it is locked out for five minutes.
 * @module
 */
import { type Clock, pause } from "../failure/clock.ts";

export interface Pace {
  /** Resolves when the next call may be made; it counts as made then. */
  turn(signal?: AbortSignal): Promise<void>;
  /** What an answer says of the rate. */
  heard(headers: Headers): void;
  /** Everybody waits this long: a call was refused for its rate. */
  hold(ms: number): void;
}

export interface PaceOptions {
  readonly clock: Clock;
  readonly limit?: number;
  readonly windowMs?: number;
  /** Told when a call has to wait for a second or more. */
  readonly onWait?: (ms: number) => void;
}

export function makePace({
  clock,
  limit = 1200,
  windowMs = 300_000,
  onWait = () => {},
}: PaceOptions): Pace {
  /** When the last `limit` calls were made, the oldest at `next`. */
  const made: number[] = [];
  let next = 0;
  let heldUntil = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const freeAt = (): number => {
    const oldest = made.length < limit ? undefined : made[next];
    return Math.max(heldUntil, oldest === undefined ? 0 : oldest + windowMs);
  };
  const take = async (signal?: AbortSignal): Promise<void> => {
    for (;;) {
      const wait = freeAt() - clock.now();
      if (wait <= 0) break;
      if (wait >= 1000) onWait(wait);
      await pause(clock, wait, signal);
    }
    made[next] = clock.now();
    next = (next + 1) % limit;
  };
  return {
    turn(signal) {
      const mine = queue.then(() => take(signal));
      queue = mine.catch(() => {});
      return mine;
    },
    heard(headers) {
      const left = rateLeft(headers);
      if (left !== null && left.remaining <= 0) this.hold(left.resetMs);
    },
    hold(ms) {
      heldUntil = Math.max(heldUntil, clock.now() + Math.min(ms, windowMs));
    },
  };
}

/** `Ratelimit: "default";r=12;t=30`: 12 calls are left in the next 30 seconds. */
function rateLeft(headers: Headers): { remaining: number; resetMs: number } | null {
  const text = headers.get("ratelimit");
  const remaining = /;\s*r=(\d+)/.exec(text ?? "")?.[1] ?? headers.get("x-ratelimit-remaining");
  const reset = /;\s*t=(\d+)/.exec(text ?? "")?.[1] ?? headers.get("x-ratelimit-reset");
  if (remaining === null || reset === null) return null;
  return { remaining: Number(remaining), resetMs: Number(reset) * 1000 };
}
