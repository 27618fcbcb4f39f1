/** Time limits that expire when a test calls `expire()`, and never by themselves, because a busy machine is slow. */
export interface HeldLimits {
  /** The clock's replacement of `AbortSignal.timeout`. */
  readonly timeout: (ms: number) => AbortSignal;
  /** All limits that were created so far. */
  expire(): void;
}

export function heldLimits(): HeldLimits {
  let limits: AbortController[] = [];
  return {
    timeout() {
      const limit = new AbortController();
      limits.push(limit);
      return limit.signal;
    },
    expire() {
      for (const limit of limits)
        limit.abort(new DOMException("The time limit has passed.", "TimeoutError"));
      limits = [];
    },
  };
}
