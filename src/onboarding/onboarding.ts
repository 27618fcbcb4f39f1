/**
 * Onboards a tenant step by step. Each step is one batch, which succeeds or rolls back as a whole. Repeating a step with the same input
 * changes nothing.
 *
 * ```ts
 * const onboarding = openOnboarding({ d1: env.DB, now: () => new Date(), random: cryptoRandom });
 * const caller = { tenant: "acme", user: "ada" };
 * const { session } = await onboarding.start(caller, {});
 * await onboarding.saveBusiness(caller, session, { company_name: "Acme", industry: "retail" });
 * ```
 * @module
 */
import { z } from "zod";
import { AGENT_TYPES, type AgentType } from "./agent-types.ts";
import { agentStatements, agentValues } from "./agents-step.ts";
import { assistantStatements, assistantValues } from "./assistant-step.ts";
import { businessStatements, businessValues } from "./business-step.ts";
import { completeStatements, completeValues } from "./complete-step.ts";
import {
  assistantInput,
  businessInput,
  idempotencyKey,
  knowledgeInput,
  parseInput,
  startInput,
} from "./input.ts";
import { knowledgeStatements, knowledgeValues } from "./knowledge-step.ts";
import type { Caller, OnboardingSettings, Ports } from "./ports.ts";
import { sessionNotFound } from "./errors.ts";
import { rejectionReason } from "./rejection-reason.ts";
import { bindAll, sendBatch } from "./send-batch.ts";
import { type BaseValues, baseValues } from "./session.ts";
import { existingSession, startStatements, startValues } from "./start-step.ts";
import { type SessionState, sessionState } from "./session-state.ts";
import type { Statement } from "./statement.ts";
import type { StepName } from "./steps.ts";
import { digestOf, type Onboarded, onboardTenant, stepsInput, wholeKey } from "./whole-tenant.ts";

const keyed = z.object({ key: idempotencyKey.optional() });
const wholeKeyed = z.object({ key: wholeKey });

export interface Started {
  readonly session: string;
  /** False if the session existed before this call. */
  readonly begun: boolean;
}

/** Each step checks its input. `session` is the id that `start` returned. */
export interface Onboarding {
  /** The same key returns the same session. Without a key, `start` resumes the user's open session. */
  start(caller: Caller, input: unknown, key?: string): Promise<Started>;
  saveBusiness(caller: Caller, session: string, input: unknown): Promise<SessionState>;
  generateAgents(caller: Caller, session: string): Promise<SessionState>;
  saveAssistant(caller: Caller, session: string, input: unknown): Promise<SessionState>;
  addKnowledge(caller: Caller, session: string, input: unknown): Promise<SessionState>;
  /** If it is repeated, it returns the same and changes nothing. */
  complete(caller: Caller, session: string): Promise<SessionState>;
  status(caller: Caller, session: string): Promise<SessionState>;
  /** All steps in one transaction. `input` has the inputs of `start`, `business`, `assistant` and `knowledge` under these names. */
  onboardTenant(caller: Caller, input: unknown, key?: string): Promise<Onboarded>;
  /** The types that can be chosen. */
  agentTypes(): readonly AgentType[];
}

/** @throws OpsError from every step: ONBOARDING_INVALID, ONBOARDING_NOT_FOUND, ONBOARDING_FORBIDDEN, ONBOARDING_CONFLICT, ONBOARDING_OUT_OF_ORDER */
export function openOnboarding(ports: Ports, settings: OnboardingSettings = {}): Onboarding {
  const { d1, random } = ports;
  const business = businessInput(settings);
  const steps = stepsInput(settings);

  const step = async <P extends BaseValues>(
    name: StepName,
    statements: readonly Statement<P>[],
    values: P,
  ): Promise<SessionState> => {
    const batch = [...bindAll(d1, statements, values), sessionState(d1, values)];
    const [state] = await sendBatch<SessionState>(d1, batch, () =>
      rejectionReason(d1, name, values),
    );
    return state ?? throwNotFound(values);
  };

  return {
    async start(caller, input, key) {
      const base = baseValues(caller, { key: parseInput(keyed, { key }).key ?? null }, ports);
      const values = startValues(base, parseInput(startInput, input), null, random);
      const batch = [...bindAll(d1, startStatements, values), existingSession(d1, values)];
      const [row] = await sendBatch<{ readonly id: string }>(d1, batch, () =>
        rejectionReason(d1, "start", values),
      );
      const session = row?.id ?? throwNotFound(base);
      return { session, begun: session === values.newSession };
    },
    async saveBusiness(caller, session, input) {
      const base = baseValues(caller, { session }, ports);
      const values = businessValues(base, parseInput(business, input), random);
      return step("business", businessStatements, values);
    },
    async generateAgents(caller, session) {
      const values = agentValues(baseValues(caller, { session }, ports), random);
      return step("agents", agentStatements, values);
    },
    async saveAssistant(caller, session, input) {
      const base = baseValues(caller, { session }, ports);
      const values = assistantValues(base, parseInput(assistantInput, input), random);
      return step("assistant", assistantStatements, values);
    },
    async addKnowledge(caller, session, input) {
      const base = baseValues(caller, { session }, ports);
      const values = await knowledgeValues(base, parseInput(knowledgeInput, input), ports);
      return step("knowledge", knowledgeStatements, values);
    },
    async complete(caller, session) {
      const values = completeValues(baseValues(caller, { session }, ports), random);
      return step("complete", completeStatements, values);
    },
    async status(caller, session) {
      const base = baseValues(caller, { session }, ports);
      return (await sessionState(d1, base).first<SessionState>()) ?? throwNotFound(base);
    },
    async onboardTenant({ tenant, user }, input, key) {
      const { key: known } = parseInput(wholeKeyed, { key });
      const whole = { tenant, user, key: known, ...parseInput(steps, input) };
      return onboardTenant(whole, await digestOf(whole), ports);
    },
    agentTypes: () => AGENT_TYPES.filter(({ offered }) => offered),
  };
}

function throwNotFound({ session, key }: BaseValues): never {
  throw sessionNotFound(session ?? key ?? "");
}
