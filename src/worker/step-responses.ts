/**
 * The bodies that the steps return. Their shapes are those of the earlier form. They are made from the state of the session.
 * @module
 */
import { z } from "zod";
import type { SessionState } from "../onboarding/session-state.ts";
import { DONE } from "../onboarding/steps.ts";
import type { Voice } from "../onboarding/voices.ts";
import { isMapped, phoneMapped, voice, voiceOf } from "./session-response.ts";

const success: z.ZodType<true> = z.literal(true);
const step: z.ZodType<number> = z.int();

export interface Started {
  readonly success: true;
  readonly session_id: string;
  readonly tenant_id: string;
}

export const started: z.ZodType<Started> = z.strictObject({
  success,
  session_id: z.string(),
  tenant_id: z.string(),
});

export function toStarted(session: string, tenant: string): Started {
  return { success: true, session_id: session, tenant_id: tenant };
}

export interface BusinessSaved {
  readonly success: true;
  readonly message: string;
  readonly next_step: number;
}

export const businessSaved: z.ZodType<BusinessSaved> = z.strictObject({
  success,
  message: z.string(),
  next_step: step,
});

export function toBusinessSaved(): BusinessSaved {
  return { success: true, message: "The business is saved.", next_step: DONE.business };
}

export interface AgentsGenerated {
  readonly success: true;
  /** The number of people for appointments, created by this request or before. */
  readonly agents_created: number;
  readonly next_step: number;
}

export const agentsGenerated: z.ZodType<AgentsGenerated> = z.strictObject({
  success,
  agents_created: z
    .int()
    .describe("The number of people that the tenant has, created by this request or before."),
  next_step: step,
});

export function toAgentsGenerated({ agents }: SessionState): AgentsGenerated {
  return { success: true, agents_created: agents, next_step: DONE.agents };
}

export interface AssistantSaved {
  readonly success: true;
  readonly message: string;
  readonly config: {
    readonly agent_name: string | null;
    readonly agent_type: string | null;
    readonly voice: Voice | null;
    readonly phone_mapped: boolean;
  };
  readonly next_step: number;
}

export const assistantSaved: z.ZodType<AssistantSaved> = z.strictObject({
  success,
  message: z.string(),
  config: z.strictObject({
    agent_name: z.string().nullable(),
    agent_type: z.string().nullable(),
    voice,
    phone_mapped: phoneMapped,
  }),
  next_step: step,
});

export function toAssistantSaved(state: SessionState): AssistantSaved {
  const { agent_name, agent_type } = state;
  const config = { agent_name, agent_type, voice: voiceOf(state), phone_mapped: isMapped(state) };
  return { success: true, message: "The assistant is saved.", config, next_step: DONE.assistant };
}

export interface KnowledgeAdded {
  readonly success: true;
  readonly message: string;
  readonly documents_created: number;
  readonly next_step: number;
}

export const knowledgeAdded: z.ZodType<KnowledgeAdded> = z.strictObject({
  success,
  message: z.string(),
  documents_created: z
    .int()
    .describe("The number of documents that the tenant has, created by this request or before."),
  next_step: step,
});

export function toKnowledgeAdded({ documents }: SessionState): KnowledgeAdded {
  const message = documents === 0 ? "Done without documents." : "The documents are saved.";
  return { success: true, message, documents_created: documents, next_step: DONE.knowledge };
}

export interface Completed {
  readonly success: true;
  readonly message: string;
  readonly duration_seconds: number;
  readonly duration_minutes: number;
}

export const completed: z.ZodType<Completed> = z.strictObject({
  success,
  message: z.string(),
  duration_seconds: z.int(),
  duration_minutes: z.int(),
});

export function toCompleted({ duration_seconds }: SessionState): Completed {
  const seconds = duration_seconds ?? 0;
  const message = "The tenant is onboarded.";
  const duration = { duration_seconds: seconds, duration_minutes: Math.round(seconds / 60) };
  return { success: true, message, ...duration };
}
