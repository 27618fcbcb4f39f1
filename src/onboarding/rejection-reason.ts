/** @module The reason why a batch was rejected. The database reports only that a guard failed, so a query finds the reason afterwards. */
import { sql } from "kysely";
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import type { OpsError } from "../report/error.ts";
import { emailTaken } from "./email-address.ts";
import { COMPLETION_CONDITIONS } from "./complete-step.ts";
import { currentPhoneUnreadable, currentPhoneTaken, phoneTaken } from "./phone-mapping.ts";
import { conflict, forbidden, outOfOrder, sessionNotFound } from "./errors.ts";
import { type BaseValues, thisSession } from "./session.ts";
import { statement } from "./statement.ts";
import { missingBefore, type StepName } from "./steps.ts";

/** The values of a step that another tenant may have. Absent: the step does not write such a value. */
export interface Claims extends BaseValues {
  /** E.164. */
  readonly phone?: string | null;
  readonly email?: string | null;
  /** The addresses of a new tenant and a new user. */
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
  readonly own_number_is_unreadable: number;
  readonly [condition: `has_${string}`]: number;
}

const facts = statement<BaseValues & Readonly<Record<keyof typeof NOTHING, string | null>>>(
  (param) => {
    const ofSession = sql`FROM onboarding_sessions WHERE ${thisSession(param)}`;
    const conditions = COMPLETION_CONDITIONS.map(
      ({ step, holds }) => sql`${holds(param)} AS ${sql.ref(`has_${step}`)}`,
    );
    return sql`SELECT (SELECT current_step ${ofSession}) AS current_step, (SELECT status ${ofSession}) AS status,
  EXISTS (SELECT 1 FROM users WHERE id = ${param("user")} AND tenant_id <> ${param("tenant")}) AS user_is_foreign,
  (${emailTaken(param)} OR EXISTS (SELECT 1 FROM tenants WHERE email = ${param("tenantEmail")} AND id <> ${param("tenant")})
    OR EXISTS (SELECT 1 FROM users WHERE email = ${param("userEmail")} AND id <> ${param("user")})) AS email_is_foreign,
  ${phoneTaken(param)} AS number_is_foreign, ${currentPhoneTaken(param)} AS own_number_is_foreign,
  ${currentPhoneUnreadable(param)} AS own_number_is_unreadable, ${sql.join(conditions)}`;
  },
);

function factsOf(d1: D1Database, claims: Claims): D1PreparedStatement {
  return facts(d1, { ...NOTHING, ...claims });
}

/** Null if there is no reason any more, so that the batch can be sent again. */
export async function rejectionReason(
  d1: D1Database,
  step: StepName | "whole",
  claims: Claims,
): Promise<OpsError | null> {
  const found = await factsOf(d1, claims).first<Facts>();
  return found === null ? null : reasonOf(step, claims, found);
}

/** The reasons why whole tenants would be rejected, in one read-only request. */
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

/** The caller's own errors come first, then conflicts with other tenants. */
function reasonOf(step: StepName | "whole", claims: Claims, found: Facts): OpsError | null {
  const reason =
    step === "start" || step === "whole" ? userProblem(found) : sessionProblem(step, claims, found);
  return reason ?? ownershipConflict(step, found);
}

function userProblem({ user_is_foreign: isForeign }: Facts): OpsError | null {
  return isForeign === 1 ? forbidden("user-of-another-tenant") : null;
}

/** The session does not exist, has ended, or lacks earlier steps. */
function sessionProblem(step: StepName, claims: Claims, found: Facts): OpsError | null {
  const { status, current_step: current } = found;
  if (status === null || current === null) {
    return sessionNotFound(claims.session ?? claims.key ?? "");
  }
  if (status === "abandoned") return conflict("session-abandoned");
  if (status === "completed" && step !== "complete") return conflict("session-completed");
  const missing = new Set(missingBefore(step, current));
  if (step === "complete") {
    for (const condition of COMPLETION_CONDITIONS) {
      if (found[`has_${condition.step}`] === 0) missing.add(condition.step);
    }
  }
  if (step === "assistant" && found.own_number_is_unreadable === 1) missing.add("business");
  return missing.size > 0 ? outOfOrder(step, [...missing]) : null;
}

function ownershipConflict(step: StepName | "whole", found: Facts): OpsError | null {
  const numberTaken =
    found.number_is_foreign === 1 || (step === "assistant" && found.own_number_is_foreign === 1);
  if (numberTaken) return conflict("number-taken");
  return found.email_is_foreign === 1 ? conflict("email-taken") : null;
}
