/** @module The app that answers requests: middleware, headers, routes, errors. It receives its settings, clock and log as arguments. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { openOnboarding } from "../onboarding/onboarding.ts";
import type { Ports } from "../onboarding/ports.ts";
import type { App, AppEnv, Middleware, RouteHandler } from "./app-types.ts";
import type { WorkerEnv, EnvResult } from "./worker-env.ts";
import { limitByAddress, routeHandler } from "./route-handler.ts";
import { healthOf, notConfigured } from "./health.ts";
import { createAuthenticator } from "./identity/identity.ts";
import { type LogEntry, requestLog } from "./request-log.ts";
import { openApiDocument } from "./openapi.ts";
import { toProblem, ProblemError } from "./problem-details.ts";
import { BASE, routesOf } from "./routes.ts";

/** `env` is the result of reading the bindings, variables and secrets. */
export interface AppDeps extends Pick<Ports, "now" | "random"> {
  readonly env: EnvResult;
  readonly log: (entry: LogEntry) => void;
}

export function createApp({ env, log, ...ports }: AppDeps): App {
  const app: App = new Hono<AppEnv>();
  app.onError((error, context) => {
    const problem = toProblem(error, context.get("requestId"));
    context.set("failure", { problem, error });
    const type = { "content-type": "application/problem+json" };
    return context.json(problem.body, problem.status, { ...problem.headers, ...type });
  });
  app.notFound(() => {
    throw new ProblemError("ROUTE_UNKNOWN", "/api/v1/openapi.json lists the routes.");
  });
  app.use(
    requestId({ limitLength: 128 }),
    requestLog(log, ports.now),
    securityHeaders(),
    noStore(),
  );
  if ("problems" in env) rejectAll(app, env.problems);
  else addRoutes(app, env, ports);
  return app;
}

function addRoutes(app: App, env: WorkerEnv, ports: Pick<Ports, "now" | "random">): void {
  const { d1, settings, limits, release } = env;
  const onboarding = openOnboarding({ d1, ...ports }, settings.onboarding);
  const authenticate = createAuthenticator(settings, ports.now);
  const routes = routesOf(settings.onboarding);
  app.use(crossOrigin(settings.origins), limitByAddress(limits.address));
  for (const route of routes) {
    const handler = routeHandler(route, onboarding, authenticate, limits.tenant);
    addRoute(app, route.method, BASE + route.path, handler);
  }
  addRoute(app, "GET", "/health", async (context) => {
    const health = await healthOf(d1, release);
    return context.json(health, health.status === "ok" ? 200 : 503);
  });
  let document: object | null = null;
  addRoute(app, "GET", "/api/v1/openapi.json", (context) => {
    document ??= openApiDocument(routes);
    return context.json(document);
  });
}

/** Adds a route for one method. Other methods return 405 with the allowed ones. */
function addRoute(app: App, method: "GET" | "POST", path: string, handler: RouteHandler): void {
  app.on(method, path, handler);
  app.all(path, () => {
    const allow = method === "GET" ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
    throw new ProblemError("METHOD_NOT_ALLOWED", `Send a ${method} request.`, { allow });
  });
}

/** Without valid settings, the Worker rejects every request. */
function rejectAll(app: App, problems: readonly string[]): void {
  app.get("/health", (context) => context.json(notConfigured(), 503));
  app.all("*", () => {
    const cause = new Error(problems.join("; "));
    throw new ProblemError(
      "NOT_CONFIGURED",
      "The log says which setting is missing or wrong.",
      {},
      { cause },
    );
  });
}

/** Responses are data: a browser must not run, frame or sniff them. */
function securityHeaders(): Middleware {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    crossOriginResourcePolicy: "same-origin",
    xFrameOptions: "DENY",
  });
}

/** Responses contain data of a tenant, and change with each step. */
function noStore(): Middleware {
  return async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  };
}

/** CORS for pages of these origins. Without credentials mode, because the Worker uses no cookies. */
function crossOrigin(origins: readonly string[]): Middleware {
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
