/** @module The steps of a session in their order, and their numbers in `current_step`. */

export const STEPS = ["start", "business", "agents", "assistant", "knowledge", "complete"] as const;
export type StepName = (typeof STEPS)[number];

/** The value of `current_step` after the step. The number 2 was never used. */
export const DONE: Readonly<Record<StepName, number>> = {
  start: 1,
  business: 3,
  agents: 4,
  assistant: 5,
  knowledge: 6,
  complete: 6,
};

/** The lowest `current_step` at which the step is allowed. A step can be repeated. */
export function needs(step: StepName): number {
  const before = STEPS[STEPS.indexOf(step) - 1];
  return before === undefined ? 0 : DONE[before];
}

/** The steps before `step` that a session at `current` has not done. */
export function missingBefore(step: StepName, current: number): StepName[] {
  return STEPS.slice(0, STEPS.indexOf(step)).filter((name) => DONE[name] > current);
}

/** Percent. */
export function progressAt(current: number): number {
  return Math.round((Math.min(current, DONE.knowledge) * 90) / DONE.knowledge);
}
