/**
 * The Worker without its surroundings: made of what it is handed, it answers requests.
 * @module
 */
import { Hono } from "hono";
import { requestId } from "hono/request-id";
import { openOnboarding } from "../onboarding/onboarding.ts";
import type { Ports } from "../onboarding/ports.ts";
import type { Answerer, App, Known } from "./context.ts";
import type { Environment, Reading } from "./environment.ts";
import { handlerOf } from "./handler.ts";
import { protecting, sharing, uncached } from "./headers.ts";
import { healthOf, notConfigured } from "./health.ts";
import { identifier } from "./identity/identity.ts";
import { limitByAddress } from "./limits.ts";
import { type Note, noting } from "./note.ts";
import { documentOf } from "./openapi.ts";
import { problemOf, Refusal } from "./problem.ts";
import { BASE, routesOf } from "./routes.ts";

/** What the Worker was deployed with, and what it needs of the world. */
export interface World extends Pick<Ports, "now" | "random"> {
  readonly reading: Reading;
  readonly log: (note: Note) => void;
}

export function makeApp({ reading, log, ...ports }: World): App {
  const app: App = new Hono<Known>();
  app.onError((error, context) => {
    const problem = problemOf(error, context.get("requestId"));
    context.set("failure", { problem, error });
    const type = { "content-type": "application/problem+json" };
    return context.json(problem.body, problem.status, { ...problem.headers, ...type });
  });
  app.notFound(() => {
    throw new Refusal("ROUTE_UNKNOWN", "What there is is told by /api/v1/openapi.json.");
  });
  app.use(requestId({ limitLength: 128 }), noting(log, ports.now), protecting(), uncached());
  if ("environment" in reading) serve(app, reading.environment, ports);
  else refuse(app, reading.problems);
  return app;
}

function serve(app: App, environment: Environment, ports: Pick<Ports, "now" | "random">): void {
  const { d1, settings, limits, release } = environment;
  const onboarding = openOnboarding({ d1, ...ports }, settings.onboarding);
  const doors = {
    onboarding,
    identify: identifier(settings, ports.now),
    limit: limits.tenant,
  };
  const routes = routesOf(settings.onboarding);
  app.use(sharing(settings.origins), limitByAddress(limits.address));
  for (const route of routes) only(app, route.method, BASE + route.path, handlerOf(route, doors));
  only(app, "GET", "/health", async (context) => {
    const health = await healthOf(d1, release);
    return context.json(health, health.status === "ok" ? 200 : 503);
  });
  let document: object | null = null;
  only(app, "GET", "/api/v1/openapi.json", (context) => {
    document ??= documentOf(routes);
    return context.json(document);
  });
}

/** One method, and a word about it to whoever tries another. */
function only(app: App, method: "GET" | "POST", path: string, answerer: Answerer): void {
  app.on(method, path, answerer);
  app.all(path, () => {
    const allow = method === "GET" ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
    throw new Refusal("METHOD_NOT_ALLOWED", `Ask with ${method}.`, { allow });
  });
}

/** Set up wrongly, it is shut and not open. */
function refuse(app: App, problems: readonly string[]): void {
  app.get("/health", (context) => context.json(notConfigured(), 503));
  app.all("*", () => {
    const cause = new Error(problems.join("; "));
    throw new Refusal("NOT_CONFIGURED", "What is wrong is in its log.", {}, { cause });
  });
}
