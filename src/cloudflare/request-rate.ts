/**
 * Keeps all calls of a process under Cloudflare's rate limit: 1,200 in five minutes for each user or token
 * (developers.cloudflare.com/fundamentals/api/reference/limits). Cloudflare blocks a client that exceeds it for five minutes.
 * @module
 */
import { type Clock, pause } from "../failure/clock.ts";

export interface RequestRate {
  /** Resolves when the next call may be made, and counts that call. */
  turn(signal?: AbortSignal): Promise<void>;
  /** Reads the rate headers of an answer. */
  update(headers: Headers): void;
  /** Delays all calls by this time, after a call was rejected for its rate. */
  pauseAll(ms: number): void;
}

export interface RequestRateOptions {
  readonly clock: Clock;
  readonly limit?: number;
  readonly windowMs?: number;
  /** Called when a call has to wait for a second or more. */
  readonly onWait?: (ms: number) => void;
}

export function makeRequestRate({
  clock,
  limit = 1200,
  windowMs = 300_000,
  onWait = () => {},
}: RequestRateOptions): RequestRate {
  /** The times of the last `limit` calls; the oldest is at `next`. */
  const calls: number[] = [];
  let next = 0;
  let pausedUntil = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const freeAt = (): number => {
    const oldest = calls.length < limit ? undefined : calls[next];
    return Math.max(pausedUntil, oldest === undefined ? 0 : oldest + windowMs);
  };
  const take = async (signal?: AbortSignal): Promise<void> => {
    for (;;) {
      const wait = freeAt() - clock.now();
      if (wait <= 0) break;
      if (wait >= 1000) onWait(wait);
      await pause(clock, wait, signal);
    }
    calls[next] = clock.now();
    next = (next + 1) % limit;
  };
  return {
    turn(signal) {
      const mine = queue.then(() => take(signal));
      queue = mine.catch(() => {});
      return mine;
    },
    update(headers) {
      const left = rateLeft(headers);
      if (left !== null && left.remaining <= 0) this.pauseAll(left.resetMs);
    },
    pauseAll(ms) {
      pausedUntil = Math.max(pausedUntil, clock.now() + Math.min(ms, windowMs));
    },
  };
}

/** `Ratelimit: "default";r=12;t=30` means that 12 calls are left in the next 30 seconds. */
function rateLeft(headers: Headers): { remaining: number; resetMs: number } | null {
  const text = headers.get("ratelimit");
  const remaining = /;\s*r=(\d+)/.exec(text ?? "")?.[1] ?? headers.get("x-ratelimit-remaining");
  const reset = /;\s*t=(\d+)/.exec(text ?? "")?.[1] ?? headers.get("x-ratelimit-reset");
  if (remaining === null || reset === null) return null;
  return { remaining: Number(remaining), resetMs: Number(reset) * 1000 };
}
