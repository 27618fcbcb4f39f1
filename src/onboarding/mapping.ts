/**
 * Which tenant answers a number. A number is never taken from another tenant, and the one that a tenant had before is let go.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import type { At } from "./session.ts";
import { build, demand, type Given, type Statement, statement } from "./statement.ts";

/** The spelling of the index `idx_omni_phone_mappings_tail`; another would not use it. */
const BARE = sql`replace(replace(replace(replace(replace(phone_number, ' ', ''), '.', ''), '-', ''), '(', ''), ')', '')`;

/** Whether a mapping is of that number, in whatever spelling. What has no country's code may be of any. */
function isOf(number: RawBuilder<string | null>): RawBuilder<boolean> {
  return sql<boolean>`(substr(${BARE}, -9) = substr(${number}, -9) AND (substr(${BARE}, 1, 1) <> '+' OR ${BARE} = ${number}))`;
}

function tenantsPhone<P extends At>(given: Given<P>): RawBuilder<string | null> {
  return sql<string | null>`(SELECT phone FROM tenants WHERE id = ${given("tenant")})`;
}

export interface NumberValues extends At {
  /** E.164; null: the tenant has none. */
  readonly phone: string | null;
  /** Of the entry in the log, if a number is let go. */
  readonly logEntry: string;
}

/** Whether the number, or without one that of the tenant, is another tenant's. */
export function takenByOthers<P extends At & { readonly phone: string | null }>(
  given: Given<P>,
): RawBuilder<number> {
  const number = sql<string | null>`coalesce(${given("phone")}, ${tenantsPhone(given)})`;
  return sql<number>`(EXISTS (SELECT 1 FROM omni_phone_mappings WHERE ${isOf(number)} AND tenant_id <> ${given("tenant")})
    OR EXISTS (SELECT 1 FROM tenants WHERE phone = ${number} AND id <> ${given("tenant")}))`;
}

/** Fails where the number is another tenant's. */
export const numberIsFree: Statement<NumberValues> = demand<NumberValues>(
  (given) => sql`${given("phone")} IS NULL OR NOT ${takenByOthers(given)}`,
);

/** The same of the number that the tenant has said before. */
export const ownNumberIsFree: Statement<At> = demand<At>(
  (given) => sql`NOT EXISTS (SELECT 1 FROM omni_phone_mappings
    WHERE ${isOf(tenantsPhone(given))} AND tenant_id <> ${given("tenant")})`,
);

/** The mapping that onboarding has made, be it the form's or the backfill's; what others have added is theirs. */
function ours(given: Given<At>): RawBuilder<boolean> {
  return sql<boolean>`(tenant_id = ${given("tenant")} AND id IN (SELECT 'mapping_' || id FROM onboarding_sessions WHERE tenant_id = ${given("tenant")}))`;
}

function letGo(given: Given<NumberValues>): RawBuilder<boolean> {
  return sql<boolean>`(${ours(given)} AND NOT coalesce(${isOf(given("phone"))}, 0))`;
}

/**
 * Lets go of the number before. Its row is deleted, so that whoever gets the number next can have it; the log keeps that it
 * was there.
 */
export const retireNumber: readonly Statement<NumberValues>[] = [
  statement<NumberValues>((given) =>
    build
      .insertInto("audit_logs")
      .columns([
        "id",
        "tenant_id",
        "user_id",
        "action",
        "resource_type",
        "resource_id",
        "changes",
        "created_at",
      ])
      .expression(
        build
          .selectFrom("omni_phone_mappings")
          .select([
            sql<string>`${given("logEntry")} || '_' || row_number() OVER ()`.as("id"),
            "tenant_id",
            given("user").as("user_id"),
            sql.lit("phone_mapping.retired").as("action"),
            sql.lit("omni_phone_mapping").as("resource_type"),
            "id as resource_id",
            sql<string>`json_object('phone_number', phone_number, 'is_active', is_active)`.as(
              "changes",
            ),
            given("now").as("created_at"),
          ])
          .where(letGo(given)),
      ),
  ),
  statement<NumberValues>((given) => build.deleteFrom("omni_phone_mappings").where(letGo(given))),
];

/** The tenant's own row of the number, if it is written otherwise or switched off. */
const respell = statement<At>((given) =>
  build
    .updateTable("omni_phone_mappings")
    .set({
      phone_number: sql<string>`${tenantsPhone(given)}`,
      is_active: sql.lit(1),
      updated_at: given("now"),
    })
    .where(isOf(tenantsPhone(given)))
    .where("tenant_id", "=", given("tenant"))
    .where(sql<boolean>`(phone_number <> ${tenantsPhone(given)} OR is_active = 0)`)
    // One of several: the number is unique.
    .where(
      sql<boolean>`id = (SELECT min(id) FROM omni_phone_mappings WHERE ${isOf(tenantsPhone(given))} AND tenant_id = ${given("tenant")} AND NOT EXISTS (SELECT 1 FROM omni_phone_mappings AS o WHERE o.phone_number = ${tenantsPhone(given)} AND o.id <> omni_phone_mappings.id))`,
    ),
);

/** Who has no agent yet is not called: then it is done when there is one. */
const insert = statement<At>((given) =>
  build
    .insertInto("omni_phone_mappings")
    .columns(["id", "phone_number", "tenant_id", "created_at", "updated_at"])
    .expression(
      build
        .selectFrom("onboarding_sessions")
        .innerJoin("tenants", "tenants.id", "onboarding_sessions.tenant_id")
        .select([
          sql<string>`'mapping_' || onboarding_sessions.id`.as("id"),
          sql<string>`tenants.phone`.as("phone_number"),
          "tenants.id as tenant_id",
          given("now").as("created_at"),
          given("now").as("updated_at"),
        ])
        .where(
          sql<boolean>`onboarding_sessions.tenant_id = ${given("tenant")} AND (onboarding_sessions.id = ${given("session")} OR onboarding_sessions.idempotency_key = ${given("key")})`,
        )
        .where("tenants.phone", "is not", null)
        .where(
          sql<boolean>`EXISTS (SELECT 1 FROM omni_agent_configs WHERE tenant_id = ${given("tenant")})`,
        )
        .where(
          sql<boolean>`NOT EXISTS (SELECT 1 FROM omni_phone_mappings WHERE ${isOf(tenantsPhone(given))} AND tenant_id = ${given("tenant")})`,
        ),
    ),
);

export const mapNumber: readonly Statement<At>[] = [respell, insert];
