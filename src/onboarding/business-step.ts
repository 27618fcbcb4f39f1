/** @module The step `business`: the tenant's company name, sector, phone number and e-mail address. */
import { type RawBuilder, sql } from "kysely";
import type { BusinessInput } from "./input.ts";
import { requireFreeEmail } from "./email-address.ts";
import { greetingOf } from "./greeting.ts";
import { mapPhone, type MappingValues, requireFreePhone } from "./phone-mapping.ts";
import { newId, type Ports } from "./ports.ts";
import { advance, type BaseValues, requirePriorSteps, thisSession } from "./session.ts";
import { DEFAULT_TENANT_NAME } from "./start-step.ts";
import { type Statement, statement } from "./statement.ts";

export interface BusinessValues extends MappingValues {
  readonly companyName: string;
  readonly industry: string;
  /** E.164. Null: the tenant has no number. */
  readonly phone: string | null;
  /** Null keeps the stored address. */
  readonly email: string | null;
}

/** `name` follows the company name, unless it was set to another one. */
const tenant = statement<BusinessValues>(
  (param) => sql`UPDATE tenants
SET name = CASE WHEN name = ${sql.lit(DEFAULT_TENANT_NAME)} OR name = company_name THEN ${param("companyName")} ELSE name END,
  company_name = ${param("companyName")}, sector = ${param("industry")}, phone = ${param("phone")},
  email = coalesce(${param("email")}, email), updated_at = ${param("now")}
WHERE id = ${param("tenant")} AND (company_name IS NOT ${param("companyName")} OR sector IS NOT ${param("industry")}
  OR phone IS NOT ${param("phone")} OR email <> coalesce(${param("email")}, email))`,
);

/** Puts the new company name into a generated greeting, and keeps any other. Runs before the tenant is renamed. */
const greeting = statement<BusinessValues>((param) => {
  const greetingWith = (company: RawBuilder<string>): RawBuilder<string | null> =>
    greetingOf({
      agent: sql`c.agent_name`,
      company,
      language: sql`c.voice_language`,
      voice: sql`c.voice_id`,
      fallback: sql`NULL`,
    });
  const current = sql<string>`coalesce(t.company_name, t.name)`;
  return sql`UPDATE omni_agent_configs AS c
SET greeting_message = ${greetingWith(param("companyName"))}, updated_at = ${param("now")}
FROM tenants AS t WHERE t.id = ${param("tenant")} AND c.tenant_id = t.id
  AND c.greeting_message = ${greetingWith(current)} AND ${current} <> ${param("companyName")}`;
});

/** Compares all of `metadata`: in JSON that is not an object, json_set changes nothing. */
const template = statement<BusinessValues>((param) => {
  const metadata = sql`json_set(coalesce(metadata, '{}'), '$.industry_template', ${param("industry")})`;
  return sql`UPDATE onboarding_sessions
SET metadata = ${metadata}, last_updated_at = ${param("now")}, updated_at = ${param("now")}
WHERE ${thisSession(param)} AND metadata IS NOT ${metadata}`;
});

export const businessWrites: readonly Statement<BusinessValues>[] = [
  requireFreeEmail,
  tenant,
  requireFreePhone,
  template,
];

export const businessStatements: readonly Statement<BusinessValues>[] = [
  requirePriorSteps("business"),
  greeting,
  ...businessWrites,
  ...mapPhone,
  advance("business"),
];

export function businessValues(
  base: BaseValues,
  { company_name, industry, email, phone }: BusinessInput,
  random: Ports["random"],
): BusinessValues {
  return {
    ...base,
    companyName: company_name,
    industry,
    email: email ?? null,
    phone: phone ?? null,
    logEntry: newId(random, "audit"),
  };
}
