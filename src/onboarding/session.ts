/**
 * A session as the statements of a step see it: which one is meant, whether the step may be done, and how it goes on.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { build, demand, type Given, type Statement, statement } from "./statement.ts";
import { DONE, needs, progressAt, type StepName } from "./steps.ts";

/** What every step binds. A session is known by its id, or by the key that it was begun with; the other is null. */
export interface At {
  readonly tenant: string;
  readonly user: string;
  readonly session: string | null;
  readonly key: string | null;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/** The session that is meant, if it is the tenant's. */
export function meant(given: Given<At>): RawBuilder<boolean> {
  return sql<boolean>`(tenant_id = ${given("tenant")} AND (id = ${given("session")} OR idempotency_key = ${given("key")}))`;
}

/** Of a session: `business` was done here, and not in the form of before. */
export const hasSaid: RawBuilder<boolean> = sql<boolean>`metadata ->> '$.industry_template' IS NOT NULL`;

/** Fails unless the session is the tenant's, is going on, and has done what comes before. */
export function mayDo(step: StepName): Statement<At> {
  return demand<At>(
    (given) =>
      sql`EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${meant(given)} AND status = 'in_progress' AND current_step >= ${sql.lit(needs(step))})`,
  );
}

/** A step that is done again leaves no trace, and none goes back. */
export function advance(step: StepName): Statement<At> {
  const done = DONE[step];
  return statement<At>((given) =>
    build
      .updateTable("onboarding_sessions")
      .set({
        current_step: sql.lit(done),
        progress_percentage: sql.lit(progressAt(done)),
        last_updated_at: given("now"),
        updated_at: given("now"),
      })
      .where(meant(given))
      .where("current_step", "<", sql.lit(done)),
  );
}
