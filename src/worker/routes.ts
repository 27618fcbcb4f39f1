/** @module The table of routes. The handlers and the OpenAPI document are made from it. */
import type { z } from "zod";
import { assistantInput, businessInput, knowledgeInput, startInput } from "../onboarding/input.ts";
import type { Onboarding } from "../onboarding/onboarding.ts";
import { stepsInput } from "../onboarding/whole-tenant.ts";
import type { Caller, OnboardingSettings } from "../onboarding/ports.ts";
import type { SessionState } from "../onboarding/session-state.ts";
import {
  agentsGenerated,
  agentTypes,
  assistantSaved,
  businessSaved,
  completed,
  knowledgeAdded,
  type ResponseOf,
  sessionResponse,
  started,
} from "./responses.ts";

export const BASE = "/api/v1/onboarding";

export interface RouteRequest {
  readonly caller: Caller;
  readonly session: string;
  /** The header `Idempotency-Key`. */
  readonly key: string | undefined;
  readonly body: unknown;
}

export type RouteResponse = { readonly status: 200 | 201; readonly body: object };

interface RouteBase {
  /** The operation id in the OpenAPI document, and the operation in the log: `saveBusiness`. */
  readonly id: string;
  readonly method: "GET" | "POST";
  /** Relative to {@link BASE}. `:id` is the session. */
  readonly path: string;
  readonly summary: string;
  /** The schemas of the bodies by status. */
  readonly responses: { readonly 200: z.ZodType; readonly 201?: z.ZodType };
}

/** `public` routes need no credentials. */
export type Route = RouteBase &
  (
    | { readonly access: "public"; readonly respond: (onboarding: Onboarding) => RouteResponse }
    | {
        readonly access: "caller";
        /** Null: the route does not read the body. */
        readonly input: Input | null;
        /** The effect of `Idempotency-Key`, for the document. Absent: the route does not read it. */
        readonly key?: string;
        readonly respond: (onboarding: Onboarding, request: RouteRequest) => Promise<RouteResponse>;
      }
  );

export interface Input {
  readonly schema: z.ZodType;
  /** False: an empty body counts as an empty object. */
  readonly required: boolean;
  /** JSON may take six bytes for one byte of text. */
  readonly maxBytes: number;
}

const SMALL = 64 * 1024;
const LARGE = 4 * 1024 * 1024;

export function routesOf(settings: OnboardingSettings): readonly Route[] {
  return [
    {
      id: "start",
      method: "POST",
      path: "/start",
      access: "caller",
      summary: "Begins the onboarding of a tenant, or returns the session that exists.",
      input: { schema: startInput, required: false, maxBytes: SMALL },
      key: "The same key finds the same session.",
      responses: { 200: started.schema, 201: started.schema },
      async respond(onboarding, { caller, body = {}, key }) {
        const { session, begun } = await onboarding.start(caller, body, key);
        const { tenant } = caller;
        return { status: begun ? 201 : 200, body: started.body({ session, tenant }) };
      },
    },
    {
      id: "onboardTenant",
      method: "POST",
      path: "/tenant",
      access: "caller",
      summary: "Onboards a whole tenant: all steps in one transaction.",
      input: { schema: stepsInput(settings), required: true, maxBytes: LARGE },
      key: "A request with the same key and the same input returns the same session.",
      responses: { 200: sessionResponse.schema, 201: sessionResponse.schema },
      async respond(onboarding, { caller, body, key }) {
        const { first, state } = await onboarding.onboardTenant(caller, body, key);
        return { status: first ? 201 : 200, body: sessionResponse.body(state) };
      },
    },
    {
      id: "agentTypes",
      method: "GET",
      path: "/agent-types",
      access: "public",
      summary: "Lists the types of agents to choose from.",
      responses: { 200: agentTypes.schema },
      respond: (onboarding) => ({ status: 200, body: agentTypes.body(onboarding.agentTypes()) }),
    },
    sessionRoute({
      id: "saveBusiness",
      path: "/session/:id/business",
      summary: "Saves the company, its sector and its phone number.",
      input: { schema: businessInput(settings), required: true, maxBytes: SMALL },
      response: businessSaved,
      act: (onboarding, { caller, session, body }) =>
        onboarding.saveBusiness(caller, session, body),
    }),
    sessionRoute({
      id: "generateAgents",
      path: "/session/:id/agents/auto-generate",
      summary: "Creates people for appointments if the tenant has none.",
      response: agentsGenerated,
      act: (onboarding, { caller, session }) => onboarding.generateAgents(caller, session),
    }),
    sessionRoute({
      id: "saveAssistant",
      path: "/session/:id/assistant",
      summary: "Configures the agent that answers calls, and maps the number.",
      input: { schema: assistantInput, required: true, maxBytes: SMALL },
      response: assistantSaved,
      act: (onboarding, { caller, session, body }) =>
        onboarding.saveAssistant(caller, session, body),
    }),
    sessionRoute({
      id: "addKnowledge",
      path: "/session/:id/knowledge",
      summary: "Adds documents for the agent. Without documents, the step is done.",
      input: { schema: knowledgeInput, required: false, maxBytes: LARGE },
      response: knowledgeAdded,
      act: (onboarding, { caller, session, body = {} }) =>
        onboarding.addKnowledge(caller, session, body),
    }),
    sessionRoute({
      id: "complete",
      path: "/session/:id/complete",
      summary: "Completes the onboarding. A repeated request returns the same.",
      response: completed,
      act: (onboarding, { caller, session }) => onboarding.complete(caller, session),
    }),
    sessionRoute({
      id: "status",
      method: "GET",
      path: "/session/:id/status",
      summary: "Returns the state of the session.",
      response: sessionResponse,
      act: (onboarding, { caller, session }) => onboarding.status(caller, session),
    }),
  ];
}

interface SessionRoute extends Pick<RouteBase, "id" | "path" | "summary"> {
  readonly method?: "GET";
  readonly input?: Input;
  readonly response: ResponseOf<SessionState>;
  readonly act: (onboarding: Onboarding, request: RouteRequest) => Promise<SessionState>;
}

/** A route of one session. Its response is made from the state of the session. */
function sessionRoute({ method, input, response, act, ...route }: SessionRoute): Route {
  return {
    ...route,
    method: method ?? "POST",
    access: "caller",
    input: input ?? null,
    responses: { 200: response.schema },
    respond: async (onboarding, request) => ({
      status: 200,
      body: response.body(await act(onboarding, request)),
    }),
  };
}
