/**
 * `onboard agents`: makes the agents that the tenant's industry has.
 * @module
 */
import { optionsOf } from "../../options/check-options.ts";
import type { Report } from "../../report/report.ts";
import { continueSession } from "./step.ts";
import { type OnboardSessionOptions, SESSION } from "./whose.ts";

const readOptions = optionsOf<OnboardSessionOptions>("onboardAgents", SESSION);

export async function onboardAgents(given: OnboardSessionOptions): Promise<Report> {
  const options = readOptions(given);
  return continueSession("agents", options, async (onboarding, caller) =>
    onboarding.generateAgents(caller, options.session),
  );
}
