/** @module The session of a step: the values that every statement binds, which session it is, whether the step is allowed, and its progress. */
import { type RawBuilder, sql } from "kysely";
import { z } from "zod";
import type { D1Database } from "../database/port.ts";
import { identity, parseInput } from "./input.ts";
import type { Caller, Ports } from "./ports.ts";
import { guard, type Param, type Statement, statement } from "./statement.ts";
import { forbidden, sessionNotFound } from "./errors.ts";
import { DONE, needs, progressAt, type StepName } from "./steps.ts";

/** The values that every step binds. A session is identified by its id or by its key; the other is null. */
export interface BaseValues {
  readonly tenant: string;
  readonly user: string;
  readonly session: string | null;
  readonly key: string | null;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/** The names that older systems used for users and tenants that they did not know. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(["default", "anonymous"]);

const callerSchema: z.ZodType<Caller> = z.object({ tenant: identity, user: identity });

/** Reports a malformed session id as not found, without a query. @throws OpsError ONBOARDING_INVALID, ONBOARDING_FORBIDDEN, ONBOARDING_NOT_FOUND */
export function baseValues(
  caller: Caller,
  {
    session = null,
    key = null,
  }: { readonly session?: string | null; readonly key?: string | null },
  ports: Pick<Ports, "now">,
): BaseValues {
  const { tenant, user } = parseInput(callerSchema, caller);
  if (isPlaceholder(tenant) || isPlaceholder(user)) {
    throw forbidden("placeholder-identity");
  }
  if (session !== null && !identity.safeParse(session).success) {
    throw sessionNotFound(typeof session === "string" ? session.slice(0, 128) : "");
  }
  return { tenant, user, session, key, now: ports.now().toISOString() };
}

/** The tenant and the user of a session; null if there is no such session. */
export async function ownerOf(d1: D1Database, session: string): Promise<Caller | null> {
  return d1
    .prepare("SELECT tenant_id AS tenant, user_id AS user FROM onboarding_sessions WHERE id = ?")
    .bind(session)
    .first<Caller>();
}

export function isPlaceholder(name: string): boolean {
  return PLACEHOLDERS.has(name.toLowerCase());
}

/** Matches the session of the step, if it belongs to the tenant. */
export function thisSession(param: Param<BaseValues>): RawBuilder<boolean> {
  return sql<boolean>`(tenant_id = ${param("tenant")} AND (id = ${param("session")} OR idempotency_key = ${param("key")}))`;
}

/** Matches a session whose step `business` was done by d1ops, not by the original system. */
export const businessDone: RawBuilder<boolean> = sql<boolean>`metadata ->> '$.industry_template' IS NOT NULL`;

export function sessionHas(
  param: Param<BaseValues>,
  condition: RawBuilder<unknown>,
): RawBuilder<boolean> {
  return sql<boolean>`EXISTS (SELECT 1 FROM onboarding_sessions WHERE ${thisSession(param)} AND ${condition})`;
}

/** Matches a session that is in progress and has done the steps before. */
export function allows(step: StepName): RawBuilder<boolean> {
  return sql<boolean>`status = 'in_progress' AND current_step >= ${sql.lit(needs(step))}`;
}

export function requirePriorSteps(step: StepName): Statement<BaseValues> {
  return guard<BaseValues>((param) => sessionHas(param, allows(step)));
}

/** Records the step as done. Never moves a session back, and repeating it changes nothing. */
export function advance(step: StepName): Statement<BaseValues> {
  const done = DONE[step];
  return statement<BaseValues>(
    (param) => sql`UPDATE onboarding_sessions
SET current_step = ${sql.lit(done)}, progress_percentage = ${sql.lit(progressAt(done))},
  last_updated_at = ${param("now")}, updated_at = ${param("now")}
WHERE ${thisSession(param)} AND current_step < ${sql.lit(done)}`,
  );
}
