/**
 * The session that a step is about, and whose it is.
 * @module
 */
import type { D1Database } from "../../database/port.ts";
import { onboardingError } from "../../onboarding/errors.ts";
import type { Caller } from "../../onboarding/ports.ts";
import * as kinds from "../../options/kinds.ts";
import { optional, type Shape } from "../../options/kinds.ts";
import { command, offer } from "../../report/command.ts";
import { ONBOARD, type OnboardOptions } from "./options.ts";

export interface OnboardSessionOptions extends OnboardOptions, Partial<Caller> {
  /** What `onboardStart` has answered: `data.session`. */
  readonly session: string;
}

export type Whose = Pick<OnboardSessionOptions, "session" | "tenant" | "user">;

export const WHOSE: Shape<Whose> = {
  session: kinds.name,
  tenant: optional(kinds.text),
  user: optional(kinds.text),
};

export const SESSION: Shape<OnboardSessionOptions> = { ...ONBOARD, ...WHOSE };

/** Whoever works with the database itself need not say whose the session is. @throws OpsError ONBOARDING_NOT_FOUND */
export async function callerOf(d1: D1Database, { session, tenant, user }: Whose): Promise<Caller> {
  if (tenant !== undefined && user !== undefined) return { tenant, user };
  const row = await d1
    .prepare("SELECT tenant_id AS tenant, user_id AS user FROM onboarding_sessions WHERE id = ?")
    .bind(session)
    .first<Caller>();
  if (row !== null) return { tenant: tenant ?? row.tenant, user: user ?? row.user };
  throw onboardingError(
    "ONBOARDING_NOT_FOUND",
    { session },
    {
      message: `There is no onboarding session ${session}.`,
      hint: offer(
        "To begin one, and print its id",
        command("onboard start", "--tenant", "TENANT", "--user", "USER"),
      ),
    },
  );
}
