/**
 * A tenant with all its steps at once: one batch, so that it is onboarded or not there at all. For many tenants, from a file.
 * @module
 */
import { sql } from "kysely";
import { z } from "zod";
import { agentValues, agentWrites } from "./agents.ts";
import { assistantValues, assistantWrites } from "./assistant.ts";
import { businessValues, businessWrites } from "./business.ts";
import { atOf } from "./caller.ts";
import { completeStatements, completeValues } from "./complete.ts";
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
import { knowledgeValues, knowledgeWrites } from "./knowledge.ts";
import { type OnboardingSettings, type Ports, sha256 } from "./ports.ts";
import { conflict } from "./problem.ts";
import { bindAll, send } from "./send.ts";
import { advance, meant } from "./session.ts";
import { startStatements, type StartValues, startValues } from "./start.ts";
import { demand } from "./statement.ts";
import { standingsOf } from "./standing.ts";
import { whyRefused } from "./refusal.ts";

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

const isFresh = demand<StartValues>(
  (given) =>
    sql`EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${meant(given)} AND status = 'in_progress' AND (metadata ->> '$.input') = ${given("digest")})`,
);

const done = advance("knowledge");

/** Not an error, but the end of the way: it stands. */
class Stands extends Error {}

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
  const at = atOf({ tenant, user }, { key }, ports);
  const start = startValues(at, input.start, digest, random);
  const business = businessValues(at, input.business, random);
  const batch = [
    ...bindAll(d1, [...startStatements, isFresh], start),
    ...bindAll(d1, businessWrites, business),
    ...bindAll(d1, agentWrites, agentValues(at, random)),
    ...bindAll(d1, assistantWrites, assistantValues(at, input.assistant, random)),
    ...(input.knowledge.documents.length === 0
      ? []
      : bindAll(d1, knowledgeWrites, await knowledgeValues(at, input.knowledge, ports))),
    done(d1, at),
    ...bindAll(d1, completeStatements, completeValues(at, random)),
  ];
  const why = async (): Promise<Error | null> => {
    const [standing] = await standingsOf(d1, [{ tenant, key, digest }]);
    if (standing === "done") return new Stands();
    if (standing === "other") return conflict("key-reused");
    const { phone, email } = business;
    const first = await whyRefused(d1, "whole", { ...start, phone });
    return first ?? whyRefused(d1, "whole", { ...at, email });
  };
  try {
    await send(d1, batch, why);
    return "onboarded";
  } catch (error) {
    if (error instanceof Stands) return "already";
    throw error;
  }
}
