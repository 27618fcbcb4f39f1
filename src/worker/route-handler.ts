/** @module Handles a request to a route: authentication, rate limits, body, and the response of the route. */
import type { Onboarding } from "../onboarding/onboarding.ts";
import type { Middleware, RouteHandler } from "./app-types.ts";
import type { RateLimit } from "./worker-env.ts";
import { type Authenticate, callerOf } from "./identity/identity.ts";
import { ProblemError } from "./problem-details.ts";
import type { Route } from "./routes.ts";

/** Reads the body last, so that the Worker reads nothing from a caller without access. */
export function routeHandler(
  route: Route,
  onboarding: Onboarding,
  authenticate: Authenticate,
  limit: RateLimit | null,
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

/** Runs before authentication, to slow down an attacker who tries keys. */
export function limitByAddress(limit: RateLimit | null): Middleware {
  return async (context, next) => {
    await countRequest(limit, context.req.header("cf-connecting-ip") ?? "unknown");
    await next();
  };
}

/** The binding does not return a wait. It counts for a minute at most. */
const PAUSE_SECONDS = "60";

/** Cloudflare counts. Each location has its own counters, and they are not exact. @throws ProblemError TOO_MANY_REQUESTS */
async function countRequest(limit: RateLimit | null, key: string): Promise<void> {
  if (limit === null) return;
  const { success } = await limit.limit({ key });
  if (success) return;
  throw new ProblemError("TOO_MANY_REQUESTS", "Wait a minute.", { "retry-after": PAUSE_SECONDS });
}

/** An empty body is `undefined`. @throws ProblemError BODY_TOO_LARGE, BODY_NOT_JSON, BODY_UNREADABLE */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0) return undefined;
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json *(;|$)/i.test(type)) {
    throw new ProblemError("BODY_NOT_JSON", "Send the body with Content-Type: application/json.");
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch (cause) {
    throw new ProblemError("BODY_UNREADABLE", "The body is not JSON in UTF-8.", {}, { cause });
  }
}

/** Rejects a `Content-Length` above the limit at once, and counts the bytes that arrive, because the header may be missing or wrong. */
async function readBytes({ headers, body }: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(headers.get("content-length")) > maxBytes) throw tooLarge(maxBytes);
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of body ?? []) {
      size += piece.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      pieces.push(piece);
    }
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError("BODY_UNREADABLE", "The body is incomplete.", {}, { cause });
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError("BODY_TOO_LARGE", `${maxBytes.toLocaleString("en")} bytes at most.`);
}
