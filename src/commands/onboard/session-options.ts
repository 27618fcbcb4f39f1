/** @module The options that name a session and its user. */
import type { D1Database } from "../../database/port.ts";
import { OpsError } from "../../onboarding/errors.ts";
import type { Caller } from "../../onboarding/ports.ts";
import { ownerOf } from "../../onboarding/session.ts";
import * as kinds from "../../options/kinds.ts";
import { command } from "../../onboarding/file/onboarding-verbs.ts";
import { offer } from "../../report/command.ts";
import { ONBOARD, type OnboardOptions } from "./options.ts";

export interface OnboardSessionOptions extends OnboardOptions, Partial<Caller> {
  /** `data.session` of the report of `onboardStart`. */
  readonly session: string;
}

export type SessionReference = Pick<OnboardSessionOptions, "session" | "tenant" | "user">;

export const SESSION_REFERENCE: kinds.Shape<SessionReference> = {
  session: kinds.name,
  tenant: kinds.optional(kinds.text),
  user: kinds.optional(kinds.text),
};

export const SESSION: kinds.Shape<OnboardSessionOptions> = { ...ONBOARD, ...SESSION_REFERENCE };

/** Reads the tenant and the user of the session, unless the options name them. @throws OpsError ONBOARDING_NOT_FOUND */
export async function callerOf(
  d1: D1Database,
  { session, tenant, user }: SessionReference,
): Promise<Caller> {
  if (tenant !== undefined && user !== undefined) return { tenant, user };
  const row = await ownerOf(d1, session);
  if (row !== null) return { tenant: tenant ?? row.tenant, user: user ?? row.user };
  const start = command("onboard start", "--tenant", "TENANT", "--user", "USER");
  const message = `The onboarding session ${session} does not exist.`;
  const hint = offer("To start one, and print its id", start);
  throw new OpsError("ONBOARDING_NOT_FOUND", { session }, { message, hint });
}
