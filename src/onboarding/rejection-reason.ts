/**
 * Why a batch was refused. The database says only that it was: what stands in the way is read afterwards.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import type { OpsError } from "../report/error.ts";
import { emailTaken } from "./email-address.ts";
import { COMPLETION_CONDITIONS } from "./complete-step.ts";
import { currentPhoneUnreadable, currentPhoneTaken, phoneTaken } from "./phone-mapping.ts";
import { conflict, forbidden, outOfOrder, sessionNotFound } from "./problem.ts";
import { type BaseValues, thisSession } from "./session.ts";
import { build, statement } from "./statement.ts";
import { missingBefore, type StepName } from "./steps.ts";

/** What a step would have written that may be somebody else's; absent: nothing of the kind. */
export interface Claims extends BaseValues {
  /** E.164. */
  readonly phone?: string | null;
  readonly email?: string | null;
  /** Of a tenant, and of a user, that are new. */
  readonly tenantEmail?: string | null;
  readonly userEmail?: string | null;
}

const NOTHING = { phone: null, email: null, tenantEmail: null, userEmail: null };

interface Facts {
  readonly current_step: number | null;
  readonly status: string | null;
  readonly user_is_foreign: number;
  readonly email_is_foreign: number;
  readonly number_is_foreign: number;
  readonly own_number_is_foreign: number;
  readonly own_number_is_unread: number;
  readonly [promise: `has_${string}`]: number;
}

const facts = statement<BaseValues & Readonly<Record<keyof typeof NOTHING, string | null>>>(
  (param) => {
    const ofSession = (column: string): RawBuilder<unknown> =>
      sql`(SELECT ${sql.ref(column)} FROM onboarding_sessions WHERE ${thisSession(param)})`;
    return build.selectNoFrom([
      ofSession("current_step").as("current_step"),
      ofSession("status").as("status"),
      sql`EXISTS (SELECT 1 FROM users WHERE id = ${param("user")} AND tenant_id <> ${param("tenant")})`.as(
        "user_is_foreign",
      ),
      sql`(${emailTaken(param)} OR EXISTS (SELECT 1 FROM tenants WHERE email = ${param("tenantEmail")} AND id <> ${param("tenant")})
      OR EXISTS (SELECT 1 FROM users WHERE email = ${param("userEmail")} AND id <> ${param("user")}))`.as(
        "email_is_foreign",
      ),
      phoneTaken(param).as("number_is_foreign"),
      currentPhoneTaken(param).as("own_number_is_foreign"),
      currentPhoneUnreadable(param).as("own_number_is_unread"),
      ...COMPLETION_CONDITIONS.map(({ step, holds }) => holds(param).as(`has_${step}`)),
    ]);
  },
);

function factsOf(d1: D1Database, claims: Claims): D1PreparedStatement {
  return facts(d1, { ...NOTHING, ...claims });
}

/** Null: nothing stands in the way any more, so that it may be tried again. */
export async function rejectionReason(
  d1: D1Database,
  step: StepName | "whole",
  claims: Claims,
): Promise<OpsError | null> {
  const found = await factsOf(d1, claims).first<Facts>();
  return found === null ? null : reasonOf(step, claims, found);
}

/** The same of many that are still to be sent as a whole, in one request that changes nothing. */
export async function rejectionReasons(
  d1: D1Database,
  many: readonly Claims[],
): Promise<(OpsError | null)[]> {
  const answers = await d1.batch<Facts>(many.map((claims) => factsOf(d1, claims)));
  return many.map((claims, i) => {
    const found = answers[i]?.results[0];
    return found === undefined ? null : reasonOf("whole", claims, found);
  });
}

/** What is nobody's fault but the caller's comes first, then what has to be settled with others. */
function reasonOf(step: StepName | "whole", claims: Claims, found: Facts): OpsError | null {
  const reason =
    step === "start" || step === "whole"
      ? found.user_is_foreign === 1
        ? forbidden("user-of-another-tenant")
        : null
      : sessionProblem(step, claims, found);
  return reason ?? ownershipConflict(step, found);
}

/** The session is not there, is over, or is not so far. */
function sessionProblem(step: StepName, claims: Claims, found: Facts): OpsError | null {
  const { status, current_step: current } = found;
  if (status === null || current === null) {
    return sessionNotFound(claims.session ?? claims.key ?? "");
  }
  if (status === "abandoned") return conflict("session-abandoned");
  if (status === "completed" && step !== "complete") return conflict("session-completed");
  const missing = new Set(missingBefore(step, current));
  if (step === "complete") {
    for (const promise of COMPLETION_CONDITIONS) {
      if (found[`has_${promise.step}`] === 0) missing.add(promise.step);
    }
  }
  if (step === "assistant" && found.own_number_is_unread === 1) missing.add("business");
  return missing.size > 0 ? outOfOrder(step, [...missing]) : null;
}

function ownershipConflict(step: StepName | "whole", found: Facts): OpsError | null {
  const number =
    found.number_is_foreign === 1 || (step === "assistant" && found.own_number_is_foreign === 1);
  if (number) return conflict("number-taken");
  return found.email_is_foreign === 1 ? conflict("email-taken") : null;
}
