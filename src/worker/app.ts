/**
 * The Worker without its surroundings: what is handed in answers requests.
 * @module
 */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import type { Handler, MiddlewareHandler } from "hono/types";
import { type Onboarding, openOnboarding } from "../onboarding/onboarding.ts";
import type { Ports } from "../onboarding/ports.ts";
import { readJson } from "./body.ts";
import type { Environment, RateLimit, Reading } from "./environment.ts";
import { healthOf, notConfigured } from "./health.ts";
import { callerOf } from "./identity/claims.ts";
import { type Identify, identifier } from "./identity/identity.ts";
import { noteOf, type Note } from "./note.ts";
import { problemOf, Refusal } from "./problem.ts";
import { documentOf } from "./openapi.ts";
import { BASE, type Route, routesOf } from "./routes.ts";

/** What an app is made of: what the Worker was deployed with, and the world. */
export interface World {
  readonly reading: Reading;
  readonly now: Ports["now"];
  readonly random: Ports["random"];
  readonly log: (note: Note) => void;
}

export type App = Hono;

export function makeApp({ reading, now, random, log }: World): App {
  const app = new Hono();
  app.onError((error, context) => {
    const problem = problemOf(error, context.get("requestId"));
    const note = noteOf(problem, error, context.req.method);
    if (note !== null) log(note);
    const type = { "content-type": "application/problem+json" };
    return context.json(problem.body, problem.status, { ...problem.headers, ...type });
  });
  app.notFound(() => {
    throw new Refusal("ROUTE_UNKNOWN", "The routes are in /api/v1/openapi.json.");
  });
  app.use(requestId());
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      crossOriginResourcePolicy: "cross-origin",
      xFrameOptions: "DENY",
    }),
  );
  app.use(async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
  if ("problems" in reading) {
    app.get("/health", (context) => context.json(notConfigured(), 503));
    app.all("*", () => {
      const cause = new Error(reading.problems.join("; "));
      throw new Refusal("NOT_CONFIGURED", "Whoever deployed it finds why in its log.", {}, { cause });
    });
    return app;
  }
  serve(app, reading.environment, { now, random });
  return app;
}

function serve(app: App, environment: Environment, world: Pick<Ports, "now" | "random">): void {
  const { d1, settings, limits, release } = environment;
  const onboarding = openOnboarding({ d1, ...world }, settings.onboarding);
  const identify = identifier(settings, world.now);
  const routes = routesOf(settings.onboarding);
  app.use(
    cors({
      origin: (origin) => (settings.origins.includes(origin) ? origin : null),
      allowMethods: ["GET", "POST"],
      allowHeaders: ["authorization", "content-type", "idempotency-key", "x-tenant-id", "x-user-id", "x-request-id"],
      exposeHeaders: ["x-request-id", "retry-after", "www-authenticate"],
      maxAge: 600,
    }),
  );
  app.use(limitByAddress(limits.address));
  only(app, "GET", "/health", async (context) => {
    const health = await healthOf(d1, release);
    return context.json(health, health.status === "ok" ? 200 : 503);
  });
  const document = documentOf(routes);
  only(app, "GET", "/api/v1/openapi.json", (context) => context.json(document));
  for (const route of routes) {
    only(app, route.method, BASE + route.path, handlerOf(route, onboarding, identify, limits.caller));
  }
}

/** One method, and a word about it to whoever tries another. */
function only(app: App, method: "GET" | "POST", path: string, handler: Handler): void {
  app.on(method, path, handler);
  app.all(path, () => {
    const allow = method === "GET" ? "GET, HEAD, OPTIONS" : `${method}, OPTIONS`;
    throw new Refusal("METHOD_NOT_ALLOWED", `Ask with ${method}.`, { allow });
  });
}

function handlerOf(
  route: Route,
  onboarding: Onboarding,
  identify: Identify,
  limit: RateLimit | null,
): Handler {
  if (route.access === "public") {
    return (context) => {
      const { status, body } = route.answer(onboarding);
      return context.json(body, status);
    };
  }
  return async (context) => {
    const { headers } = context.req.raw;
    const caller = callerOf(await identify(headers), headers);
    await spend(limit, caller.tenant);
    const input = route.input === null ? undefined : await readJson(context.req.raw, route.input.most);
    const { status, body } = await route.answer(onboarding, {
      caller,
      session: context.req.param("id") ?? "",
      key: headers.get("idempotency-key") ?? undefined,
      body: input,
    });
    return context.json(body, status);
  };
}

/** Before anybody is asked who he is: so it slows down who tries keys. */
function limitByAddress(limit: RateLimit | null): MiddlewareHandler {
  return async (context, next) => {
    await spend(limit, context.req.header("cf-connecting-ip") ?? "unknown");
    await next();
  };
}

/** The binding does not say for how long: its period is a minute at most. */
async function spend(limit: RateLimit | null, key: string): Promise<void> {
  if (limit === null) return;
  const { success } = await limit.limit({ key });
  if (!success) throw new Refusal("TOO_MANY_REQUESTS", "Wait a minute.", { "retry-after": "60" });
}
