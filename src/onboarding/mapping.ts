/**
 * Which tenant answers a number. A number is never taken from another tenant, and the one that a tenant had before is let go.
 *
 * `tenants.phone` is what the tenant says; the mappings follow it.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { LOG_COLUMNS } from "./log.ts";
import { type At, hasSaid, meant } from "./session.ts";
import { isOf } from "./spelling.ts";
import { build, demand, type Given, type Statement, statement } from "./statement.ts";

export interface MappingValues extends At {
  /** Of the entry in the log, if a number is let go. */
  readonly logEntry: string;
}

const isTheTenants: RawBuilder<boolean> = isOf(sql`t.phone`, "m.phone_number");

/** Who is called on a number has it. What nobody is called on is whose it is said to be. */
function isOthers(given: Given<At>, number: RawBuilder<string | null>): RawBuilder<number> {
  const isMapped = isOf(number, "m.phone_number");
  return sql<number>`(EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE ${isMapped} AND m.tenant_id <> ${given("tenant")})
    OR (EXISTS (SELECT 1 FROM tenants AS o WHERE o.phone IS NOT NULL AND ${isOf(number, "o.phone")} AND o.id <> ${given("tenant")})
      AND NOT EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE ${isMapped} AND m.tenant_id = ${given("tenant")})))`;
}

/** Whether the number is another tenant's. */
export function takenByOthers(
  given: Given<At & { readonly phone: string | null }>,
): RawBuilder<number> {
  return sql<number>`(${isOthers(given, given("phone"))}
    OR EXISTS (SELECT 1 FROM tenants WHERE phone = ${given("phone")} AND id <> ${given("tenant")}))`;
}

/** Whether the number that the tenant has is another tenant's. */
export function ownTakenByOthers(given: Given<At>): RawBuilder<number> {
  return sql<number>`EXISTS (SELECT 1 FROM tenants AS t WHERE t.id = ${given("tenant")} AND ${isOthers(given, sql`t.phone`)})`;
}

/** Older rows of `tenants` may have it as it was typed: it cannot be mapped before it is said anew. */
export function ownIsUnread(given: Given<At>): RawBuilder<number> {
  return sql<number>`EXISTS (SELECT 1 FROM tenants AS t WHERE t.id = ${given("tenant")} AND (t.phone NOT GLOB '+[1-9]*' OR substr(t.phone, 2) GLOB '*[^0-9]*'))`;
}

/** Fails where the number that the tenant has is another tenant's, or cannot be compared with those of others. */
export const numberIsFree: Statement<At> = demand<At>(
  (given) => sql`NOT ${ownTakenByOthers(given)} AND NOT ${ownIsUnread(given)}`,
);

/**
 * The mapping that onboarding has made, be it the form's or the backfill's, of another number; what others have added is theirs.
 * That there is no number has to be said: what the backfill has mapped does not stand in `tenants`.
 */
function letGo(given: Given<At>): RawBuilder<unknown> {
  return sql`FROM tenants AS t JOIN omni_phone_mappings AS m ON m.tenant_id = t.id
    WHERE t.id = ${given("tenant")} AND m.id IN (SELECT 'mapping_' || id FROM onboarding_sessions WHERE tenant_id = t.id)
      AND ${isTheTenants} IS NOT 1
      AND (t.phone IS NOT NULL OR EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${meant(given)} AND ${hasSaid}))`;
}

const logRetired = statement<MappingValues>((given) =>
  build
    .insertInto("audit_logs")
    .columns(LOG_COLUMNS)
    .expression(
      sql`SELECT ${given("logEntry")} || '_' || row_number() OVER (), t.id, ${given("user")}, 'phone_mapping.retired', 'omni_phone_mapping', m.id,
  json_object('phone_number', m.phone_number, 'is_active', m.is_active), ${given("now")} ${letGo(given)}`,
    ),
);

/** The row goes, so that whoever gets the number next can have it; the log keeps that it was there. */
const retire = statement<MappingValues>((given) =>
  build.deleteFrom("omni_phone_mappings").where(sql<boolean>`id IN (SELECT m.id ${letGo(given)})`),
);

/** Who has no agent yet is not called: then it is done when there is one. */
const isAnswered = sql`EXISTS (SELECT 1 FROM omni_agent_configs WHERE tenant_id = t.id)`;

/** The tenant's own row of the number, if it is written otherwise or switched off. Of several the one in E.164, if there is one. */
const respell = statement<At>((given) =>
  build
    .updateTable("omni_phone_mappings")
    .from(
      sql<{
        id: string;
        phone: string;
      }>`(SELECT m.id, t.phone FROM tenants AS t JOIN omni_phone_mappings AS m ON ${isTheTenants} AND m.tenant_id = t.id
        WHERE t.id = ${given("tenant")} AND ${isAnswered} ORDER BY m.phone_number = t.phone DESC, m.id LIMIT 1)`.as<"own">(
        sql`own`,
      ),
    )
    .set({ phone_number: sql<string>`own.phone`, is_active: sql.lit(1), updated_at: given("now") })
    .where(
      sql<boolean>`omni_phone_mappings.id = own.id AND (phone_number <> own.phone OR is_active = 0)`,
    ),
);

const insert = statement<At>((given) =>
  build
    .insertInto("omni_phone_mappings")
    .columns(["id", "phone_number", "tenant_id", "created_at", "updated_at"])
    .expression(
      sql`SELECT 'mapping_' || s.id, t.phone, t.id, ${given("now")}, ${given("now")}
FROM onboarding_sessions AS s JOIN tenants AS t ON t.id = s.tenant_id
WHERE s.tenant_id = ${given("tenant")} AND (s.id = ${given("session")} OR s.idempotency_key = ${given("key")})
  AND t.phone IS NOT NULL AND ${isAnswered}
  AND NOT EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE ${isTheTenants} AND m.tenant_id = t.id)`,
    ),
);

/** In their order: once the tenant has its number. */
export const mapNumber: readonly Statement<MappingValues>[] = [logRetired, retire, respell, insert];
