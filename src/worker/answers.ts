/**
 * What the routes answer: the shape that the form has always been answered in, made from the state of the session.
 * @module
 */
import { z } from "zod";
import type { AgentType } from "../onboarding/agent-types.ts";
import type { SessionState } from "../onboarding/session-state.ts";
import { DONE } from "../onboarding/steps.ts";
import { VOICE_IDS, VOICES, type Voice } from "../onboarding/voices.ts";

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
  /** So many people appointments can be made with, made now or before. */
  readonly agents_created: number;
  readonly next_step: number;
}

export const agentsGenerated: z.ZodType<AgentsGenerated> = z.strictObject({
  success,
  agents_created: z
    .int()
    .describe("So many people the tenant has by now, whether made by this request or before it."),
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

const voice: z.ZodType<Voice | null> = z
  .enum(VOICES)
  .nullable()
  .describe("Null: one that was set up by hand.");
const phoneMapped: z.ZodType<boolean> = z
  .boolean()
  .describe("Whether calls of the tenant's number reach it.");

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
    .describe(
      "So many documents the tenant has by now, whether made by this request or before it.",
    ),
  next_step: step,
});

export function toKnowledgeAdded({ documents }: SessionState): KnowledgeAdded {
  const message = documents === 0 ? "Without any documents." : "The documents are saved.";
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

export interface Standing {
  readonly success: true;
  readonly session: Omit<
    SessionState,
    "voice_id" | "phone_mapped" | "enable_appointments" | "enable_products"
  > & {
    readonly voice: Voice | null;
    readonly phone_mapped: boolean;
    readonly enable_appointments: boolean | null;
    readonly enable_products: boolean | null;
  };
}

export const standing: z.ZodType<Standing> = z.strictObject({
  success,
  session: z.strictObject({
    id: z.string(),
    current_step: step,
    status: z.enum(["in_progress", "completed", "abandoned"]),
    progress_percentage: z.number(),
    started_at: z.string(),
    completed_at: z.string().nullable(),
    duration_seconds: z.int().nullable(),
    company_name: z.string().nullable(),
    sector: z.string().nullable(),
    phone: z.string().nullable(),
    phone_mapped: phoneMapped,
    agents: z.int(),
    documents: z.int(),
    agent_name: z.string().nullable(),
    agent_type: z.string().nullable(),
    voice,
    voice_language: z.string().nullable(),
    enable_appointments: z.boolean().nullable(),
    enable_products: z.boolean().nullable(),
  }),
});

export function toStanding(state: SessionState): Standing {
  const { voice_id: _, ...rest } = state;
  return {
    success: true,
    session: {
      ...rest,
      voice: voiceOf(state),
      phone_mapped: isMapped(state),
      enable_appointments: flagOf(state.enable_appointments),
      enable_products: flagOf(state.enable_products),
    },
  };
}

export interface AgentTypes {
  readonly success: true;
  readonly agent_types: readonly Pick<AgentType, "id" | "name" | "description" | "tools">[];
}

export const agentTypes: z.ZodType<AgentTypes> = z.strictObject({
  success,
  agent_types: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      tools: z.array(
        z.enum([
          "searchProducts",
          "bookAppointment",
          "searchKnowledgeBase",
          "createTicket",
          "transferCall",
          "faq",
        ]),
      ),
    }),
  ),
});

export function toAgentTypes(types: readonly AgentType[]): AgentTypes {
  const offered = types.map(({ id, name, description, tools }) => ({
    id,
    name,
    description,
    tools,
  }));
  return { success: true, agent_types: offered };
}

function voiceOf({ voice_id }: SessionState): Voice | null {
  return VOICES.find((name) => VOICE_IDS[name] === voice_id) ?? null;
}

function isMapped({ phone_mapped }: SessionState): boolean {
  return phone_mapped === 1;
}

function flagOf(stored: number | null): boolean | null {
  return stored === null ? null : stored === 1;
}
