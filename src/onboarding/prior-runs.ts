/**
 * Which of many tenants are onboarded already: one question for all of them.
 * @module
 */
import { sql } from "kysely";
import type { D1Database } from "../database/port.ts";
import { build, statement } from "./statement.ts";

export interface TenantKey {
  readonly tenant: string;
  readonly key: string;
  readonly digest: string;
}

/** `open`: nothing stands; `other`: the key was used with other data, or for a session that is still going on. */
export type PriorRun = "done" | "open" | "other";

interface Row {
  readonly place: number;
  readonly same: number;
}

const sessions = statement<{ readonly asked: string }>((param) =>
  build
    .selectFrom(sql<{ key: number; value: string }>`json_each(${param("asked")})`.as<"a">(sql`a`))
    .innerJoin("onboarding_sessions as s", (join) =>
      join.on(
        sql<boolean>`s.tenant_id = a.value ->> 'tenant' AND s.idempotency_key = a.value ->> 'key'`,
      ),
    )
    .select([
      "a.key as place",
      sql<number>`(s.status = 'completed' AND (s.metadata ->> '$.input') IS (a.value ->> 'digest'))`.as(
        "same",
      ),
    ]),
);

/** In the order of the question. */
export async function priorRuns(d1: D1Database, asked: readonly TenantKey[]): Promise<PriorRun[]> {
  const { results } = await sessions(d1, { asked: JSON.stringify(asked) }).all<Row>();
  const same = new Map(results.map((row) => [row.place, row.same === 1]));
  return asked.map((_, i) => (!same.has(i) ? "open" : same.get(i) === true ? "done" : "other"));
}
