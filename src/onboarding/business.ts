/**
 * `business`: who the tenant is, and on which number it is called.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import type { BusinessInput } from "./input.ts";
import { addressIsFree } from "./address.ts";
import { greetingOf } from "./greeting.ts";
import { mapNumber, type MappingValues, numberIsFree } from "./mapping.ts";
import { newId, type Ports } from "./ports.ts";
import { advance, type At, mayDo, meant } from "./session.ts";
import { UNNAMED } from "./start.ts";
import { build, type Given, type Statement, statement } from "./statement.ts";

export interface BusinessValues extends MappingValues {
  readonly companyName: string;
  readonly industry: string;
  /** E.164; null: the tenant has none. */
  readonly phone: string | null;
  /** Null: as it is. */
  readonly email: string | null;
}

/** The name is the company's until somebody gives the tenant one of its own. */
const tenant = statement<BusinessValues>((given) =>
  build
    .updateTable("tenants")
    .set({
      name: sql<string>`CASE WHEN name = ${sql.lit(UNNAMED)} OR name = company_name THEN ${given("companyName")} ELSE name END`,
      company_name: given("companyName"),
      sector: given("industry"),
      phone: given("phone"),
      email: sql<string>`coalesce(${given("email")}, email)`,
      updated_at: given("now"),
    })
    .where(sql<boolean>`id = ${given("tenant")}`)
    .where(
      sql<boolean>`(company_name IS NOT ${given("companyName")} OR sector IS NOT ${given("industry")} OR phone IS NOT ${given("phone")} OR email <> coalesce(${given("email")}, email))`,
    ),
);

/** A greeting that names the company says its new name. One that somebody has written stays. Before the tenant is renamed. */
const greeting = statement<BusinessValues>((given) => {
  const greetingWith = (company: RawBuilder<string>): RawBuilder<string | null> =>
    greetingOf({
      agent: sql`c.agent_name`,
      company,
      language: sql`c.voice_language`,
      voice: sql`c.voice_id`,
      otherwise: sql`NULL`,
    });
  return build
    .updateTable("omni_agent_configs as c")
    .from("tenants as t")
    .set({ greeting_message: greetingWith(given("companyName")), updated_at: given("now") })
    .where(sql<boolean>`t.id = ${given("tenant")} AND c.tenant_id = t.id`)
    .where(
      sql<boolean>`c.greeting_message = ${greetingWith(sql`coalesce(t.company_name, t.name)`)} AND coalesce(t.company_name, t.name) <> ${given("companyName")}`,
    );
});

const withTemplate = (given: Given<BusinessValues>): RawBuilder<string> =>
  sql`json_set(coalesce(metadata, '{}'), '$.industry_template', ${given("industry")})`;

const template = statement<BusinessValues>((given) =>
  build
    .updateTable("onboarding_sessions")
    .set({
      metadata: withTemplate(given),
      last_updated_at: given("now"),
      updated_at: given("now"),
    })
    .where(meant(given))
    // Not where the template is another: what is no object can have none.
    .where(sql<boolean>`metadata IS NOT ${withTemplate(given)}`),
);

export const businessWrites: readonly Statement<BusinessValues>[] = [
  addressIsFree,
  tenant,
  numberIsFree,
  template,
];

/** In their order. */
export const businessStatements: readonly Statement<BusinessValues>[] = [
  mayDo("business"),
  greeting,
  ...businessWrites,
  ...mapNumber,
  advance("business"),
];

export function businessValues(
  at: At,
  { company_name, industry, email, phone }: BusinessInput,
  random: Ports["random"],
): BusinessValues {
  return {
    ...at,
    companyName: company_name,
    industry,
    email: email ?? null,
    phone: phone ?? null,
    logEntry: newId(random, "audit"),
  };
}
