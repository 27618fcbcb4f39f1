/** @module Whether an e-mail address is taken. Tenants and users have one each. A tenant cannot take an address of another tenant or of its users. */
import { type RawBuilder, sql } from "kysely";
import type { BaseValues } from "./session.ts";
import { guard, type Param, type Statement } from "./statement.ts";

export interface EmailValues extends BaseValues {
  /** Null if the input has no address. */
  readonly email: string | null;
}

/** True if another tenant or one of its users has the address, and this tenant does not. Inputs are in lower case, older rows may not be. */
export function emailTaken(param: Param<EmailValues>): RawBuilder<number> {
  return sql<number>`(NOT EXISTS (SELECT 1 FROM tenants WHERE id = ${param("tenant")} AND lower(email) = ${param("email")})
    AND (EXISTS (SELECT 1 FROM tenants WHERE lower(email) = ${param("email")} AND id <> ${param("tenant")})
      OR EXISTS (SELECT 1 FROM users WHERE lower(email) = ${param("email")} AND tenant_id <> ${param("tenant")})))`;
}

export const requireFreeEmail: Statement<EmailValues> = guard<EmailValues>(
  (param) => sql`NOT ${emailTaken(param)}`,
);
