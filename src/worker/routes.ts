/**
 * The eight routes, each once: what serves them and what describes them is made from this table.
 * @module
 */
import type { z } from "zod";
import { assistantInput, businessInput, knowledgeInput, startInput } from "../onboarding/input.ts";
import type { Onboarding } from "../onboarding/onboarding.ts";
import { stepsInput } from "../onboarding/whole-tenant.ts";
import type { Caller, OnboardingSettings } from "../onboarding/ports.ts";
import {
  agentsGenerated,
  agentTypes,
  assistantSaved,
  businessSaved,
  completed,
  knowledgeAdded,
  standing,
  started,
  toAgentsGenerated,
  toAgentTypes,
  toAssistantSaved,
  toBusinessSaved,
  toCompleted,
  toKnowledgeAdded,
  toStanding,
  toStarted,
} from "./answers.ts";

export const BASE = "/api/v1/onboarding";

/** What is asked, by somebody who may. */
export interface Asked {
  readonly caller: Caller;
  readonly session: string;
  /** `Idempotency-Key`. */
  readonly key: string | undefined;
  readonly body: unknown;
}

export type Answer = { readonly status: 200 | 201; readonly body: object };

interface Told {
  /** In the OpenAPI document: `saveBusiness`. */
  readonly id: string;
  readonly method: "GET" | "POST";
  /** Under {@link BASE}, a session as `:id`. */
  readonly path: string;
  readonly summary: string;
  /** Of 200, and of 201 where there is one. */
  readonly answers: { readonly 200: z.ZodType; readonly 201?: z.ZodType };
}

/** One for everybody, or one for callers who have said who they are. */
export type Route = Told &
  (
    | { readonly access: "public"; readonly answer: (onboarding: Onboarding) => Answer }
    | {
        readonly access: "caller";
        /** Null: the body is not read. */
        readonly input: Input | null;
        /** The effect of `Idempotency-Key`, for the document. Absent: the route does not read it. */
        readonly key?: string;
        readonly answer: (onboarding: Onboarding, asked: Asked) => Promise<Answer>;
      }
  );

export interface Input {
  readonly schema: z.ZodType;
  /** Where it is not, no body at all is an empty object. */
  readonly required: boolean;
  /** Bytes. JSON may take six of them for one of the text. */
  readonly most: number;
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
      summary: "Begins a tenant's onboarding, or finds the session that was begun.",
      input: { schema: startInput, required: false, most: SMALL },
      key: "The same key finds the same session.",
      answers: { 200: started, 201: started },
      async answer(onboarding, { caller, body = {}, key }) {
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
      input: { schema: stepsInput(settings), required: true, most: LARGE },
      key: "A request with the same key and the same input returns the same session.",
      answers: { 200: standing, 201: standing },
      async answer(onboarding, { caller, body, key }) {
        const { first, state } = await onboarding.onboardTenant(caller, body, key);
        return { status: first ? 201 : 200, body: toStanding(state) };
      },
    },
    {
      id: "agentTypes",
      method: "GET",
      path: "/agent-types",
      access: "public",
      summary: "The kinds of agents that may be chosen.",
      answers: { 200: agentTypes },
      answer: (onboarding) => ok(toAgentTypes(onboarding.agentTypes())),
    },
    {
      id: "saveBusiness",
      method: "POST",
      path: "/session/:id/business",
      access: "caller",
      summary: "Who the tenant is, and on which number it is called.",
      input: { schema: businessInput(settings), required: true, most: SMALL },
      answers: { 200: businessSaved },
      async answer(onboarding, { caller, session, body }) {
        await onboarding.saveBusiness(caller, session, body);
        return ok(toBusinessSaved());
      },
    },
    {
      id: "generateAgents",
      method: "POST",
      path: "/session/:id/agents/auto-generate",
      access: "caller",
      summary: "People to make appointments with, for a tenant that has none.",
      input: null,
      answers: { 200: agentsGenerated },
      answer: async (onboarding, { caller, session }) =>
        ok(toAgentsGenerated(await onboarding.generateAgents(caller, session))),
    },
    {
      id: "saveAssistant",
      method: "POST",
      path: "/session/:id/assistant",
      access: "caller",
      summary: "The agent that answers, and the number it answers on.",
      input: { schema: assistantInput, required: true, most: SMALL },
      answers: { 200: assistantSaved },
      answer: async (onboarding, { caller, session, body }) =>
        ok(toAssistantSaved(await onboarding.saveAssistant(caller, session, body))),
    },
    {
      id: "addKnowledge",
      method: "POST",
      path: "/session/:id/knowledge",
      access: "caller",
      summary: "What the agent may read from; without documents the step is done without.",
      input: { schema: knowledgeInput, required: false, most: LARGE },
      answers: { 200: knowledgeAdded },
      answer: async (onboarding, { caller, session, body = {} }) =>
        ok(toKnowledgeAdded(await onboarding.addKnowledge(caller, session, body))),
    },
    {
      id: "complete",
      method: "POST",
      path: "/session/:id/complete",
      access: "caller",
      summary: "The tenant is onboarded. A second time it answers the same.",
      input: null,
      answers: { 200: completed },
      answer: async (onboarding, { caller, session }) =>
        ok(toCompleted(await onboarding.complete(caller, session))),
    },
    {
      id: "status",
      method: "GET",
      path: "/session/:id/status",
      access: "caller",
      summary: "How the session stands.",
      input: null,
      answers: { 200: standing },
      answer: async (onboarding, { caller, session }) =>
        ok(toStanding(await onboarding.status(caller, session))),
    },
  ];
}

function ok(body: object): Answer {
  return { status: 200, body };
}
