/**
 * Whose e-mail address it is. Tenants have one, and users have one: what somebody outside of the tenant has, is not given to it.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import type { BaseValues } from "./session.ts";
import { guard, type Param, type Statement } from "./statement.ts";

export interface EmailValues extends BaseValues {
  /** Null: none is given. */
  readonly email: string | null;
}

/** What the tenant has is its own, whoever has it, too. An address that is given has small letters; older rows have any. */
export function emailTaken(param: Param<EmailValues>): RawBuilder<number> {
  return sql<number>`(NOT EXISTS (SELECT 1 FROM tenants WHERE id = ${param("tenant")} AND lower(email) = ${param("email")})
    AND (EXISTS (SELECT 1 FROM tenants WHERE lower(email) = ${param("email")} AND id <> ${param("tenant")})
      OR EXISTS (SELECT 1 FROM users WHERE lower(email) = ${param("email")} AND tenant_id <> ${param("tenant")})))`;
}

/** Fails where the address is somebody else's. */
export const requireFreeEmail: Statement<EmailValues> = guard<EmailValues>(
  (param) => sql`NOT ${emailTaken(param)}`,
);
