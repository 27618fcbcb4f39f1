/**
 * The mappings of phone numbers to tenants. A tenant never takes a number of another tenant, and gives up its previous number.
 *
 * `tenants.phone` is the number that the tenant entered. The mappings follow it. Older rows have numbers as people typed them, so every
 * comparison is with any notation.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { type BaseValues, businessDone, thisSession } from "./session.ts";
import { guard, type Param, type Statement, statement } from "./statement.ts";

export interface MappingValues extends BaseValues {
  /** The id of the audit log entry for a number that is given up. */
  readonly logEntry: string;
}

/** Separators that people type between digits. */
const TYPED = ["'(0)'", "' '", "'.'", "'-'", "'/'", "'('", "')'"] as const;

/** Separators in pasted text: tabs, typographic spaces and dashes. */
const PASTED = [9, 160, 8201, 8208, 8209, 8211, 8239] as const;

const SEPARATORS: readonly string[] = [...TYPED, ...PASTED.map((code) => `char(${code})`)];

/** Each has an index on the last seven digits. */
type PhoneColumn = "m.phone_number" | "o.phone";

/** Exactly the expression of the indexes `idx_omni_phone_mappings_tail` and `idx_tenants_tail`. SQLite uses them for no other. */
function bareOf(column: string): RawBuilder<string> {
  return sql.raw(SEPARATORS.reduce((text, one) => `replace(${text}, ${one}, '')`, column));
}

/**
 * True if `column` is `number` in any notation. The index finds the candidates by their last seven digits. Of these it accepts:
 *
 * - without a country code: the last nine digits are equal, or all digits after the leading zeros are the end of `number`
 * - with a country code: it is the same and the last nine digits are equal; so the surplus zero of `+33 06…` does not count
 */
function samePhone(number: RawBuilder<string | null>, column: PhoneColumn): RawBuilder<boolean> {
  const bare = bareOf(column);
  return sql<boolean>`(substr(${bare}, -7) = substr(${number}, -7) AND (SELECT CASE instr(bare, '+')
    WHEN 0 THEN substr(bare, -9) = substr(number, -9) OR substr(number, -length(ltrim(bare, '0'))) = ltrim(bare, '0')
    ELSE substr(bare, -9) = substr(number, -9) AND substr(bare, 1, length(number) - 9) = substr(number, 1, length(number) - 9)
    END FROM (SELECT ${bare} AS bare, ${number} AS number)))`;
}

const isTenantPhone = samePhone(sql`t.phone`, "m.phone_number");

/** True if another tenant is mapped to the number, or entered it while this tenant is not mapped to it. */
function belongsToOther(
  param: Param<BaseValues>,
  number: RawBuilder<string | null>,
): RawBuilder<number> {
  const isMapped = samePhone(number, "m.phone_number");
  return sql<number>`(EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE ${isMapped} AND m.tenant_id <> ${param("tenant")})
    OR (EXISTS (SELECT 1 FROM tenants AS o WHERE o.phone IS NOT NULL AND ${samePhone(number, "o.phone")} AND o.id <> ${param("tenant")})
      AND NOT EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE ${isMapped} AND m.tenant_id = ${param("tenant")})))`;
}

/** True if the number of the input belongs to another tenant. */
export function phoneTaken(
  param: Param<BaseValues & { readonly phone: string | null }>,
): RawBuilder<number> {
  return sql<number>`(${belongsToOther(param, param("phone"))}
    OR EXISTS (SELECT 1 FROM tenants WHERE phone = ${param("phone")} AND id <> ${param("tenant")}))`;
}

/** True if the stored number of the tenant belongs to another tenant. */
export function currentPhoneTaken(param: Param<BaseValues>): RawBuilder<number> {
  return sql<number>`EXISTS (SELECT 1 FROM tenants AS t WHERE t.id = ${param("tenant")} AND ${belongsToOther(param, sql`t.phone`)})`;
}

/** True if the stored number is not E.164, as in older rows. It cannot be mapped until the tenant enters it again. */
export function currentPhoneUnreadable(param: Param<BaseValues>): RawBuilder<number> {
  return sql<number>`EXISTS (SELECT 1 FROM tenants AS t WHERE t.id = ${param("tenant")} AND (t.phone NOT GLOB '+[1-9]*' OR substr(t.phone, 2) GLOB '*[^0-9]*'))`;
}

/** Fails if the stored number of the tenant belongs to another tenant, or is not E.164 and so cannot be compared. */
export const requireFreePhone: Statement<BaseValues> = guard<BaseValues>(
  (param) => sql`NOT ${currentPhoneTaken(param)} AND NOT ${currentPhoneUnreadable(param)}`,
);

/**
 * The mappings of other numbers that onboarding or its backfill created. Mappings that anything else created stay.
 *
 * If `tenants.phone` is null, the tenant may still have a number: the backfill mapped numbers without writing `tenants.phone`. So the
 * mapping is outdated only after the step `business`.
 */
function outdatedMappings(param: Param<BaseValues>): RawBuilder<unknown> {
  return sql`FROM tenants AS t JOIN omni_phone_mappings AS m ON m.tenant_id = t.id
    WHERE t.id = ${param("tenant")} AND m.id IN (SELECT 'mapping_' || id FROM onboarding_sessions WHERE tenant_id = t.id)
      AND ${isTenantPhone} IS NOT 1
      AND (t.phone IS NOT NULL OR EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${thisSession(param)} AND ${businessDone}))`;
}

const logRetired = statement<MappingValues>(
  (
    param,
  ) => sql`INSERT INTO audit_logs (id, tenant_id, user_id, action, resource_type, resource_id, changes, created_at)
SELECT ${param("logEntry")} || '_' || row_number() OVER (), t.id, ${param("user")}, 'phone_mapping.retired', 'omni_phone_mapping', m.id,
  json_object('phone_number', m.phone_number, 'is_active', m.is_active), ${param("now")} ${outdatedMappings(param)}`,
);

/** Deletes the row, so that another tenant can have the number. The audit log records it. */
const retire = statement<MappingValues>(
  (param) =>
    sql`DELETE FROM omni_phone_mappings WHERE id IN (SELECT m.id ${outdatedMappings(param)})`,
);

/** Without an agent there is nothing to call: the step `assistant` then creates the mapping. */
const hasAgent = sql`EXISTS (SELECT 1 FROM omni_agent_configs WHERE tenant_id = t.id)`;

/** Rewrites the tenant's own mapping of the number as E.164 and activates it. Of several, it prefers the one in E.164. */
const rewrite = statement<BaseValues>(
  (
    param,
  ) => sql`UPDATE omni_phone_mappings SET phone_number = own.phone, is_active = 1, updated_at = ${param("now")}
FROM (SELECT m.id, t.phone FROM tenants AS t JOIN omni_phone_mappings AS m ON ${isTenantPhone} AND m.tenant_id = t.id
  WHERE t.id = ${param("tenant")} AND ${hasAgent} ORDER BY m.phone_number = t.phone DESC, m.id LIMIT 1) AS own
WHERE omni_phone_mappings.id = own.id AND (phone_number <> own.phone OR is_active = 0)`,
);

const insert = statement<BaseValues>(
  (
    param,
  ) => sql`INSERT INTO omni_phone_mappings (id, phone_number, tenant_id, created_at, updated_at)
SELECT 'mapping_' || s.id, t.phone, t.id, ${param("now")}, ${param("now")}
FROM onboarding_sessions AS s JOIN tenants AS t ON t.id = s.tenant_id
WHERE s.tenant_id = ${param("tenant")} AND (s.id = ${param("session")} OR s.idempotency_key = ${param("key")})
  AND t.phone IS NOT NULL AND ${hasAgent}
  AND NOT EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE ${isTenantPhone} AND m.tenant_id = t.id)`,
);

/** Runs after the tenant's number was written. */
export const mapPhone: readonly Statement<MappingValues>[] = [logRetired, retire, rewrite, insert];
