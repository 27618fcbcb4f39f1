/**
 * `start`: a tenant, its first user, its categories and its session, in one batch. What is there already is left as it is.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { type Addressed, addressTaken } from "./address.ts";
import { NOWHERE, type StartInput } from "./input.ts";
import { newId, type Ports } from "./ports.ts";
import { CATEGORIES } from "./sectors.ts";
import type { At } from "./session.ts";
import { build, demand, type Given, type Statement, statement } from "./statement.ts";
import { DONE, progressAt } from "./steps.ts";

/** What a tenant is called until it has said its name. */
export const UNNAMED = "New tenant";

export interface StartValues extends Addressed {
  /** The one that is given, or one of nowhere. */
  readonly tenantEmail: string;
  readonly userEmail: string;
  readonly newSession: string;
  readonly apiKey: string;
  /** What is known of a session that comes with all its steps at once: a digest of them. */
  readonly digest: string | null;
}

/** Without a key, the user's open session is the one that is meant. */
function begun(given: Given<StartValues>): RawBuilder<boolean> {
  return sql<boolean>`(tenant_id = ${given("tenant")} AND CASE WHEN ${given("key")} IS NULL
    THEN idempotency_key IS NULL AND user_id = ${given("user")} AND status = 'in_progress'
    ELSE idempotency_key = ${given("key")} END)`;
}

const userIsOurs = demand<StartValues>(
  (given) =>
    sql`NOT EXISTS (SELECT 1 FROM users WHERE id = ${given("user")} AND tenant_id <> ${given("tenant")})`,
);

/** What is there already keeps its address, so that none is asked for. */
const givenIsFree = demand<StartValues>(
  (given) =>
    sql`EXISTS (SELECT 1 FROM users WHERE id = ${given("user")}) OR NOT ${addressTaken(given)}`,
);

const tenant = statement<StartValues>((given) =>
  build
    .insertInto("tenants")
    .values({
      id: given("tenant"),
      name: sql.lit(UNNAMED),
      email: given("tenantEmail"),
      api_key: given("apiKey"),
      created_at: given("now"),
      updated_at: given("now"),
    })
    .onConflict((conflict) => conflict.column("id").doNothing()),
);

/** No password fits the hash: whoever signs in has been let in elsewhere. */
const user = statement<StartValues>((given) =>
  build
    .insertInto("users")
    .values({
      id: given("user"),
      tenant_id: given("tenant"),
      email: given("userEmail"),
      password_hash: sql.lit("!"),
      created_at: given("now"),
      updated_at: given("now"),
    })
    .onConflict((conflict) => conflict.column("id").doNothing()),
);

/** A tenant that has some has them as it wants them. */
const categories = statement<StartValues>((given) =>
  build
    .insertInto("product_categories")
    .columns([
      "id",
      "tenant_id",
      "key",
      "name",
      "icon",
      "is_system",
      "fields",
      "display_order",
      "created_at",
      "updated_at",
    ])
    .expression(
      sql`SELECT 'cat_' || ${given("tenant")} || '_' || (c.value ->> 'key'), ${given("tenant")}, c.value ->> 'key', c.value ->> 'name', c.value ->> 'icon', 1,
  c.value -> 'fields', c.key + 1, ${given("now")}, ${given("now")}
FROM json_each(${sql.lit(JSON.stringify(CATEGORIES))}) AS c
WHERE NOT EXISTS (SELECT 1 FROM product_categories WHERE tenant_id = ${given("tenant")})`,
    ),
);

const session = statement<StartValues>((given) =>
  build
    .insertInto("onboarding_sessions")
    .columns([
      "id",
      "tenant_id",
      "user_id",
      "idempotency_key",
      "current_step",
      "progress_percentage",
      "metadata",
      "started_at",
      "last_updated_at",
      "updated_at",
    ])
    .expression(
      build
        .selectNoFrom([
          given("newSession").as("id"),
          given("tenant").as("tenant_id"),
          given("user").as("user_id"),
          given("key").as("idempotency_key"),
          sql.lit(DONE.start).as("current_step"),
          sql.lit(progressAt(DONE.start)).as("progress_percentage"),
          sql<string>`CASE WHEN ${given("digest")} IS NOT NULL THEN json_object('input', ${given("digest")}) END`.as(
            "metadata",
          ),
          given("now").as("started_at"),
          given("now").as("last_updated_at"),
          given("now").as("updated_at"),
        ])
        .where(sql<boolean>`NOT EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${begun(given)})`),
    ),
);

/** In their order. */
export const startStatements: readonly Statement<StartValues>[] = [
  userIsOurs,
  givenIsFree,
  tenant,
  user,
  categories,
  session,
];

/** Answers the session's id. */
export const startedSession: Statement<StartValues> = statement<StartValues>((given) =>
  build
    .selectFrom("onboarding_sessions")
    .select("id")
    .where(begun(given))
    .orderBy("started_at", "desc")
    .orderBy("id", "desc")
    .limit(sql.lit(1)),
);

export function startValues(
  at: At,
  { email = null }: { readonly email?: StartInput["email"] | null },
  digest: string | null,
  random: Ports["random"],
): StartValues {
  return {
    ...at,
    email,
    tenantEmail: email ?? `${at.tenant}${NOWHERE}`,
    userEmail: email ?? `${at.user}${NOWHERE}`,
    digest,
    newSession: newId(random, "onb"),
    apiKey: `key_${random(32)}`,
  };
}
