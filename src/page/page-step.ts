/** @module Which step the page shows. It depends only on the session's status and progress. */
import type { SessionState } from "../onboarding/session-state.ts";
import { DONE, missingBefore, type StepName } from "../onboarding/steps.ts";

/** `start` has no page: opening the page starts the session. */
export const SHOWN = ["business", "agents", "assistant", "knowledge", "complete"] as const;
export type ShownStep = (typeof SHOWN)[number];
export type PageStep = ShownStep | "done";

export type SessionProgress = Pick<SessionState, "status" | "current_step">;

/** The first step that is not complete. */
export function stepOf({ status, current_step }: SessionProgress): PageStep {
  if (status === "completed") return "done";
  return SHOWN.find((step) => step === "complete" || DONE[step] > current_step) ?? "complete";
}

/** A step can be shown once all steps before it are complete. A completed session shows only `done`. */
export function mayShow(progress: SessionProgress, step: PageStep): boolean {
  if (progress.status === "completed") return step === "done";
  return step !== "done" && missingBefore(step, progress.current_step).length === 0;
}

/** The step to show after `step` is saved. */
export function after(progress: SessionProgress, step: ShownStep): PageStep {
  const next = SHOWN[SHOWN.indexOf(step) + 1];
  return next !== undefined && mayShow(progress, next) ? next : stepOf(progress);
}

export function before(step: ShownStep): ShownStep | null {
  return SHOWN[SHOWN.indexOf(step) - 1] ?? null;
}

/** The step that a fragment such as `#assistant` names, if it may be shown; otherwise the current step. */
export function stepIn(fragment: string, progress: SessionProgress): PageStep {
  const requested = SHOWN.find((step) => `#${step}` === fragment);
  return requested !== undefined && mayShow(progress, requested) ? requested : stepOf(progress);
}

export function firstMissing(missing: readonly string[]): ShownStep | null {
  return SHOWN.find((step: StepName) => missing.includes(step)) ?? null;
}
