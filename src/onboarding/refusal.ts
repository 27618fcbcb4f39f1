/**
 * Why a batch was refused. The database says only that it was: what stands in the way is read afterwards.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import type { D1Database } from "../database/port.ts";
import type { OpsError } from "../report/error.ts";
import { PROMISES } from "./complete.ts";
import { conflict, forbidden, outOfOrder, sessionNotFound } from "./problem.ts";
import { type At, meant } from "./session.ts";
import { build, type Given, statement } from "./statement.ts";
import { missingBefore, type StepName } from "./steps.ts";
import { takenByOthers } from "./mapping.ts";

/** What a step claims, as far as it may be somebody else's. */
export interface Claims extends At {
  /** E.164; null: none, or the one that the tenant has said before. */
  readonly phone: string | null;
  readonly email: string | null;
}

interface Facts {
  readonly current_step: number | null;
  readonly status: string | null;
  readonly user_is_foreign: number;
  readonly email_is_foreign: number;
  readonly number_is_foreign: number;
  readonly [promise: `has_${string}`]: number;
}

const facts = statement<Claims>((given) => {
  const ofSession = (column: string): RawBuilder<unknown> =>
    sql`(SELECT ${sql.ref(column)} FROM onboarding_sessions WHERE ${meant(given)})`;
  return build.selectNoFrom([
    ofSession("current_step").as("current_step"),
    ofSession("status").as("status"),
    sql`EXISTS (SELECT 1 FROM users WHERE id = ${given("user")} AND tenant_id <> ${given("tenant")})`.as(
      "user_is_foreign",
    ),
    emailIsForeign(given).as("email_is_foreign"),
    takenByOthers(given).as("number_is_foreign"),
    ...PROMISES.map(({ step, holds }) => holds(given).as(`has_${step}`)),
  ]);
});

function emailIsForeign(given: Given<Claims>): RawBuilder<unknown> {
  return sql`(EXISTS (SELECT 1 FROM tenants WHERE email = ${given("email")} AND id <> ${given("tenant")})
    OR EXISTS (SELECT 1 FROM users WHERE email = ${given("email")} AND id <> ${given("user")}))`;
}

/** Null: nothing stands in the way any more, so that it may be tried again. */
export async function whyRefused(
  d1: D1Database,
  step: StepName | "whole",
  claims: Claims,
): Promise<OpsError | null> {
  const found = await facts(d1, claims).first<Facts>();
  return found === null ? null : reasonOf(step, claims, found);
}

/** The same of many that are still to be sent as a whole, in one request that changes nothing. */
export async function whyRefusedWhole(
  d1: D1Database,
  many: readonly Claims[],
): Promise<(OpsError | null)[]> {
  const answers = await d1.batch<Facts>(many.map((claims) => facts(d1, claims)));
  return many.map((claims, i) => {
    const found = answers[i]?.results[0];
    return found === undefined ? null : reasonOf("whole", claims, found);
  });
}

/** What is nobody's fault but the caller's comes first, then what has to be settled with others. */
function reasonOf(step: StepName | "whole", claims: Claims, found: Facts): OpsError | null {
  if (step === "start" || step === "whole") {
    if (found.user_is_foreign === 1) return forbidden("user-of-another-tenant");
    return step === "start" ? takenEmail(found) : takenNumber(found);
  }
  if (found.status === null || found.current_step === null) {
    return sessionNotFound(claims.session ?? claims.key ?? "");
  }
  if (found.status === "abandoned") return conflict("session-abandoned");
  if (found.status === "completed" && step !== "complete") return conflict("session-completed");
  const missing = missingBefore(step, found.current_step);
  const broken =
    step === "complete"
      ? PROMISES.filter((promise) => found[`has_${promise.step}`] === 0).map((one) => one.step)
      : [];
  const all = [...new Set([...missing, ...broken])];
  if (all.length > 0) return outOfOrder(step, all);
  return takenNumber(found);
}

function takenNumber(found: Facts): OpsError | null {
  return found.number_is_foreign === 1 ? conflict("number-taken") : takenEmail(found);
}

function takenEmail(found: Facts): OpsError | null {
  return found.email_is_foreign === 1 ? conflict("email-taken") : null;
}
