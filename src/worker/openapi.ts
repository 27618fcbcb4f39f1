/**
 * The OpenAPI document, made of the very schemas that inputs are checked with and answers are typed by.
 * @module
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { packageVersion } from "../version.ts";
import { health } from "./health.ts";
import { KINDS, type ProblemBody } from "./problem.ts";
import { BASE, type Route } from "./routes.ts";

type Registry = OpenAPIHono["openAPIRegistry"];
type Path = Parameters<Registry["registerPath"]>[0];
type Responses = Path["responses"];

type Parameter = {
  in: "header" | "path";
  name: string;
  required: boolean;
  description: string;
  schema: { type: "string" };
};

const problem: z.ZodType<ProblemBody> = z.strictObject({
  success: z.literal(false),
  type: z.string().describe("`urn:d1ops:problem:` and its name."),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().describe("The id of the request, as in `x-request-id`."),
  code: z.enum(Object.keys(KINDS)),
  hint: z.string().optional(),
  reason: z.string().optional(),
  problems: z
    .array(z.strictObject({ path: z.string(), code: z.string(), message: z.string() }))
    .optional(),
  missing: z.array(z.string()).optional(),
});

/** What any route may answer, and what those that know the caller may. */
const ALWAYS = [429, 500, 503] as const;
const OF_CALLERS = [400, 401, 403, 409, 422] as const;

export function documentOf(routes: readonly Route[]): object {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "A key that was handed out, or a token (JWT) of the issuer.",
  });
  const refusal = registry.register("Problem", problem);
  for (const route of routes) registry.registerPath(pathOf(route, refusal));
  registry.registerPath({
    method: "get",
    path: "/health",
    operationId: "health",
    summary: "Whether this Worker and its database fit together.",
    responses: {
      200: answered(health, "They do."),
      503: answered(health, "They do not, or one of them is not there."),
      429: refused(429, refusal),
    },
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Onboarding",
      version: packageVersion(),
      description:
        "A tenant's way from its first request to an agent that answers. Each step may be sent again.",
    },
    servers: [{ url: "/" }],
  });
}

function pathOf(route: Route, refusal: z.ZodType): Path {
  const { id, method, path, summary, answers } = route;
  const isOfSession = path.includes(":id");
  const input = route.access === "caller" ? route.input : null;
  const statuses: readonly number[] = [
    ...ALWAYS,
    ...(route.access === "caller" ? OF_CALLERS : []),
    ...(isOfSession ? [404] : []),
    ...(input === null ? [] : [413, 415]),
  ];
  const content = input === null ? undefined : { "application/json": { schema: input.schema } };
  return {
    method: method === "GET" ? "get" : "post",
    path: BASE + path.replace(":id", "{id}"),
    operationId: id,
    summary,
    ...(route.access === "caller" && {
      security: [{ bearer: [] }],
      parameters: parametersOf(path, route.key),
    }),
    ...(content !== undefined && {
      request: { body: { content, required: input?.required === true } },
    }),
    responses: {
      200: answered(answers[200], answers[201] === undefined ? "Done." : "It was there already."),
      ...(answers[201] !== undefined && { 201: answered(answers[201], "Begun.") }),
      ...Object.fromEntries(statuses.map((status) => [status, refused(status, refusal)])),
    },
  };
}

function parametersOf(path: string, key: string | undefined): Parameter[] {
  const header = (name: string, description: string): Parameter => ({
    in: "header",
    name,
    required: false,
    description,
    schema: { type: "string" },
  });
  const session: Parameter = {
    ...header("id", "The session, as `start` has answered it."),
    in: "path",
    required: true,
  };
  return [
    ...(path.includes(":id") ? [session] : []),
    header("x-tenant-id", "The tenant, where the credentials do not say it."),
    header("x-user-id", "The user, where the credentials do not say it."),
    header("x-request-id", "The id of the request; without one it is given one."),
    ...(key === undefined ? [] : [header("idempotency-key", key)]),
  ];
}

function answered(schema: z.ZodType, description: string): Responses[string] {
  return { description, content: { "application/json": { schema } } };
}

function refused(status: number, schema: z.ZodType): Responses[string] {
  const codes = Object.entries(KINDS).filter(([, kind]) => kind.status === status);
  const description = codes.map(([code, { title }]) => `${code}: ${title}.`).join(" ");
  return { description, content: { "application/problem+json": { schema } } };
}
