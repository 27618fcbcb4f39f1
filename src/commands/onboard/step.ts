/** @module Runs one step of one tenant, for the verbs of the steps. */
import { untilKnown } from "../../failure/retry.ts";
import type { D1Database } from "../../database/port.ts";
import { type Onboarding, openOnboarding } from "../../onboarding/onboarding.ts";
import type { Caller } from "../../onboarding/ports.ts";
import type { SessionState } from "../../onboarding/session-state.ts";
import type { StepName } from "../../onboarding/steps.ts";
import { command } from "../../onboarding/file/onboarding-verbs.ts";
import { offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Report, Target } from "../../report/report.ts";
import { sameCommand } from "../../project/command-line.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import { requireUninterrupted } from "../../project/interruption.ts";
import { type Project, withWritingProject } from "../../project/project.ts";
import { openForOnboarding } from "./database.ts";
import { notReady } from "../../onboarding/file/required-tables.ts";
import { type OnboardOptions, onboardingSettings, portsOver } from "./options.ts";
import { stepBody, withCommand } from "../../onboarding/file/session-report.ts";
import { callerOf, type OnboardSessionOptions } from "./session-options.ts";

/** `start` creates the session. */
type StepOptions = OnboardOptions & { readonly session?: string };

type StepWork = (onboarding: Onboarding, caller: Caller) => Promise<SessionState>;

/** A step of an existing session. */
export async function runSessionStep(
  step: StepName,
  options: OnboardSessionOptions,
  work: StepWork,
): Promise<Report> {
  return runStep(
    step,
    options,
    async (d1) => callerOf(d1, options),
    async (onboarding, caller) => {
      try {
        return await work(onboarding, caller);
      } catch (error) {
        throw withCommand(error, options.session);
      }
    },
  );
}

export async function runStep(
  step: StepName,
  options: StepOptions,
  findCaller: (d1: D1Database) => Promise<Caller>,
  work: StepWork,
): Promise<Report> {
  const settings = onboardingSettings(options);
  return withWritingProject(`onboard ${step}`, options, async (project) => {
    const dry = options.dryRun === true;
    if (dry) requireCopy(project);
    const { d1, target } = await openForOnboarding(project);
    try {
      const caller = await findCaller(d1);
      await confirmStep(project, step, caller, target);
      requireUninterrupted(project);
      const onboarding = openOnboarding(portsOver(d1), settings);
      // A repeated step changes nothing more, so a lost answer is retried.
      const state = await untilKnown(project.sleep, async () => work(onboarding, caller));
      return stepBody(caller.tenant, state, dry);
    } catch (error) {
      throw notReady(error, target);
    }
  });
}

async function confirmStep(
  project: Project<StepOptions>,
  step: StepName,
  { tenant }: Caller,
  target: Target,
): Promise<void> {
  await requireConfirmation(project, {
    action: `run the step ${step} of ${tenant}`,
    target,
    preview: offer("To see its steps", statusCommand(project)),
  });
}

/** @throws OpsError USAGE if the database is remote */
function requireCopy(project: Project<StepOptions>): void {
  project.byPlace({ local: () => {}, remote: () => refuseDryRun(project) })();
}

function refuseDryRun(project: Project<StepOptions>): never {
  const message =
    "--dry-run runs a step on a copy of the database, and d1ops does not copy a remote database for it.";
  const hint = [
    offer("To try it on a copy of the local database", sameCommand(project, "--local")),
    offer("To see the steps of a session", statusCommand(project)),
  ].join("\n");
  throw new OpsError("USAGE", { argument: "--dry-run" }, { message, hint });
}

function statusCommand({ options }: Project<StepOptions>): string {
  return command("onboard status", options.session ?? "SESSION");
}
