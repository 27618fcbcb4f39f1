/**
 * One sign for each state. Their shapes differ, so they do not depend on colour.
 * @module
 */
import type { Check, Outcome, Step } from "./report.ts";
import type { Paint, TextOptions } from "./text-options.ts";

export type State = Step["status"] | Check["outcome"];

const marks: Record<State, readonly [unicode: string, ascii: string, colour: keyof Paint]> = {
  done: ["✓", "+", "green"],
  planned: ["○", "o", "cyan"],
  failed: ["✗", "x", "red"],
  skipped: ["–", "-", "dim"],
  pass: ["✓", "+", "green"],
  warn: ["▲", "!", "yellow"],
  fail: ["✗", "x", "red"],
  "not-checked": ["?", "?", "yellow"],
};

const states: Record<Outcome, State> = {
  ok: "done",
  changed: "done",
  problems: "fail",
  failed: "failed",
  partial: "warn",
};

type MarkOptions = Pick<TextOptions, "paint" | "unicode">;

export function mark(state: State, { paint, unicode }: MarkOptions): string {
  const [sign, ascii, colour] = marks[state];
  return paint[colour](unicode ? sign : ascii);
}

export function outcomeMark(outcome: Outcome, options: MarkOptions): string {
  return mark(states[outcome], options);
}
