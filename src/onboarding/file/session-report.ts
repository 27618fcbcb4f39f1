/** @module The report of a session: its steps, and the command for the next one. */
import { isOnboardingError, type OnboardingError } from "../errors.ts";
import type { SessionState } from "../session-state.ts";
import { DONE, type StepName, STEPS } from "../steps.ts";
import { offer } from "../../report/command.ts";
import { command } from "./onboarding-verbs.ts";
import { withText } from "../../report/error-class.ts";
import type { Report, Step } from "../../report/report.ts";
import { type Body, step } from "../../report/report-body.ts";

/** The required flags of each step. Capitals are placeholders. */
const FLAGS: Readonly<Record<StepName, readonly string[]>> = {
  start: ["--tenant", "TENANT", "--user", "USER"],
  business: ["--company", "NAME", "--industry", "SECTOR", "--phone", "NUMBER"],
  agents: [],
  assistant: ["--name", "NAME"],
  knowledge: ["--document", "FILE"],
  complete: [],
};

export function sessionBody(tenant: string, state: SessionState): Body & Pick<Report, "summary"> {
  const steps = STEPS.map((name) => stepOf(name, state));
  const open =
    state.status === "in_progress" ? steps.find(({ status }) => status !== "done") : undefined;
  const next = STEPS.find((name) => name === open?.name);
  const done = steps.filter(({ status }) => status === "done").length;
  return {
    outcome: "ok",
    summary:
      next === undefined
        ? `${tenant}: ${state.status === "completed" ? "onboarded" : state.status}`
        : `${tenant}: ${done} of ${STEPS.length} steps done, ${next} is next`,
    steps,
    data: { session: state.id, tenant, state: { ...state } },
    next: next === undefined ? [] : [nextCommand(next, state.id)],
  };
}

/** The report of one step. A dry run ran on a copy, so there is nothing to continue. */
export function stepBody(tenant: string, state: SessionState, dry: boolean): Body {
  const body = sessionBody(tenant, state);
  return dry
    ? { ...body, summary: `On a copy that was discarded: ${body.summary}`, next: [] }
    : { ...body, outcome: "changed" };
}

/** Adds the next command to an error of the library, which knows no commands. Returns other errors unchanged. */
export function withCommand(error: unknown, session: string): unknown {
  if (!isOnboardingError(error)) return error;
  const hint = commandAfter(error, session);
  return hint === null ? error : withText(error, { message: error.message, hint });
}

function commandAfter({ code, details }: OnboardingError, session: string): string | null {
  const start = command("onboard start", ...FLAGS.start);
  if (code === "ONBOARDING_NOT_FOUND") return offer("To start one and print its id", start);
  if ("missing" in details) {
    const first = STEPS.find((name) => name === details.missing[0]);
    return first === undefined
      ? null
      : offer("Nothing was changed. Run this step first", nextCommand(first, session));
  }
  const ended = "reason" in details && details.reason.startsWith("session-");
  return ended ? offer("Nothing was changed. To start another one", start) : null;
}

function nextCommand(name: StepName, session: string): string {
  const names = name === "start" ? [] : [session];
  return command(`onboard ${name}`, ...names, ...FLAGS[name]);
}

function stepOf(name: StepName, { current_step, status }: SessionState): Step {
  const done = name === "complete" ? status === "completed" : DONE[name] <= current_step;
  if (done) return step(name, "done");
  return status === "in_progress" ? step(name, "planned") : step(name, "skipped", status);
}
