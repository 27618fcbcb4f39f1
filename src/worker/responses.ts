/** @module The bodies that the routes return, each with its schema for the document. The shapes of the steps are those of the earlier form. */
import { z } from "zod";
import { type AgentType, TOOLS } from "../onboarding/agent-types.ts";
import type { SessionState } from "../onboarding/session-state.ts";
import { DONE } from "../onboarding/steps.ts";
import { VOICE_IDS, VOICES, type Voice } from "../onboarding/voices.ts";

export interface ResponseOf<T> {
  readonly schema: z.ZodType;
  readonly body: (value: T) => object;
}

/** The compiler checks that `fields` returns what `shape` documents. */
function response<T, S extends z.ZodRawShape>(
  shape: S,
  fields: (value: T) => z.infer<z.ZodObject<S>>,
): ResponseOf<T> {
  return {
    schema: z.strictObject({ success: z.literal(true), ...shape }),
    body: (value) => ({ success: true, ...fields(value) }),
  };
}

const text = z.string();
const nullableText = z.string().nullable();
const step = z.int();
const voice = z.enum(VOICES).nullable().describe("Null: another voice, configured by hand.");
const phoneMapped = z.boolean().describe("Whether calls of the tenant's number reach the agent.");

export const agentTypes: ResponseOf<readonly AgentType[]> = response(
  {
    agent_types: z.array(
      z.strictObject({ id: text, name: text, description: text, tools: z.array(z.enum(TOOLS)) }),
    ),
  },
  (types) => ({
    agent_types: types.map(({ id, name, description, tools }) => ({
      id,
      name,
      description,
      tools: [...tools],
    })),
  }),
);

export const started: ResponseOf<{ readonly session: string; readonly tenant: string }> = response(
  { session_id: text, tenant_id: text },
  ({ session, tenant }) => ({ session_id: session, tenant_id: tenant }),
);

export const businessSaved: ResponseOf<SessionState> = response(
  { message: text, next_step: step },
  () => ({ message: "The business is saved.", next_step: DONE.business }),
);

export const agentsGenerated: ResponseOf<SessionState> = response(
  {
    agents_created: z
      .int()
      .describe("The number of people that the tenant has, created by this request or before."),
    next_step: step,
  },
  ({ agents }) => ({ agents_created: agents, next_step: DONE.agents }),
);

export const assistantSaved: ResponseOf<SessionState> = response(
  {
    message: text,
    config: z.strictObject({
      agent_name: nullableText,
      agent_type: nullableText,
      voice,
      phone_mapped: phoneMapped,
    }),
    next_step: step,
  },
  (state) => {
    const { agent_name, agent_type } = state;
    const config = { agent_name, agent_type, voice: voiceOf(state), phone_mapped: isMapped(state) };
    return { message: "The assistant is saved.", config, next_step: DONE.assistant };
  },
);

export const knowledgeAdded: ResponseOf<SessionState> = response(
  {
    message: text,
    documents_created: z
      .int()
      .describe("The number of documents that the tenant has, created by this request or before."),
    next_step: step,
  },
  ({ documents }) => ({
    message: documents === 0 ? "Done without documents." : "The documents are saved.",
    documents_created: documents,
    next_step: DONE.knowledge,
  }),
);

export const completed: ResponseOf<SessionState> = response(
  { message: text, duration_seconds: z.int(), duration_minutes: z.int() },
  ({ duration_seconds }) => {
    const seconds = duration_seconds ?? 0;
    const duration_minutes = Math.round(seconds / 60);
    return { message: "The tenant is onboarded.", duration_seconds: seconds, duration_minutes };
  },
);

export const sessionResponse: ResponseOf<SessionState> = response(
  {
    session: z.strictObject({
      id: text,
      current_step: z.int(),
      status: z.enum(["in_progress", "completed", "abandoned"]),
      progress_percentage: z.number(),
      started_at: text,
      completed_at: nullableText,
      duration_seconds: z.int().nullable(),
      company_name: nullableText,
      sector: nullableText,
      phone: nullableText,
      phone_mapped: phoneMapped,
      agents: z.int(),
      documents: z.int(),
      agent_name: nullableText,
      agent_type: nullableText,
      voice,
      voice_language: nullableText,
      enable_appointments: z.boolean().nullable(),
      enable_products: z.boolean().nullable(),
    }),
  },
  (state) => {
    const { voice_id: _, ...rest } = state;
    const flags = {
      phone_mapped: isMapped(state),
      enable_appointments: flagOf(state.enable_appointments),
      enable_products: flagOf(state.enable_products),
    };
    return { session: { ...rest, voice: voiceOf(state), ...flags } };
  },
);

function voiceOf({ voice_id }: SessionState): Voice | null {
  return VOICES.find((name) => VOICE_IDS[name] === voice_id) ?? null;
}

function isMapped({ phone_mapped }: SessionState): boolean {
  return phone_mapped === 1;
}

function flagOf(stored: number | null): boolean | null {
  return stored === null ? null : stored === 1;
}
