/**
 * Whose e-mail address it is. Tenants have one, and users have one: what somebody outside of the tenant has, is not given to it.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import type { At } from "./session.ts";
import { demand, type Given, type Statement } from "./statement.ts";

export interface Addressed extends At {
  /** Null: none is given. */
  readonly email: string | null;
}

/** What the tenant has is its own, whoever has it, too. An address that is given has small letters; older rows have any. */
export function addressTaken(given: Given<Addressed>): RawBuilder<number> {
  return sql<number>`(NOT EXISTS (SELECT 1 FROM tenants WHERE id = ${given("tenant")} AND lower(email) = ${given("email")})
    AND (EXISTS (SELECT 1 FROM tenants WHERE lower(email) = ${given("email")} AND id <> ${given("tenant")})
      OR EXISTS (SELECT 1 FROM users WHERE lower(email) = ${given("email")} AND tenant_id <> ${given("tenant")})))`;
}

/** Fails where the address is somebody else's. */
export const addressIsFree: Statement<Addressed> = demand<Addressed>(
  (given) => sql`NOT ${addressTaken(given)}`,
);
