/**
 * The values that every statement of a step binds: the caller, the session and the time.
 * @module
 */
import { z } from "zod";
import { identity, parseInput } from "./input.ts";
import { type Caller, type Ports, timestamp } from "./ports.ts";
import { forbidden, sessionNotFound } from "./step-errors.ts";
import type { BaseValues } from "./session.ts";

/** The names that older systems used for users and tenants that they did not know. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(["default", "anonymous"]);

const callerSchema: z.ZodType<Caller> = z.object({ tenant: identity, user: identity });

/**
 * Checks the caller. Reports a malformed session id as not found, without a query.
 * @throws OpsError ONBOARDING_INVALID, ONBOARDING_FORBIDDEN, ONBOARDING_NOT_FOUND
 */
export function baseValues(
  caller: Caller,
  {
    session = null,
    key = null,
  }: { readonly session?: string | null; readonly key?: string | null },
  ports: Pick<Ports, "now">,
): BaseValues {
  const { tenant, user } = parseInput(callerSchema, caller);
  if (PLACEHOLDERS.has(tenant.toLowerCase()) || PLACEHOLDERS.has(user.toLowerCase())) {
    throw forbidden("placeholder-identity");
  }
  if (session !== null && !identity.safeParse(session).success) {
    throw sessionNotFound(typeof session === "string" ? session.slice(0, 128) : "");
  }
  return { tenant, user, session, key, now: timestamp(ports) };
}
