/**
 * The entries of `audit_logs` that steps write.
 * @module
 */
import type { Compilable, RawBuilder } from "kysely";
import { build } from "./statement.ts";

/** `select`: id, tenant, user, action, type and id of the resource, changes as JSON, time. */
export function insertLog(select: RawBuilder<unknown>): Compilable {
  return build
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
    .expression(select);
}
