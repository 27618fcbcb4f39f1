/**
 * Which step the page shows: it follows from how the session stands, and from nothing else.
 * @module
 */
import type { SessionState } from "../onboarding/state.ts";
import { DONE, missingBefore, type StepName } from "../onboarding/steps.ts";

/** `start` is no page: it is what opens it. */
export const SHOWN = ["business", "agents", "assistant", "knowledge", "complete"] as const;
export type ShownStep = (typeof SHOWN)[number];
export type PageStep = ShownStep | "done";

export type Standing = Pick<SessionState, "status" | "current_step">;

/** The first step that is not done. */
export function stepOf({ status, current_step }: Standing): PageStep {
  if (status === "completed") return "done";
  return SHOWN.find((step) => step === "complete" || DONE[step] > current_step) ?? "complete";
}

/** A step can be gone to once those before it are done; a session that is over has only its end. */
export function mayShow(standing: Standing, step: PageStep): boolean {
  if (standing.status === "completed") return step === "done";
  return step !== "done" && missingBefore(step, standing.current_step).length === 0;
}

/** Where a step that was saved leads. */
export function after(standing: Standing, step: ShownStep): PageStep {
  const next = SHOWN[SHOWN.indexOf(step) + 1];
  return next !== undefined && mayShow(standing, next) ? next : stepOf(standing);
}

export function before(step: ShownStep): ShownStep | null {
  return SHOWN[SHOWN.indexOf(step) - 1] ?? null;
}

/** Of an address, `#assistant`: the step that is asked for, if it may be shown. */
export function stepIn(fragment: string, standing: Standing): PageStep {
  const asked = SHOWN.find((step) => `#${step}` === fragment);
  return asked !== undefined && mayShow(standing, asked) ? asked : stepOf(standing);
}

/** The step to go to where the Worker says what is missing. */
export function firstMissing(missing: readonly string[]): ShownStep | null {
  return SHOWN.find((step: StepName) => missing.includes(step)) ?? null;
}
