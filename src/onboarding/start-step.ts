/** @module The step `start`: creates the tenant, its first user, its categories and its session. Existing rows stay as they are. */
import { type RawBuilder, sql } from "kysely";
import { type EmailValues, emailTaken } from "./email-address.ts";
import { PLACEHOLDER_DOMAIN, type StartInput } from "./input.ts";
import { newId, type Ports } from "./ports.ts";
import { CATEGORIES } from "./sectors.ts";
import type { BaseValues } from "./session.ts";
import { guard, type Param, type Statement, statement } from "./statement.ts";
import { DONE, progressAt } from "./steps.ts";

/** The name of a tenant until the step `business`. */
export const DEFAULT_TENANT_NAME = "New tenant";

export interface StartValues extends EmailValues {
  /** The address of the input, or a placeholder. */
  readonly tenantEmail: string;
  readonly userEmail: string;
  readonly newSession: string;
  readonly apiKey: string;
  /** The digest of the whole input, if one batch does all steps; else null. */
  readonly digest: string | null;
}

/** Matches the session with the key; without a key, the user's open session. */
function isExistingSession(param: Param<StartValues>): RawBuilder<boolean> {
  return sql<boolean>`(tenant_id = ${param("tenant")} AND CASE WHEN ${param("key")} IS NULL
    THEN idempotency_key IS NULL AND user_id = ${param("user")} AND status = 'in_progress'
    ELSE idempotency_key = ${param("key")} END)`;
}

const requireOwnUser = guard<StartValues>(
  (param) =>
    sql`NOT EXISTS (SELECT 1 FROM users WHERE id = ${param("user")} AND tenant_id <> ${param("tenant")})`,
);

/** Fails if the address is taken. A user who exists keeps its address, so the input does not matter. */
const requireFreeAddress = guard<StartValues>(
  (param) =>
    sql`EXISTS (SELECT 1 FROM users WHERE id = ${param("user")}) OR NOT ${emailTaken(param)}`,
);

const tenant = statement<StartValues>(
  (param) => sql`INSERT INTO tenants (id, name, email, api_key, created_at, updated_at)
VALUES (${param("tenant")}, ${sql.lit(DEFAULT_TENANT_NAME)}, ${param("tenantEmail")}, ${param("apiKey")}, ${param("now")}, ${param("now")})
ON CONFLICT (id) DO NOTHING`,
);

/** No password has this hash: users sign in elsewhere. */
const user = statement<StartValues>(
  (param) => sql`INSERT INTO users (id, tenant_id, email, password_hash, created_at, updated_at)
VALUES (${param("user")}, ${param("tenant")}, ${param("userEmail")}, '!', ${param("now")}, ${param("now")})
ON CONFLICT (id) DO NOTHING`,
);

/** Only if the tenant has none, because it may have edited them. */
const categories = statement<StartValues>(
  (param) => sql`INSERT INTO product_categories
  (id, tenant_id, key, name, icon, is_system, fields, display_order, created_at, updated_at)
SELECT 'cat_' || ${param("tenant")} || '_' || (c.value ->> 'key'), ${param("tenant")}, c.value ->> 'key', c.value ->> 'name',
  c.value ->> 'icon', 1, c.value -> 'fields', c.key + 1, ${param("now")}, ${param("now")}
FROM json_each(${sql.lit(JSON.stringify(CATEGORIES))}) AS c
WHERE NOT EXISTS (SELECT 1 FROM product_categories WHERE tenant_id = ${param("tenant")})`,
);

const session = statement<StartValues>(
  (param) => sql`INSERT INTO onboarding_sessions
  (id, tenant_id, user_id, idempotency_key, current_step, progress_percentage, metadata, started_at, last_updated_at, updated_at)
SELECT ${param("newSession")}, ${param("tenant")}, ${param("user")}, ${param("key")}, ${sql.lit(DONE.start)}, ${sql.lit(progressAt(DONE.start))},
  CASE WHEN ${param("digest")} IS NOT NULL THEN json_object('input', ${param("digest")}) END, ${param("now")}, ${param("now")}, ${param("now")}
WHERE NOT EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${isExistingSession(param)})`,
);

export const startStatements: readonly Statement<StartValues>[] = [
  requireOwnUser,
  requireFreeAddress,
  tenant,
  user,
  categories,
  session,
];

export const existingSession: Statement<StartValues> = statement<StartValues>(
  (param) => sql`SELECT id FROM onboarding_sessions WHERE ${isExistingSession(param)}
ORDER BY started_at DESC, id DESC LIMIT 1`,
);

export function startValues(
  base: BaseValues,
  { email = null }: { readonly email?: StartInput["email"] | null },
  digest: string | null,
  random: Ports["random"],
): StartValues {
  return {
    ...base,
    email,
    tenantEmail: email ?? `${base.tenant}${PLACEHOLDER_DOMAIN}`,
    userEmail: email ?? `${base.user}${PLACEHOLDER_DOMAIN}`,
    digest,
    newSession: newId(random, "onb"),
    apiKey: `key_${random(32)}`,
  };
}
