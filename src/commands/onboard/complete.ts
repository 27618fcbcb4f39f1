/** @module `onboard complete`: ends the session and activates the tenant's agent. */
import { optionsOf } from "../../options/check-options.ts";
import type { Report } from "../../report/report.ts";
import { runSessionStep } from "./step.ts";
import { type OnboardSessionOptions, SESSION } from "./session-options.ts";

const readOptions = optionsOf<OnboardSessionOptions>("onboardComplete", SESSION);

export async function onboardComplete(given: OnboardSessionOptions): Promise<Report> {
  const options = readOptions(given);
  return runSessionStep("complete", options, async (onboarding, caller) =>
    onboarding.complete(caller, options.session),
  );
}
