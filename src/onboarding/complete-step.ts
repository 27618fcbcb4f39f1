/** @module The step `complete`: marks the tenant as onboarded, if it has everything that is needed to answer its calls. */
import { type RawBuilder, sql } from "kysely";
import { newId, type Ports } from "./ports.ts";
import { allows, type BaseValues, sessionHas, thisSession } from "./session.ts";
import { guard, type Param, type Statement, statement } from "./statement.ts";

export interface CompleteValues extends BaseValues {
  readonly logEntry: string;
}

/** What a completed tenant must have, as SQL, and the step that creates it. */
export const COMPLETION_CONDITIONS: readonly {
  readonly step: "business" | "agents" | "assistant";
  readonly holds: (param: Param<BaseValues>) => RawBuilder<boolean>;
}[] = [
  {
    step: "business",
    holds: (param) =>
      sql<boolean>`EXISTS (SELECT 1 FROM tenants WHERE id = ${param("tenant")} AND company_name IS NOT NULL AND sector IS NOT NULL)`,
  },
  {
    step: "agents",
    holds: (param) =>
      sql<boolean>`EXISTS (SELECT 1 FROM agents WHERE tenant_id = ${param("tenant")} AND is_active = 1)`,
  },
  {
    step: "assistant",
    holds: (param) =>
      sql<boolean>`(EXISTS (SELECT 1 FROM omni_agent_configs WHERE tenant_id = ${param("tenant")}) AND NOT EXISTS (
        SELECT 1 FROM tenants AS t WHERE t.id = ${param("tenant")} AND t.phone IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM omni_phone_mappings AS m WHERE m.phone_number = t.phone AND m.tenant_id = t.id AND m.is_active = 1)))`,
  },
];

/** A completed session passes unchecked, so that the step can be repeated. */
const requireConditions = guard<CompleteValues>((param) => {
  const conditions = COMPLETION_CONDITIONS.map(({ holds }) => holds(param));
  const ready = sql`${sessionHas(param, allows("complete"))} AND ${sql.join(conditions, sql` AND `)}`;
  return sql`${sessionHas(param, sql`status = 'completed'`)} OR (${ready})`;
});

/** The session is in progress until the last statement of the batch completes it. */
const tenant = statement<CompleteValues>(
  (param) => sql`UPDATE tenants SET onboarding_completed = 1, updated_at = ${param("now")}
WHERE id = ${param("tenant")} AND onboarding_completed = 0 AND ${sessionHas(param, sql`status = 'in_progress'`)}`,
);

const log = statement<CompleteValues>(
  (
    param,
  ) => sql`INSERT INTO audit_logs (id, tenant_id, user_id, action, resource_type, resource_id, changes, created_at)
SELECT ${param("logEntry")}, tenant_id, ${param("user")}, 'onboarding.completed', 'onboarding_session', id,
  json_object('duration_seconds', unixepoch(${param("now")}) - unixepoch(started_at)), ${param("now")}
FROM onboarding_sessions WHERE ${thisSession(param)} AND status = 'in_progress'`,
);

const session = statement<CompleteValues>(
  (param) => sql`UPDATE onboarding_sessions SET status = 'completed', progress_percentage = 100,
  completed_at = ${param("now")}, last_updated_at = ${param("now")}, updated_at = ${param("now")}
WHERE ${thisSession(param)} AND status = 'in_progress'`,
);

export const completeStatements: readonly Statement<CompleteValues>[] = [
  requireConditions,
  tenant,
  log,
  session,
];

export function completeValues(base: BaseValues, random: Ports["random"]): CompleteValues {
  return { ...base, logEntry: newId(random, "audit") };
}
