/** @module `onboard business`: saves the tenant's business and phone number. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import type { Report } from "../../report/report.ts";
import { runSessionStep } from "./step.ts";
import { type OnboardSessionOptions, SESSION } from "./session-options.ts";

export interface OnboardBusinessOptions extends OnboardSessionOptions {
  readonly company: string;
  readonly industry: string;
  /** Without it, the tenant has no phone number. */
  readonly phone?: string;
  readonly email?: string;
}

const readOptions = optionsOf<OnboardBusinessOptions>("onboardBusiness", {
  ...SESSION,
  company: kinds.text,
  industry: kinds.text,
  phone: kinds.optional(kinds.text),
  email: kinds.optional(kinds.text),
});

export async function onboardBusiness(given: OnboardBusinessOptions): Promise<Report> {
  const options = readOptions(given);
  const { session, company, industry, phone, email } = options;
  const input = { company_name: company, industry, phone, email };
  return runSessionStep("business", options, async (onboarding, caller) =>
    onboarding.saveBusiness(caller, session, input),
  );
}
