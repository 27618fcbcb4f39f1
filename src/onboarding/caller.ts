/**
 * Who asks, about which session, and when: what every statement of a step binds.
 * @module
 */
import { identity, problemsOf } from "./input.ts";
import { type Caller, momentOf, type Ports } from "./ports.ts";
import { forbidden, invalidInput } from "./problem.ts";
import type { At } from "./session.ts";

/** Names that stood for everybody who did not say who he was. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(["default", "anonymous"]);

/** @throws OpsError ONBOARDING_INVALID, ONBOARDING_FORBIDDEN */
export function atOf(
  { tenant, user }: Caller,
  {
    session = null,
    key = null,
  }: { readonly session?: string | null; readonly key?: string | null },
  ports: Pick<Ports, "now">,
): At {
  const problems = Object.entries({ tenant, user }).flatMap(([name, value]) => {
    const parsed = identity.safeParse(value);
    return parsed.success ? [] : problemsOf(parsed.error).map((one) => ({ ...one, path: name }));
  });
  if (problems.length > 0) throw invalidInput(problems);
  if (PLACEHOLDERS.has(tenant) || PLACEHOLDERS.has(user)) throw forbidden("placeholder-identity");
  return { tenant, user, session, key, now: momentOf(ports) };
}
