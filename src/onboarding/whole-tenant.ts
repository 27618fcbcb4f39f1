/**
 * A tenant with all its steps at once: one batch, so that it is onboarded or not there at all. For many tenants, from a file.
 * @module
 */
import { sql } from "kysely";
import { z } from "zod";
import { agentValues, agentWrites } from "./agents-step.ts";
import { assistantValues, assistantWrites } from "./assistant-step.ts";
import { businessValues, businessWrites } from "./business-step.ts";
import { baseValues } from "./base-values.ts";
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
import { conflict } from "./problem.ts";
import { bindAll, sendBatch } from "./send-batch.ts";
import { advance, thisSession } from "./session.ts";
import { startStatements, type StartValues, startValues } from "./start-step.ts";
import { guard } from "./statement.ts";
import { priorRuns } from "./prior-runs.ts";
import { rejectionReason } from "./rejection-reason.ts";

export interface WholeInput {
  readonly tenant: string;
  readonly user: string;
  /** Tells a second onboarding of a tenant from a repetition of the first. */
  readonly key: string;
  readonly start: StartInput;
  readonly business: BusinessInput;
  readonly assistant: AssistantInput;
  readonly knowledge: KnowledgeInput;
}

export function wholeInput(settings: OnboardingSettings): z.ZodType<WholeInput> {
  return z.strictObject({
    tenant: identity,
    user: identity,
    key: idempotencyKey.default("onboard-run"),
    start: startInput.default({}),
    business: businessInput(settings),
    assistant: assistantInput,
    knowledge: knowledgeInput.default({ documents: [] }),
  });
}

/** What an onboarding is known by: the same input has the same. */
export async function digestOf(input: WholeInput): Promise<string> {
  return sha256(JSON.stringify(input));
}

const isFresh = guard<StartValues>(
  (param) =>
    sql`EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${thisSession(param)} AND status = 'in_progress' AND (metadata ->> '$.input') = ${param("digest")})`,
);

const done = advance("knowledge");

/** Not an error, but the end of the way: it stands. */
class AlreadyOnboarded extends Error {}

/**
 * `already`: it was done before, with the same input. Sent twice it is done once.
 * @throws OpsError ONBOARDING_FORBIDDEN, ONBOARDING_CONFLICT, and errors of the database
 */
export async function onboardWhole(
  input: WholeInput,
  digest: string,
  ports: Ports,
): Promise<"onboarded" | "already"> {
  const { d1, random } = ports;
  const { tenant, user, key } = input;
  const base = baseValues({ tenant, user }, { key }, ports);
  const start = startValues(base, input.start, digest, random);
  const business = businessValues(base, input.business, random);
  const batch = [
    ...bindAll(d1, [...startStatements, isFresh], start),
    ...bindAll(d1, businessWrites, business),
    ...bindAll(d1, agentWrites, agentValues(base, random)),
    ...bindAll(d1, assistantWrites, assistantValues(base, input.assistant, random)),
    ...(input.knowledge.documents.length === 0
      ? []
      : bindAll(d1, knowledgeWrites, await knowledgeValues(base, input.knowledge, ports))),
    done(d1, base),
    ...bindAll(d1, completeStatements, completeValues(base, random)),
  ];
  const why = async (): Promise<Error | null> => {
    const [standing] = await priorRuns(d1, [{ tenant, key, digest }]);
    if (standing === "done") return new AlreadyOnboarded();
    if (standing === "other") return conflict("key-reused");
    const { phone, email } = business;
    const first = await rejectionReason(d1, "whole", { ...start, phone });
    return first ?? rejectionReason(d1, "whole", { ...base, email });
  };
  try {
    await sendBatch(d1, batch, why);
    return "onboarded";
  } catch (error) {
    if (error instanceof AlreadyOnboarded) return "already";
    throw error;
  }
}
