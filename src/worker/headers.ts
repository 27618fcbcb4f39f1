/**
 * What every answer says beside its body, and which pages may read it.
 * @module
 */
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { Step } from "./context.ts";

/** Answers are data: nothing of them is run, framed, or guessed to be something else. */
export function protecting(): Step {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    crossOriginResourcePolicy: "same-origin",
    xFrameOptions: "DENY",
  });
}

/** They are about somebody, and are old at once. */
export function uncached(): Step {
  return async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  };
}

/** Pages of those origins only; never with cookies, of which there are none. */
export function sharing(origins: readonly string[]): Step {
  return cors({
    origin: (origin) => (origins.includes(origin) ? origin : null),
    allowMethods: ["GET", "POST"],
    allowHeaders: [
      "authorization",
      "content-type",
      "idempotency-key",
      "x-tenant-id",
      "x-user-id",
      "x-request-id",
    ],
    exposeHeaders: ["x-request-id", "retry-after", "www-authenticate"],
    maxAge: 600,
  });
}
