/**
 * The body that contains the state of a session.
 * @module
 */
import { z } from "zod";
import type { SessionState } from "../onboarding/session-state.ts";
import { VOICE_IDS, VOICES, type Voice } from "../onboarding/voices.ts";

export const voice: z.ZodType<Voice | null> = z
  .enum(VOICES)
  .nullable()
  .describe("Null: another voice, configured by hand.");
export const phoneMapped: z.ZodType<boolean> = z
  .boolean()
  .describe("Whether calls of the tenant's number reach the agent.");

export interface SessionResponse {
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

export const sessionResponse: z.ZodType<SessionResponse> = z.strictObject({
  success: z.literal(true),
  session: z.strictObject({
    id: z.string(),
    current_step: z.int(),
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

export function toSessionResponse(state: SessionState): SessionResponse {
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

export function voiceOf({ voice_id }: SessionState): Voice | null {
  return VOICES.find((name) => VOICE_IDS[name] === voice_id) ?? null;
}

export function isMapped({ phone_mapped }: SessionState): boolean {
  return phone_mapped === 1;
}

function flagOf(stored: number | null): boolean | null {
  return stored === null ? null : stored === 1;
}
