/** @module `onboard status`: the steps of a session. Only reads, by default from the local database. */
import { openOnboarding } from "../../onboarding/onboarding.ts";
import { optionsOf } from "../../options/check-options.ts";
import { openDatabase } from "../../project/open-database.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";
import { withProject } from "../../project/project.ts";
import type { Report } from "../../report/report.ts";
import { notReady } from "../../onboarding/file/required-tables.ts";
import { portsOver } from "./options.ts";
import { sessionBody, withCommand } from "../../onboarding/file/session-report.ts";
import { callerOf, type SessionReference, SESSION_REFERENCE } from "./session-options.ts";

export interface OnboardStatusOptions extends ProjectOptions, SessionReference {}

const readOptions = optionsOf<OnboardStatusOptions>("onboardStatus", {
  ...PROJECT,
  ...SESSION_REFERENCE,
});

export async function onboardStatus(given: OnboardStatusOptions): Promise<Report> {
  return withProject("onboard status", readOptions(given), async (project) => {
    const { options } = project;
    const { d1, target } = await openDatabase(project, "read");
    try {
      const caller = await callerOf(d1, options);
      const state = await openOnboarding(portsOver(d1)).status(caller, options.session);
      return sessionBody(caller.tenant, state);
    } catch (error) {
      throw notReady(withCommand(error, options.session), target);
    }
  });
}
