/** @module Reads the Worker's answers. It checks every value, and keeps only those that the page uses. */
import type { AgentType } from "../onboarding/agent-types.ts";
import type { SessionState } from "../onboarding/session-state.ts";
import { type Voice, VOICES } from "../onboarding/voices.ts";
import { fieldsOf, listOf, textOf } from "./call-failure.ts";

type Flag = "phone_mapped" | "enable_appointments" | "enable_products";
type Unused = "progress_percentage" | "started_at" | "voice_id";

export interface Session extends Omit<SessionState, Flag | Unused> {
  readonly phone_mapped: boolean;
  /** Null if no voice is chosen yet, or if the voice was configured by hand. */
  readonly voice: Voice | null;
  /** Null until the assistant step is saved. */
  readonly enable_appointments: boolean | null;
  readonly enable_products: boolean | null;
}

export type OfferedType = Pick<AgentType, "id" | "name" | "description"> & {
  readonly tools: readonly string[];
};

const STATUSES = ["in_progress", "completed", "abandoned"] as const;

const orNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);
const flagOf = (value: unknown): boolean | null => (typeof value === "boolean" ? value : null);
const numberOf = (value: unknown): number => Number(value ?? 0);

export function sessionOf(value: unknown): Session | null {
  const given = fieldsOf(value);
  const status = STATUSES.find((one) => one === given["status"]);
  if (status === undefined || textOf(given["id"]) === "") return null;
  return {
    id: textOf(given["id"]),
    status,
    current_step: numberOf(given["current_step"]),
    completed_at: orNull(given["completed_at"]),
    duration_seconds: numberOrNull(given["duration_seconds"]),
    company_name: orNull(given["company_name"]),
    sector: orNull(given["sector"]),
    phone: orNull(given["phone"]),
    phone_mapped: given["phone_mapped"] === true,
    agents: numberOf(given["agents"]),
    documents: numberOf(given["documents"]),
    agent_name: orNull(given["agent_name"]),
    agent_type: orNull(given["agent_type"]),
    voice: VOICES.find((one) => one === given["voice"]) ?? null,
    voice_language: orNull(given["voice_language"]),
    enable_appointments: flagOf(given["enable_appointments"]),
    enable_products: flagOf(given["enable_products"]),
  };
}

export function typesOf(value: unknown): OfferedType[] {
  return listOf(value)
    .map(fieldsOf)
    .map((type) => ({
      id: textOf(type["id"]),
      name: textOf(type["name"]),
      description: textOf(type["description"]),
      tools: listOf(type["tools"]).map(textOf),
    }))
    .filter(({ id }) => id !== "");
}
