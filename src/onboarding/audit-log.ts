/**
 * The entries of `audit_logs` that steps write.
 * @module
 */
import { type RawBuilder, sql } from "kysely";

/** To be followed by a SELECT of these columns. */
export const INSERT_LOG: RawBuilder<unknown> = sql`INSERT INTO audit_logs
  (id, tenant_id, user_id, action, resource_type, resource_id, changes, created_at)`;
