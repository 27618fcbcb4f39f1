/**
 * `complete`: the tenant is onboarded. It is promised that calls are answered, so all that this takes has to be there.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { LOG_COLUMNS } from "./log.ts";
import { newId, type Ports } from "./ports.ts";
import { type At, meant } from "./session.ts";
import { build, demand, type Given, type Statement, statement } from "./statement.ts";
import { needs } from "./steps.ts";

export interface CompleteValues extends At {
  readonly logEntry: string;
}

/** What is promised, and whether it is there: of the tenant, as SQL. */
export const PROMISES: readonly {
  readonly step: "business" | "agents" | "assistant";
  readonly holds: (given: Given<At>) => RawBuilder<boolean>;
}[] = [
  {
    step: "business",
    holds: (given) =>
      sql<boolean>`EXISTS (SELECT 1 FROM tenants WHERE id = ${given("tenant")} AND company_name IS NOT NULL AND sector IS NOT NULL)`,
  },
  {
    step: "agents",
    holds: (given) =>
      sql<boolean>`EXISTS (SELECT 1 FROM agents WHERE tenant_id = ${given("tenant")} AND is_active = 1)`,
  },
  {
    step: "assistant",
    holds: (given) =>
      sql<boolean>`(EXISTS (SELECT 1 FROM omni_agent_configs WHERE tenant_id = ${given("tenant")}) AND NOT EXISTS (
        SELECT 1 FROM tenants AS t WHERE t.id = ${given("tenant")} AND t.phone IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM omni_phone_mappings AS m WHERE m.phone_number = t.phone AND m.tenant_id = t.id AND m.is_active = 1)))`,
  },
];

/** Completed already: it is not asked again. */
const promised = demand<CompleteValues>((given) => {
  const all = sql.join(
    PROMISES.map(({ holds }) => holds(given)),
    sql` AND `,
  );
  const going = sql`EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${meant(given)} AND status = 'in_progress' AND current_step >= ${sql.lit(needs("complete"))})`;
  const over = sql`EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${meant(given)} AND status = 'completed')`;
  return sql`${over} OR (${going} AND ${all})`;
});

/** While the session is still going on: it is completed last. */
function isGoingOn(given: Given<CompleteValues>): RawBuilder<boolean> {
  return sql<boolean>`EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${meant(given)} AND status = 'in_progress')`;
}

const tenant = statement<CompleteValues>((given) =>
  build
    .updateTable("tenants")
    .set({ onboarding_completed: sql.lit(1), updated_at: given("now") })
    .where(sql<boolean>`id = ${given("tenant")}`)
    .where("onboarding_completed", "=", sql.lit(0))
    .where(isGoingOn(given)),
);

const log = statement<CompleteValues>((given) =>
  build
    .insertInto("audit_logs")
    .columns(LOG_COLUMNS)
    .expression(
      build
        .selectFrom("onboarding_sessions")
        .select([
          given("logEntry").as("id"),
          "tenant_id",
          given("user").as("user_id"),
          sql.lit("onboarding.completed").as("action"),
          sql.lit("onboarding_session").as("resource_type"),
          "id as resource_id",
          sql<string>`json_object('duration_seconds', unixepoch(${given("now")}) - unixepoch(started_at))`.as(
            "changes",
          ),
          given("now").as("created_at"),
        ])
        .where(meant(given))
        .where("status", "=", sql.lit("in_progress")),
    ),
);

const session = statement<CompleteValues>((given) =>
  build
    .updateTable("onboarding_sessions")
    .set({
      status: sql.lit("completed"),
      progress_percentage: sql.lit(100),
      completed_at: given("now"),
      last_updated_at: given("now"),
      updated_at: given("now"),
    })
    .where(meant(given))
    .where("status", "=", sql.lit("in_progress")),
);

/** In their order. */
export const completeStatements: readonly Statement<CompleteValues>[] = [
  promised,
  tenant,
  log,
  session,
];

export function completeValues(at: At, random: Ports["random"]): CompleteValues {
  return { ...at, logEntry: newId(random, "audit") };
}
