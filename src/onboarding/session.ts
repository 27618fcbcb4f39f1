/**
 * A session as the statements of a step see it: which one is meant, whether the step may be done, and how it goes on.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { build, guard, type Param, type Statement, statement } from "./statement.ts";
import { DONE, needs, progressAt, type StepName } from "./steps.ts";

/** What every step binds. A session is known by its id, or by the key that it was begun with; the other is null. */
export interface BaseValues {
  readonly tenant: string;
  readonly user: string;
  readonly session: string | null;
  readonly key: string | null;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/** The session that is meant, if it is the tenant's. */
export function thisSession(param: Param<BaseValues>): RawBuilder<boolean> {
  return sql<boolean>`(tenant_id = ${param("tenant")} AND (id = ${param("session")} OR idempotency_key = ${param("key")}))`;
}

/** Of a session: `business` was done here, and not in the form of before. */
export const businessDone: RawBuilder<boolean> = sql<boolean>`metadata ->> '$.industry_template' IS NOT NULL`;

/** Fails unless the session is the tenant's, is going on, and has done what comes before. */
export function requirePriorSteps(step: StepName): Statement<BaseValues> {
  return guard<BaseValues>(
    (param) =>
      sql`EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${thisSession(param)} AND status = 'in_progress' AND current_step >= ${sql.lit(needs(step))})`,
  );
}

/** A step that is done again leaves no trace, and none goes back. */
export function advance(step: StepName): Statement<BaseValues> {
  const done = DONE[step];
  return statement<BaseValues>((param) =>
    build
      .updateTable("onboarding_sessions")
      .set({
        current_step: sql.lit(done),
        progress_percentage: sql.lit(progressAt(done)),
        last_updated_at: param("now"),
        updated_at: param("now"),
      })
      .where(thisSession(param))
      .where("current_step", "<", sql.lit(done)),
  );
}
