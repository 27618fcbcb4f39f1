/** @module `onboard agents`: creates the people to make appointments with that are usual in the tenant's industry. */
import { optionsOf } from "../../options/check-options.ts";
import type { Report } from "../../report/report.ts";
import { runSessionStep } from "./step.ts";
import { type OnboardSessionOptions, SESSION } from "./session-options.ts";

const readOptions = optionsOf<OnboardSessionOptions>("onboardAgents", SESSION);

export async function onboardAgents(given: OnboardSessionOptions): Promise<Report> {
  const options = readOptions(given);
  return runSessionStep("agents", options, async (onboarding, caller) =>
    onboarding.generateAgents(caller, options.session),
  );
}
