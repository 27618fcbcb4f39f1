/**
 * `business`: who the tenant is, and on which number it is called.
 * @module
 */
import { sql } from "kysely";
import type { BusinessInput } from "./input.ts";
import { mapNumber, numberIsFree, type NumberValues, retireNumber } from "./mapping.ts";
import { newId, type Ports } from "./ports.ts";
import { advance, type At, mayDo, meant } from "./session.ts";
import { UNNAMED } from "./start.ts";
import { build, type Statement, statement } from "./statement.ts";

export interface BusinessValues extends NumberValues {
  readonly companyName: string;
  readonly industry: string;
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

const template = statement<BusinessValues>((given) =>
  build
    .updateTable("onboarding_sessions")
    .set({
      metadata: sql<string>`json_set(coalesce(metadata, '{}'), '$.industry_template', ${given("industry")})`,
      last_updated_at: given("now"),
      updated_at: given("now"),
    })
    .where(meant(given))
    .where(sql<boolean>`(metadata ->> '$.industry_template') IS NOT ${given("industry")}`),
);

export const businessWrites: readonly Statement<BusinessValues>[] = [
  ...retireNumber,
  tenant,
  template,
];

/** In their order. */
export const businessStatements: readonly Statement<BusinessValues>[] = [
  mayDo("business"),
  numberIsFree,
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
