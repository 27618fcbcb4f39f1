/** @module The OpenAPI document, generated from the schemas that validate inputs and type responses. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { packageVersion } from "../version.ts";
import { health } from "./health.ts";
import { PROBLEM_KINDS, type ProblemBody } from "./problem-details.ts";
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
  type: z.string().describe("`urn:d1ops:problem:`, the code and the reason."),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().describe("The id of the request, as in `x-request-id`."),
  code: z.enum(Object.keys(PROBLEM_KINDS)),
  hint: z.string().optional(),
  reason: z.string().optional(),
  problems: z
    .array(z.strictObject({ path: z.string(), code: z.string(), message: z.string() }))
    .optional(),
  missing: z.array(z.string()).optional(),
});

/** The problem statuses of every route, and the further ones of routes with credentials. */
const ALWAYS = [429, 500, 503] as const;
const OF_CALLERS = [400, 401, 403, 409, 422] as const;

export function openApiDocument(routes: readonly Route[]): object {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "A key of a program, or a token (JWT) of the issuer.",
  });
  const problemSchema = registry.register("Problem", problem);
  for (const route of routes) registry.registerPath(pathOf(route, problemSchema));
  registry.registerPath({
    method: "get",
    path: "/health",
    operationId: "health",
    summary: "Reports whether the schema of the database is recent enough for this Worker.",
    responses: {
      200: jsonResponse(health, "The Worker is ready."),
      503: jsonResponse(
        health,
        "The schema is too old, the database is unavailable, or a setting is wrong.",
      ),
      429: problemResponse(429, problemSchema),
    },
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Onboarding",
      version: packageVersion(),
      description:
        "Onboards a tenant, from its first request to an agent that answers calls. You can repeat each request.",
    },
    servers: [{ url: "/" }],
  });
}

function pathOf(route: Route, problemSchema: z.ZodType): Path {
  const { id, method, path, summary, responses } = route;
  const hasSession = path.includes(":id");
  const input = route.access === "caller" ? route.input : null;
  const statuses: readonly number[] = [
    ...ALWAYS,
    ...(route.access === "caller" ? OF_CALLERS : []),
    ...(hasSession ? [404] : []),
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
      200: jsonResponse(
        responses[200],
        responses[201] === undefined ? "Done." : "An earlier request did it.",
      ),
      ...(responses[201] !== undefined && {
        201: jsonResponse(responses[201], "This request did it."),
      }),
      ...Object.fromEntries(
        statuses.map((status) => [status, problemResponse(status, problemSchema)]),
      ),
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
    ...header("id", "The session id that `start` returned."),
    in: "path",
    required: true,
  };
  return [
    ...(path.includes(":id") ? [session] : []),
    header("x-tenant-id", "The tenant, if the credentials do not name it."),
    header("x-user-id", "The user, if the credentials do not name it."),
    header("x-request-id", "The id of the request. Without it, the Worker generates one."),
    ...(key === undefined ? [] : [header("idempotency-key", key)]),
  ];
}

function jsonResponse(schema: z.ZodType, description: string): Responses[string] {
  return { description, content: { "application/json": { schema } } };
}

function problemResponse(status: number, schema: z.ZodType): Responses[string] {
  const codes = Object.entries(PROBLEM_KINDS).filter(([, kind]) => kind.status === status);
  const description = codes.map(([code, { title }]) => `${code}: ${title}.`).join(" ");
  return { description, content: { "application/problem+json": { schema } } };
}
