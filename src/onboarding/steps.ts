/**
 * The steps of a session in their order, and the numbers by which `current_step` knows them.
 * @module
 */

export const STEPS = ["start", "business", "agents", "assistant", "knowledge", "complete"] as const;
export type StepName = (typeof STEPS)[number];

/** What `current_step` is once the step is done. There never was a second one. */
export const DONE: Readonly<Record<StepName, number>> = {
  start: 1,
  business: 3,
  agents: 4,
  assistant: 5,
  knowledge: 6,
  complete: 6,
};

/** What `current_step` has to be at least before the step. A step may be done again. */
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
