/**
 * How often somebody may ask: by Cloudflare's own counters, which are each location's own and not exact.
 * @module
 */
import type { Step } from "./context.ts";
import type { RateLimit } from "./environment.ts";
import { Refusal } from "./problem.ts";

/** The binding does not say for how long; a minute is the longest that it counts. */
const PAUSE_SECONDS = "60";

/** Before anybody is asked who he is, so that it slows down who tries keys. */
export function limitByAddress(limit: RateLimit | null): Step {
  return async (context, next) => {
    await spend(limit, context.req.header("cf-connecting-ip") ?? "unknown");
    await next();
  };
}

/** @throws Refusal TOO_MANY_REQUESTS */
export async function spend(limit: RateLimit | null, key: string): Promise<void> {
  if (limit === null) return;
  const { success } = await limit.limit({ key });
  if (success) return;
  throw new Refusal("TOO_MANY_REQUESTS", "Wait a minute.", { "retry-after": PAUSE_SECONDS });
}
