/**
 * What `audit_logs` is told of a step.
 * @module
 */

/** In the order in which the steps select them. */
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
