/**
 * Handles a request to a route: authentication, rate limit, body, and the response of the route.
 * @module
 */
import type { Onboarding } from "../onboarding/onboarding.ts";
import { readJson } from "./body.ts";
import type { RouteHandler } from "./app-types.ts";
import type { RateLimit } from "./worker-env.ts";
import { callerOf } from "./identity/claims.ts";
import type { Authenticate } from "./identity/identity.ts";
import { countRequest } from "./rate-limits.ts";
import type { Route } from "./routes.ts";

export interface RouteDeps {
  readonly onboarding: Onboarding;
  readonly authenticate: Authenticate;
  readonly limit: RateLimit | null;
}

/** Reads the body last, so that the Worker reads nothing from a caller without access. */
export function routeHandler(
  route: Route,
  { onboarding, authenticate, limit }: RouteDeps,
): RouteHandler {
  if (route.access === "public") {
    return (context) => {
      context.set("operation", route.id);
      const { status, body } = route.respond(onboarding);
      return context.json(body, status);
    };
  }
  const { id, input, respond } = route;
  return async (context) => {
    context.set("operation", id);
    const { headers } = context.req.raw;
    const identity = await authenticate(headers);
    context.set("by", identity.kind === "key" ? `key:${identity.id}` : "token");
    const caller = callerOf(identity, headers);
    await countRequest(limit, caller.tenant);
    const { status, body } = await respond(onboarding, {
      caller,
      session: context.req.param("id") ?? "",
      key: headers.get("idempotency-key") ?? undefined,
      body: input === null ? undefined : await readJson(context.req.raw, input.maxBytes),
    });
    return context.json(body, status);
  };
}
