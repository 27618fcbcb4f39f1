/**
 * The headers of every response, and the origins whose pages may read it.
 * @module
 */
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { Middleware } from "./app-types.ts";

/** Responses are data: a browser must not run, frame or sniff them. */
export function securityHeaders(): Middleware {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    crossOriginResourcePolicy: "same-origin",
    xFrameOptions: "DENY",
  });
}

/** Responses contain data of a tenant, and change with each step. */
export function noStore(): Middleware {
  return async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  };
}

/** CORS for pages of these origins. Without credentials mode, because the Worker uses no cookies. */
export function crossOrigin(origins: readonly string[]): Middleware {
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
