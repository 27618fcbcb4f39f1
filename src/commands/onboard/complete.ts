/**
 * `onboard complete`: ends the session, and lets the tenant's agent answer.
 * @module
 */
import { optionsOf } from "../../options/check-options.ts";
import type { Report } from "../../report/report.ts";
import { continueSession } from "./step.ts";
import { type OnboardSessionOptions, SESSION } from "./whose.ts";

const readOptions = optionsOf<OnboardSessionOptions>("onboardComplete", SESSION);

export async function onboardComplete(given: OnboardSessionOptions): Promise<Report> {
  const options = readOptions(given);
  return continueSession("complete", options, async (onboarding, caller) =>
    onboarding.complete(caller, options.session),
  );
}
