/**
 * `start`: a tenant, its first user, its categories and its session, in one batch. What is there already is left as it is.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import type { StartInput } from "./input.ts";
import { newId, type Ports } from "./ports.ts";
import { CATEGORIES } from "./sectors.ts";
import type { At } from "./session.ts";
import { build, demand, type Given, type Statement, statement } from "./statement.ts";
import { DONE, progressAt } from "./steps.ts";

/** What a tenant is called until it has said its name. */
export const UNNAMED = "New tenant";
/** Where nobody gets mail: of those who have not said where they do. */
const NOWHERE = "@temp.local";

export interface StartValues extends At {
  /** Null: that of nowhere. */
  readonly email: string | null;
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

const tenant = statement<StartValues>((given) =>
  build
    .insertInto("tenants")
    .values({
      id: given("tenant"),
      name: sql.lit(UNNAMED),
      email: sql<string>`coalesce(${given("email")}, ${given("tenant")} || ${sql.lit(NOWHERE)})`,
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
      email: sql<string>`coalesce(${given("email")}, ${given("user")} || ${sql.lit(NOWHERE)})`,
      password_hash: sql.lit("!"),
      created_at: given("now"),
      updated_at: given("now"),
    })
    .onConflict((conflict) => conflict.column("id").doNothing()),
);

const categories = statement<StartValues>((given) =>
  build
    .insertInto("product_categories")
    .values(
      CATEGORIES.map(({ key, name, icon, fields }, i) => ({
        id: sql<string>`'cat_' || ${given("tenant")} || ${sql.lit(`_${key}`)}`,
        tenant_id: given("tenant"),
        key: sql.lit(key),
        name: sql.lit(name),
        icon: sql.lit(icon),
        is_system: sql.lit(1),
        fields: sql.lit(JSON.stringify(fields)),
        display_order: sql.lit(i + 1),
        created_at: given("now"),
        updated_at: given("now"),
      })),
    )
    .onConflict((conflict) => conflict.columns(["tenant_id", "key"]).doNothing()),
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
    .limit(sql.lit(1)),
);

export function startValues(
  at: At,
  { email = null }: { readonly email?: StartInput["email"] | null },
  digest: string | null,
  random: Ports["random"],
): StartValues {
  const newSession = newId(random, "onb");
  return { ...at, email, digest, newSession, apiKey: `key_${random(32)}` };
}
