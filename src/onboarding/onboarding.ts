/**
 * Onboarding of a tenant, step by step. Each step is one batch, which holds or fails as a whole; done twice it is done once.
 *
 * ```ts
 * const onboarding = openOnboarding({ d1: env.DB, now: () => new Date(), random: cryptoRandom });
 * const caller = { tenant: "acme", user: "ada" };
 * const { session } = await onboarding.start(caller, {});
 * await onboarding.saveBusiness(caller, session, { company_name: "Acme", industry: "retail" });
 * ```
 * @module
 */
import { AGENT_TYPES, type AgentType } from "./agent-types.ts";
import { agentStatements, agentValues } from "./agents.ts";
import { assistantStatements, assistantValues } from "./assistant.ts";
import { businessStatements, businessValues } from "./business.ts";
import { atOf } from "./caller.ts";
import { completeStatements, completeValues } from "./complete.ts";
import {
  assistantInput,
  businessInput,
  idempotencyKey,
  knowledgeInput,
  read,
  startInput,
} from "./input.ts";
import { knowledgeStatements, knowledgeValues } from "./knowledge.ts";
import type { Caller, OnboardingSettings, Ports } from "./ports.ts";
import { sessionNotFound } from "./problem.ts";
import { bindAll, send } from "./send.ts";
import type { At } from "./session.ts";
import { startedSession, startStatements, startValues } from "./start.ts";
import { type SessionState, sessionState } from "./state.ts";
import type { Statement } from "./statement.ts";
import type { StepName } from "./steps.ts";

/** Inputs are unknown: each step checks its own. `session` is what `start` has answered. */
export interface Onboarding {
  /** With a key, the same key finds the same session; without one, the user's open session is gone on with. */
  start(caller: Caller, input: unknown, key?: string): Promise<{ readonly session: string }>;
  saveBusiness(caller: Caller, session: string, input: unknown): Promise<SessionState>;
  generateAgents(caller: Caller, session: string): Promise<SessionState>;
  saveAssistant(caller: Caller, session: string, input: unknown): Promise<SessionState>;
  addKnowledge(caller: Caller, session: string, input: unknown): Promise<SessionState>;
  /** A second time it answers the same, and changes nothing. */
  complete(caller: Caller, session: string): Promise<SessionState>;
  status(caller: Caller, session: string): Promise<SessionState>;
  /** Those that may be chosen. */
  agentTypes(): readonly AgentType[];
}

/**
 * All steps throw
 * @throws OpsError ONBOARDING_INVALID, ONBOARDING_NOT_FOUND, ONBOARDING_FORBIDDEN, ONBOARDING_CONFLICT, ONBOARDING_OUT_OF_ORDER
 */
export function openOnboarding(ports: Ports, settings: OnboardingSettings = {}): Onboarding {
  const { d1, random } = ports;
  const business = businessInput(settings);

  const step = async <P extends At>(
    name: StepName,
    statements: readonly Statement<P>[],
    values: P,
    claims: { readonly phone?: string | null; readonly email?: string | null } = {},
  ): Promise<SessionState> => {
    const { phone = null, email = null } = claims;
    const batch = [...bindAll(d1, statements, values), sessionState(d1, values)];
    const [state] = await send<SessionState>(d1, name, { ...values, phone, email }, batch);
    return state ?? gone(values);
  };

  return {
    async start(caller, input, key) {
      const at = atOf(caller, { key: key === undefined ? null : read(idempotencyKey, key) }, ports);
      const values = startValues(at, read(startInput, input), null, random);
      const batch = [...bindAll(d1, startStatements, values), startedSession(d1, values)];
      const claims = { ...values, phone: null };
      const [row] = await send<{ readonly id: string }>(d1, "start", claims, batch);
      return { session: row?.id ?? gone(at) };
    },
    async saveBusiness(caller, session, input) {
      const at = atOf(caller, { session }, ports);
      const values = businessValues(at, read(business, input), random);
      return step("business", businessStatements, values, values);
    },
    async generateAgents(caller, session) {
      const values = agentValues(atOf(caller, { session }, ports), random);
      return step("agents", agentStatements, values);
    },
    async saveAssistant(caller, session, input) {
      const at = atOf(caller, { session }, ports);
      const values = assistantValues(at, read(assistantInput, input), random);
      return step("assistant", assistantStatements, values);
    },
    async addKnowledge(caller, session, input) {
      const at = atOf(caller, { session }, ports);
      const values = await knowledgeValues(at, read(knowledgeInput, input), ports);
      return step("knowledge", knowledgeStatements, values);
    },
    async complete(caller, session) {
      const values = completeValues(atOf(caller, { session }, ports), random);
      return step("complete", completeStatements, values);
    },
    async status(caller, session) {
      const at = atOf(caller, { session }, ports);
      return (await sessionState(d1, at).first<SessionState>()) ?? gone(at);
    },
    agentTypes: () => AGENT_TYPES.filter(({ offered }) => offered),
  };
}

function gone({ session, key }: At): never {
  throw sessionNotFound(session ?? key ?? "");
}
