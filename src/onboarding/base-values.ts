/**
 * Who asks, about which session, and when: what every statement of a step binds.
 * @module
 */
import { z } from "zod";
import { identity, parseInput } from "./input.ts";
import { type Caller, momentOf, type Ports } from "./ports.ts";
import { forbidden, sessionNotFound } from "./problem.ts";
import type { BaseValues } from "./session.ts";

/** Names that stood for everybody who did not say who he was. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(["default", "anonymous"]);

const caller: z.ZodType<Caller> = z.object({ tenant: identity, user: identity });

/**
 * A session that cannot be one is not there: it is not asked for.
 * @throws OpsError ONBOARDING_INVALID, ONBOARDING_FORBIDDEN, ONBOARDING_NOT_FOUND
 */
export function baseValues(
  asking: Caller,
  {
    session = null,
    key = null,
  }: { readonly session?: string | null; readonly key?: string | null },
  ports: Pick<Ports, "now">,
): BaseValues {
  const { tenant, user } = parseInput(caller, asking);
  if (PLACEHOLDERS.has(tenant.toLowerCase()) || PLACEHOLDERS.has(user.toLowerCase())) {
    throw forbidden("placeholder-identity");
  }
  if (session !== null && !identity.safeParse(session).success) {
    throw sessionNotFound(typeof session === "string" ? session.slice(0, 128) : "");
  }
  return { tenant, user, session, key, now: momentOf(ports) };
}
