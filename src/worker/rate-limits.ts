/**
 * Rate limits, counted by Cloudflare. Each location has its own counters, and they are not exact.
 * @module
 */
import type { Middleware } from "./app-types.ts";
import type { RateLimit } from "./worker-env.ts";
import { ProblemError } from "./problem-details.ts";

/** The binding does not return a wait. It counts for a minute at most. */
const PAUSE_SECONDS = "60";

/** Runs before authentication, to slow down an attacker who tries keys. */
export function limitByAddress(limit: RateLimit | null): Middleware {
  return async (context, next) => {
    await countRequest(limit, context.req.header("cf-connecting-ip") ?? "unknown");
    await next();
  };
}

/** @throws ProblemError TOO_MANY_REQUESTS */
export async function countRequest(limit: RateLimit | null, key: string): Promise<void> {
  if (limit === null) return;
  const { success } = await limit.limit({ key });
  if (success) return;
  throw new ProblemError("TOO_MANY_REQUESTS", "Wait a minute.", { "retry-after": PAUSE_SECONDS });
}
