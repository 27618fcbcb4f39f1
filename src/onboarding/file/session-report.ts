/**
 * What a report says of a session: its steps, and the command that does the next one.
 * @module
 */
import { isOnboardingError, type OnboardingError } from "../errors.ts";
import type { SessionState } from "../session-state.ts";
import { DONE, type StepName, STEPS } from "../steps.ts";
import { command, offer } from "../../report/command.ts";
import { withText } from "../../report/error-class.ts";
import type { Report, Step } from "../../report/report.ts";
import type { Body } from "../../report/report-body.ts";

/** What is still to be filled in, in capitals. */
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

/** The library knows of no commands: where one is what to type next, it is said. Every other error stays what it is. */
export function withCommand(error: unknown, session: string): unknown {
  if (!isOnboardingError(error)) return error;
  const hint = commandAfter(error, session);
  return hint === null ? error : withText(error, { message: error.message, hint });
}

function commandAfter({ code, details }: OnboardingError, session: string): string | null {
  const start = command("onboard start", ...FLAGS.start);
  if (code === "ONBOARDING_NOT_FOUND") return offer("To begin one, and print its id", start);
  if ("missing" in details) {
    const first = STEPS.find((name) => name === details.missing[0]);
    return first === undefined
      ? null
      : offer("Nothing was changed. First", nextCommand(first, session));
  }
  const over = "reason" in details && details.reason.startsWith("session-");
  return over ? offer("Nothing was changed. To begin another one", start) : null;
}

function nextCommand(step: StepName, session: string): string {
  const names = step === "start" ? [] : [session];
  return command(`onboard ${step}`, ...names, ...FLAGS[step]);
}

function stepOf(name: StepName, { current_step, status }: SessionState): Step {
  const done = name === "complete" ? status === "completed" : DONE[name] <= current_step;
  const nothing = { durationMs: null, rowsRead: null, rowsWritten: null };
  if (done) return { name, status: "done", ...nothing };
  if (status === "in_progress") return { name, status: "planned", ...nothing };
  return { name, status: "skipped", ...nothing, note: status };
}
