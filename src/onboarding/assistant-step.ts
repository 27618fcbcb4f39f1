/** @module The step `assistant`: the agent that answers calls, and the mapping of its phone number. */
import { type RawBuilder, sql } from "kysely";
import { AGENT_TYPES } from "./agent-types.ts";
import type { AssistantInput } from "./input.ts";
import { greetingOf } from "./greeting.ts";
import { mapPhone, type MappingValues, requireFreePhone } from "./phone-mapping.ts";
import { newId, type Ports } from "./ports.ts";
import { ANY_SECTOR, SECTORS } from "./sectors.ts";
import { advance, type BaseValues, requirePriorSteps } from "./session.ts";
import { type Param, type Statement, statement } from "./statement.ts";
import { VOICE_IDS, VOICE_PROVIDER } from "./voices.ts";

/** Null keeps the stored value, or sets the default if there is none. */
export interface AssistantValues extends MappingValues {
  readonly newConfig: string;
  readonly agentName: string;
  readonly agentType: string | null;
  readonly voiceId: string | null;
  readonly language: string | null;
  /** 0 or 1. */
  readonly appointments: number | null;
  readonly products: number | null;
}

/** The default of a flag: 1 for the agent types that have it. */
function defaultOf(flag: "appointments" | "products"): RawBuilder<number> {
  const types = AGENT_TYPES.filter((type) => type[flag]).map(({ id }) => sql.lit(id));
  return sql<number>`(a.agent_type IN (${sql.join(types)}))`;
}

function agentTypeOf(param: Param<AssistantValues>): RawBuilder<string> {
  const cases = SECTORS.map(
    ({ id, agentType }) => sql`WHEN ${sql.lit(id)} THEN ${sql.lit(agentType)}`,
  );
  return sql<string>`coalesce(${param("agentType")}, c.agent_type, CASE t.sector ${sql.join(cases, sql` `)} ELSE ${sql.lit(ANY_SECTOR.agentType)} END)`;
}

const greeting = greetingOf({
  agent: sql`a.agent_name`,
  company: sql`coalesce(a.company_name, a.name)`,
  language: sql`a.language`,
  voice: sql`a.voice_id`,
  fallback: sql`a.greeting_message`,
});

const COLUMNS = [
  "agent_name",
  "agent_type",
  "voice_provider",
  "voice_id",
  "voice_language",
  "greeting_message",
  "enable_appointments",
  "enable_products",
].map((name) => sql.ref(name));

/** A tenant has one configuration. Inputs that are null and columns that the step does not set keep their values. */
const config = statement<AssistantValues>((param) => {
  const updates = COLUMNS.map((name) => sql`${name} = excluded.${name}`);
  const changes = COLUMNS.map((name) => sql`omni_agent_configs.${name} IS NOT excluded.${name}`);
  return sql`INSERT INTO omni_agent_configs (id, tenant_id, ${sql.join(COLUMNS)}, created_at, updated_at)
SELECT ${param("newConfig")}, a.tenant_id, a.agent_name, a.agent_type, a.voice_provider, a.voice_id, a.language, ${greeting},
  coalesce(${param("appointments")}, a.enable_appointments, ${defaultOf("appointments")}),
  coalesce(${param("products")}, a.enable_products, ${defaultOf("products")}), ${param("now")}, ${param("now")}
FROM (SELECT t.id AS tenant_id, t.company_name, t.name, ${param("agentName")} AS agent_name, ${agentTypeOf(param)} AS agent_type,
    CASE WHEN ${param("voiceId")} IS NULL THEN coalesce(c.voice_provider, ${sql.lit(VOICE_PROVIDER)}) ELSE ${sql.lit(VOICE_PROVIDER)} END AS voice_provider,
    coalesce(${param("voiceId")}, c.voice_id, ${sql.lit(VOICE_IDS.female)}) AS voice_id,
    coalesce(${param("language")}, c.voice_language, 'fr-FR') AS language,
    c.greeting_message, c.enable_appointments, c.enable_products
  FROM tenants AS t LEFT JOIN omni_agent_configs AS c ON c.tenant_id = t.id WHERE t.id = ${param("tenant")}) AS a
WHERE 1
ON CONFLICT (tenant_id) DO UPDATE SET ${sql.join(updates)}, updated_at = excluded.updated_at
WHERE ${sql.join(changes, sql` OR `)}`;
});

export const assistantWrites: readonly Statement<AssistantValues>[] = [config, ...mapPhone];

export const assistantStatements: readonly Statement<AssistantValues>[] = [
  requirePriorSteps("assistant"),
  requireFreePhone,
  ...assistantWrites,
  advance("assistant"),
];

export function assistantValues(
  base: BaseValues,
  input: AssistantInput,
  random: Ports["random"],
): AssistantValues {
  const { agent_type, agent_name, voice, language, enable_appointments, enable_products } = input;
  const flag = (value: boolean | undefined): number | null =>
    value === undefined ? null : Number(value);
  return {
    ...base,
    newConfig: newId(random, "agentconfig"),
    logEntry: newId(random, "audit"),
    agentName: agent_name,
    agentType: agent_type ?? null,
    voiceId: voice === undefined ? null : VOICE_IDS[voice],
    language: language ?? null,
    appointments: flag(enable_appointments),
    products: flag(enable_products),
  };
}
