/**
 * Which tenant answers a number. A number is never taken from another tenant, and the one that a tenant had before is let go.
 *
 * `tenants.phone` is what the tenant says; the mappings follow it.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { AUDIT_LOG_COLUMNS } from "./audit-log.ts";
import { type BaseValues, businessDone, thisSession } from "./session.ts";
import { samePhone } from "./phone-spelling.ts";
import { build, guard, type Param, type Statement, statement } from "./statement.ts";

export interface MappingValues extends BaseValues {
  /** Of the entry in the log, if a number is let go. */
  readonly logEntry: string;
}

const isTheTenants: RawBuilder<boolean> = samePhone(sql`t.phone`, "m.phone_number");

/** Who is called on a number has it. What nobody is called on is whose it is said to be. */
function isOthers(param: Param<BaseValues>, number: RawBuilder<string | null>): RawBuilder<number> {
  const isMapped = samePhone(number, "m.phone_number");
  return sql<number>`(EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE ${isMapped} AND m.tenant_id <> ${param("tenant")})
    OR (EXISTS (SELECT 1 FROM tenants AS o WHERE o.phone IS NOT NULL AND ${samePhone(number, "o.phone")} AND o.id <> ${param("tenant")})
      AND NOT EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE ${isMapped} AND m.tenant_id = ${param("tenant")})))`;
}

/** Whether the number is another tenant's. */
export function phoneTaken(
  param: Param<BaseValues & { readonly phone: string | null }>,
): RawBuilder<number> {
  return sql<number>`(${isOthers(param, param("phone"))}
    OR EXISTS (SELECT 1 FROM tenants WHERE phone = ${param("phone")} AND id <> ${param("tenant")}))`;
}

/** Whether the number that the tenant has is another tenant's. */
export function currentPhoneTaken(param: Param<BaseValues>): RawBuilder<number> {
  return sql<number>`EXISTS (SELECT 1 FROM tenants AS t WHERE t.id = ${param("tenant")} AND ${isOthers(param, sql`t.phone`)})`;
}

/** Older rows of `tenants` may have it as it was typed: it cannot be mapped before it is said anew. */
export function currentPhoneUnreadable(param: Param<BaseValues>): RawBuilder<number> {
  return sql<number>`EXISTS (SELECT 1 FROM tenants AS t WHERE t.id = ${param("tenant")} AND (t.phone NOT GLOB '+[1-9]*' OR substr(t.phone, 2) GLOB '*[^0-9]*'))`;
}

/** Fails where the number that the tenant has is another tenant's, or cannot be compared with those of others. */
export const requireFreePhone: Statement<BaseValues> = guard<BaseValues>(
  (param) => sql`NOT ${currentPhoneTaken(param)} AND NOT ${currentPhoneUnreadable(param)}`,
);

/**
 * The mapping that onboarding has made, be it the form's or the backfill's, of another number; what others have added is theirs.
 * That there is no number has to be said: what the backfill has mapped does not stand in `tenants`.
 */
function outdatedMappings(param: Param<BaseValues>): RawBuilder<unknown> {
  return sql`FROM tenants AS t JOIN omni_phone_mappings AS m ON m.tenant_id = t.id
    WHERE t.id = ${param("tenant")} AND m.id IN (SELECT 'mapping_' || id FROM onboarding_sessions WHERE tenant_id = t.id)
      AND ${isTheTenants} IS NOT 1
      AND (t.phone IS NOT NULL OR EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${thisSession(param)} AND ${businessDone}))`;
}

const logRetired = statement<MappingValues>((param) =>
  build
    .insertInto("audit_logs")
    .columns(AUDIT_LOG_COLUMNS)
    .expression(
      sql`SELECT ${param("logEntry")} || '_' || row_number() OVER (), t.id, ${param("user")}, 'phone_mapping.retired', 'omni_phone_mapping', m.id,
  json_object('phone_number', m.phone_number, 'is_active', m.is_active), ${param("now")} ${outdatedMappings(param)}`,
    ),
);

/** The row goes, so that whoever gets the number next can have it; the log keeps that it was there. */
const retire = statement<MappingValues>((param) =>
  build
    .deleteFrom("omni_phone_mappings")
    .where(sql<boolean>`id IN (SELECT m.id ${outdatedMappings(param)})`),
);

/** Who has no agent yet is not called: then it is done when there is one. */
const isAnswered = sql`EXISTS (SELECT 1 FROM omni_agent_configs WHERE tenant_id = t.id)`;

/** The tenant's own row of the number, if it is written otherwise or switched off. Of several the one in E.164, if there is one. */
const respell = statement<BaseValues>((param) =>
  build
    .updateTable("omni_phone_mappings")
    .from(
      sql<{
        id: string;
        phone: string;
      }>`(SELECT m.id, t.phone FROM tenants AS t JOIN omni_phone_mappings AS m ON ${isTheTenants} AND m.tenant_id = t.id
        WHERE t.id = ${param("tenant")} AND ${isAnswered} ORDER BY m.phone_number = t.phone DESC, m.id LIMIT 1)`.as<"own">(
        sql`own`,
      ),
    )
    .set({ phone_number: sql<string>`own.phone`, is_active: sql.lit(1), updated_at: param("now") })
    .where(
      sql<boolean>`omni_phone_mappings.id = own.id AND (phone_number <> own.phone OR is_active = 0)`,
    ),
);

const insert = statement<BaseValues>((param) =>
  build
    .insertInto("omni_phone_mappings")
    .columns(["id", "phone_number", "tenant_id", "created_at", "updated_at"])
    .expression(
      sql`SELECT 'mapping_' || s.id, t.phone, t.id, ${param("now")}, ${param("now")}
FROM onboarding_sessions AS s JOIN tenants AS t ON t.id = s.tenant_id
WHERE s.tenant_id = ${param("tenant")} AND (s.id = ${param("session")} OR s.idempotency_key = ${param("key")})
  AND t.phone IS NOT NULL AND ${isAnswered}
  AND NOT EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE ${isTheTenants} AND m.tenant_id = t.id)`,
    ),
);

/** In their order: once the tenant has its number. */
export const mapPhone: readonly Statement<MappingValues>[] = [logRetired, retire, respell, insert];
