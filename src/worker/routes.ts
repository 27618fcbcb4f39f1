/**
 * The table of routes. The handlers and the OpenAPI document are made from it.
 * @module
 */
import type { z } from "zod";
import { assistantInput, businessInput, knowledgeInput, startInput } from "../onboarding/input.ts";
import type { Onboarding } from "../onboarding/onboarding.ts";
import { stepsInput } from "../onboarding/whole-tenant.ts";
import type { Caller, OnboardingSettings } from "../onboarding/ports.ts";
import {
  agentsGenerated,
  assistantSaved,
  businessSaved,
  completed,
  knowledgeAdded,
  started,
  toAgentsGenerated,
  toAssistantSaved,
  toBusinessSaved,
  toCompleted,
  toKnowledgeAdded,
  toStarted,
} from "./step-responses.ts";
import { agentTypes, toAgentTypes } from "./agent-types-response.ts";
import { sessionResponse, toSessionResponse } from "./session-response.ts";

export const BASE = "/api/v1/onboarding";

/** A request of an authenticated caller. */
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
      responses: { 200: started, 201: started },
      async respond(onboarding, { caller, body = {}, key }) {
        const { session, begun } = await onboarding.start(caller, body, key);
        return { status: begun ? 201 : 200, body: toStarted(session, caller.tenant) };
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
      responses: { 200: sessionResponse, 201: sessionResponse },
      async respond(onboarding, { caller, body, key }) {
        const { first, state } = await onboarding.onboardTenant(caller, body, key);
        return { status: first ? 201 : 200, body: toSessionResponse(state) };
      },
    },
    {
      id: "agentTypes",
      method: "GET",
      path: "/agent-types",
      access: "public",
      summary: "Lists the types of agents to choose from.",
      responses: { 200: agentTypes },
      respond: (onboarding) => ok(toAgentTypes(onboarding.agentTypes())),
    },
    {
      id: "saveBusiness",
      method: "POST",
      path: "/session/:id/business",
      access: "caller",
      summary: "Saves the company, its sector and its phone number.",
      input: { schema: businessInput(settings), required: true, maxBytes: SMALL },
      responses: { 200: businessSaved },
      async respond(onboarding, { caller, session, body }) {
        await onboarding.saveBusiness(caller, session, body);
        return ok(toBusinessSaved());
      },
    },
    {
      id: "generateAgents",
      method: "POST",
      path: "/session/:id/agents/auto-generate",
      access: "caller",
      summary: "Creates people for appointments if the tenant has none.",
      input: null,
      responses: { 200: agentsGenerated },
      respond: async (onboarding, { caller, session }) =>
        ok(toAgentsGenerated(await onboarding.generateAgents(caller, session))),
    },
    {
      id: "saveAssistant",
      method: "POST",
      path: "/session/:id/assistant",
      access: "caller",
      summary: "Configures the agent that answers calls, and maps the number.",
      input: { schema: assistantInput, required: true, maxBytes: SMALL },
      responses: { 200: assistantSaved },
      respond: async (onboarding, { caller, session, body }) =>
        ok(toAssistantSaved(await onboarding.saveAssistant(caller, session, body))),
    },
    {
      id: "addKnowledge",
      method: "POST",
      path: "/session/:id/knowledge",
      access: "caller",
      summary: "Adds documents for the agent. Without documents, the step is done.",
      input: { schema: knowledgeInput, required: false, maxBytes: LARGE },
      responses: { 200: knowledgeAdded },
      respond: async (onboarding, { caller, session, body = {} }) =>
        ok(toKnowledgeAdded(await onboarding.addKnowledge(caller, session, body))),
    },
    {
      id: "complete",
      method: "POST",
      path: "/session/:id/complete",
      access: "caller",
      summary: "Completes the onboarding. A repeated request returns the same.",
      input: null,
      responses: { 200: completed },
      respond: async (onboarding, { caller, session }) =>
        ok(toCompleted(await onboarding.complete(caller, session))),
    },
    {
      id: "status",
      method: "GET",
      path: "/session/:id/status",
      access: "caller",
      summary: "Returns the state of the session.",
      input: null,
      responses: { 200: sessionResponse },
      respond: async (onboarding, { caller, session }) =>
        ok(toSessionResponse(await onboarding.status(caller, session))),
    },
  ];
}

function ok(body: object): RouteResponse {
  return { status: 200, body };
}
