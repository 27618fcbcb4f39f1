/** @module Onboards a tenant with all its steps in one batch, so that it is onboarded completely or not at all. */
import { sql } from "kysely";
import type { D1PreparedStatement } from "../database/port.ts";
import { z } from "zod";
import { agentValues, agentWrites } from "./agents-step.ts";
import { assistantValues, assistantWrites } from "./assistant-step.ts";
import { businessValues, businessWrites } from "./business-step.ts";
import { completeStatements, completeValues } from "./complete-step.ts";
import {
  assistantInput,
  type AssistantInput,
  businessInput,
  type BusinessInput,
  idempotencyKey,
  identity,
  knowledgeInput,
  type KnowledgeInput,
  startInput,
  type StartInput,
} from "./input.ts";
import { knowledgeValues, knowledgeWrites } from "./knowledge-step.ts";
import { type OnboardingSettings, type Ports, sha256 } from "./ports.ts";
import { conflict, sessionNotFound } from "./errors.ts";
import { bindAll, sendBatch } from "./send-batch.ts";
import { advance, type BaseValues, baseValues, sessionHas } from "./session.ts";
import { type SessionState, sessionState } from "./session-state.ts";
import { startStatements, type StartValues, startValues } from "./start-step.ts";
import { guard } from "./statement.ts";
import { priorRuns } from "./prior-runs.ts";
import { rejectionReason } from "./rejection-reason.ts";

export interface StepsInput {
  readonly start: StartInput;
  readonly business: BusinessInput;
  readonly assistant: AssistantInput;
  readonly knowledge: KnowledgeInput;
}

export interface WholeInput extends StepsInput {
  readonly tenant: string;
  readonly user: string;
  /** Distinguishes a second onboarding of a tenant from a repetition of the first. */
  readonly key: string;
}

export const wholeKey: z.ZodType<string, string | undefined> =
  idempotencyKey.default("onboard-run");

function stepShapes(settings: OnboardingSettings): {
  readonly [S in keyof StepsInput]: z.ZodType<StepsInput[S]>;
} {
  return {
    start: startInput.default({}),
    business: businessInput(settings),
    assistant: assistantInput,
    knowledge: knowledgeInput.default({ documents: [] }),
  };
}

/** For a caller who names the tenant, the user and the key elsewhere. */
export function stepsInput(settings: OnboardingSettings): z.ZodType<StepsInput> {
  return z.strictObject(stepShapes(settings));
}

export function wholeInput(settings: OnboardingSettings): z.ZodType<WholeInput> {
  return z.strictObject({
    tenant: identity,
    user: identity,
    key: wholeKey,
    ...stepShapes(settings),
  });
}

/** Identifies an onboarding: inputs that mean the same have equal digests. */
export async function digestOf(input: WholeInput): Promise<string> {
  return sha256(digestedText(input));
}

/** Leaves null out: an input with null means the same as one without the value. */
export function digestedText(input: WholeInput): string {
  return JSON.stringify(input, (_, value: unknown) => value ?? undefined);
}

const requireSameDigest = guard<StartValues>((param) =>
  sessionHas(param, sql`status = 'in_progress' AND (metadata ->> '$.input') = ${param("digest")}`),
);

const advanceToKnowledge = advance("knowledge");

interface WholeTenant {
  readonly base: BaseValues;
  readonly newSession: string;
  readonly statements: D1PreparedStatement[];
  /** The reason for which D1 rejects the batch. Null: the reason no longer exists, and a second attempt can succeed. */
  readonly findReason: () => Promise<Error | "already" | null>;
}

async function wholeTenant(input: WholeInput, digest: string, ports: Ports): Promise<WholeTenant> {
  const { d1, random } = ports;
  const { tenant, user, key } = input;
  const base = baseValues({ tenant, user }, { key }, ports);
  const start = startValues(base, input.start, digest, random);
  const business = businessValues(base, input.business, random);
  const statements = [
    ...bindAll(d1, [...startStatements, requireSameDigest], start),
    ...bindAll(d1, businessWrites, business),
    ...bindAll(d1, agentWrites, agentValues(base, random)),
    ...bindAll(d1, assistantWrites, assistantValues(base, input.assistant, random)),
    ...(input.knowledge.documents.length === 0
      ? []
      : bindAll(d1, knowledgeWrites, await knowledgeValues(base, input.knowledge, ports))),
    advanceToKnowledge(d1, base),
    ...bindAll(d1, completeStatements, completeValues(base, random)),
  ];
  const findReason = async (): Promise<Error | "already" | null> => {
    const [prior] = await priorRuns(d1, [{ tenant, key, digest }]);
    if (prior === "done") return "already";
    if (prior === "other") return conflict("key-reused");
    const { phone, email } = business;
    const first = await rejectionReason(d1, "whole", { ...start, phone });
    return first ?? rejectionReason(d1, "whole", { ...base, email });
  };
  return { base, newSession: start.newSession, statements, findReason };
}

/** `already`: an earlier call did it, with the same input. @throws OpsError ONBOARDING_FORBIDDEN, ONBOARDING_CONFLICT, and errors of the database */
export async function onboardWhole(
  input: WholeInput,
  digest: string,
  ports: Ports,
): Promise<"onboarded" | "already"> {
  const { statements, findReason } = await wholeTenant(input, digest, ports);
  const [state] = await sendBatch<"already">(ports.d1, statements, async () => {
    const reason = await findReason();
    return reason === "already" ? [reason] : reason;
  });
  return state ?? "onboarded";
}

export interface Onboarded {
  /** True if this call has onboarded the tenant, false if an earlier call did. */
  readonly first: boolean;
  readonly state: SessionState;
}

/** The same, and returns the state of the session. @throws as {@link onboardWhole} */
export async function onboardTenant(
  input: WholeInput,
  digest: string,
  ports: Ports,
): Promise<Onboarded> {
  const { d1 } = ports;
  const { base, newSession, statements, findReason } = await wholeTenant(input, digest, ports);
  const batch = [...statements, sessionState(d1, base)];
  const [state] = await sendBatch<SessionState>(d1, batch, async () => {
    const reason = await findReason();
    return reason === "already"
      ? (await sessionState(d1, base).all<SessionState>()).results
      : reason;
  });
  if (state === undefined) throw sessionNotFound(input.key);
  return { first: state.id === newSession, state };
}
