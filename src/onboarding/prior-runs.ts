/** @module Finds in one query which of many tenants are onboarded already. */
import { sql } from "kysely";
import type { D1Database } from "../database/port.ts";
import { statement } from "./statement.ts";

export interface TenantKey {
  readonly tenant: string;
  readonly key: string;
  readonly digest: string;
}

/**
 * - `done`: the tenant was onboarded with the same key and data.
 * - `open`: the tenant has no session with this key.
 * - `other`: the key was used with other data, or its session is still in progress.
 */
export type PriorRun = "done" | "open" | "other";

const sessions = statement<{ readonly tenants: string }>(
  (
    param,
  ) => sql`SELECT a.key AS place, s.status = 'completed' AND (s.metadata ->> '$.input') IS (a.value ->> 'digest') AS same
FROM json_each(${param("tenants")}) AS a
JOIN onboarding_sessions AS s ON s.tenant_id = a.value ->> 'tenant' AND s.idempotency_key = a.value ->> 'key'`,
);

/** In the order of `tenants`. */
export async function priorRuns(
  d1: D1Database,
  tenants: readonly TenantKey[],
): Promise<PriorRun[]> {
  const { results } = await sessions(d1, { tenants: JSON.stringify(tenants) }).all<{
    place: number;
    same: number;
  }>();
  const same = new Map(results.map((row) => [row.place, row.same === 1]));
  return tenants.map((_, i) => (!same.has(i) ? "open" : same.get(i) === true ? "done" : "other"));
}
