/**
 * `onboard business`: what the tenant's business is.
 * @module
 */
import * as kinds from "../../options/kinds.ts";
import { optional } from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import type { Report } from "../../report/report.ts";
import { continueSession } from "./step.ts";
import { type OnboardSessionOptions, SESSION } from "./whose.ts";

export interface OnboardBusinessOptions extends OnboardSessionOptions {
  readonly company: string;
  readonly industry: string;
  /** Without it the tenant has none. */
  readonly phone?: string;
  readonly email?: string;
}

const readOptions = optionsOf<OnboardBusinessOptions>("onboardBusiness", {
  ...SESSION,
  company: kinds.text,
  industry: kinds.text,
  phone: optional(kinds.text),
  email: optional(kinds.text),
});

export async function onboardBusiness(given: OnboardBusinessOptions): Promise<Report> {
  const options = readOptions(given);
  const { session, company, industry, phone, email } = options;
  const input = { company_name: company, industry, phone, email };
  return continueSession("business", options, async (onboarding, caller) =>
    onboarding.saveBusiness(caller, session, input),
  );
}
