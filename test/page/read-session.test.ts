import { describe, expect, test } from "vitest";
import { AGENT_TYPES } from "../../src/onboarding/agent-types.ts";
import type { SessionState } from "../../src/onboarding/session-state.ts";
import { VOICE_IDS } from "../../src/onboarding/voices.ts";
import { sessionOf, typesOf } from "../../src/page/read-session.ts";
import { agentTypes, sessionResponse } from "../../src/worker/responses.ts";

const state: SessionState = {
  id: "onb_1",
  current_step: 5,
  status: "in_progress",
  progress_percentage: 75,
  started_at: "2026-11-26T10:00:00.000Z",
  completed_at: null,
  duration_seconds: null,
  company_name: "Le Fournil",
  sector: "food",
  phone: "+33639981234",
  phone_mapped: 1,
  agents: 1,
  documents: 0,
  agent_name: "Camille",
  agent_type: "appointment_booking",
  voice_id: VOICE_IDS.male,
  voice_language: "fr-FR",
  enable_appointments: 1,
  enable_products: 0,
};

test("sessionOf returns the session that the Worker sends", () => {
  const { session } = sessionResponse.body(state) as { session: Record<string, unknown> };
  const { progress_percentage: _, started_at: __, ...returned } = session;
  expect(sessionOf(returned)).toEqual(returned);
  expect(sessionOf(returned)).toMatchObject({ voice: "male", phone_mapped: true });
});

describe("sessionOf another value", () => {
  test.each([
    undefined,
    null,
    "onb_1",
    [],
    {},
    { id: "onb_1" },
    { id: "", status: "completed" },
    { id: "onb_1", status: "lost" },
  ])("returns null: %j", (value) => {
    expect(sessionOf(value)).toBe(null);
  });
});

test("typesOf returns the agent types that the Worker sends, without invalid ones", () => {
  const { agent_types } = agentTypes.body(AGENT_TYPES) as { agent_types: unknown };
  expect(typesOf(agent_types)).toEqual(agent_types);
  expect(typesOf([null, {}, "x"])).toEqual([]);
  expect(typesOf("x")).toEqual([]);
});
