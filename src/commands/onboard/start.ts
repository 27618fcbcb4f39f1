/** @module `onboard start`: starts the session of a tenant, or resumes the open one. */
import type { Caller } from "../../onboarding/ports.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import type { Report } from "../../report/report.ts";
import { ONBOARD, type OnboardOptions } from "./options.ts";
import { runStep } from "./step.ts";

export interface OnboardStartOptions extends OnboardOptions, Caller {
  /** The address of the tenant and its first user, if they are new. */
  readonly email?: string;
  /** The same key finds the same session. Without a key, the verb resumes the user's open session. */
  readonly key?: string;
}

const readOptions = optionsOf<OnboardStartOptions>("onboardStart", {
  ...ONBOARD,
  tenant: kinds.text,
  user: kinds.text,
  email: kinds.optional(kinds.text),
  key: kinds.optional(kinds.text),
});

/** Returns the session's id as `data.session`. */
export async function onboardStart(given: OnboardStartOptions): Promise<Report> {
  const options = readOptions(given);
  const { tenant, user, email, key } = options;
  const caller = { tenant, user };
  const input = { ...(email !== undefined && { email }) };
  return runStep(
    "start",
    options,
    async () => caller,
    async (onboarding) => {
      const { session } = await onboarding.start(caller, input, key);
      return onboarding.status(caller, session);
    },
  );
}
