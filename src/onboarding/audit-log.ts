/**
 * The columns of `audit_logs` that steps write.
 * @module
 */

/** In the order in which the steps select the values. */
export const AUDIT_LOG_COLUMNS = [
  "id",
  "tenant_id",
  "user_id",
  "action",
  "resource_type",
  "resource_id",
  "changes",
  "created_at",
] as const;
