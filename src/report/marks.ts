/**
 * One sign for each state. Their shapes differ, so they do not depend on colour.
 * @module
 */
import type { Check, Outcome, Step } from "./report.ts";
import type { Paint } from "./paint.ts";

export type State = Step["status"] | Check["outcome"];

const signs: Record<State, readonly [unicode: string, ascii: string]> = {
  done: ["✓", "+"],
  planned: ["○", "o"],
  failed: ["✗", "x"],
  skipped: ["–", "-"],
  pass: ["✓", "+"],
  warn: ["▲", "!"],
  fail: ["✗", "x"],
  "not-checked": ["?", "?"],
};

const colours: Record<State, keyof Paint> = {
  done: "green",
  planned: "cyan",
  failed: "red",
  skipped: "dim",
  pass: "green",
  warn: "yellow",
  fail: "red",
  "not-checked": "yellow",
};

const states: Record<Outcome, State> = {
  ok: "done",
  changed: "done",
  problems: "fail",
  failed: "failed",
  partial: "warn",
};

export function mark(
  state: State,
  options: { readonly paint: Paint; readonly unicode: boolean },
): string {
  const [unicode, ascii] = signs[state];
  return options.paint[colours[state]](options.unicode ? unicode : ascii);
}

export function outcomeMark(
  outcome: Outcome,
  options: { readonly paint: Paint; readonly unicode: boolean },
): string {
  return mark(states[outcome], options);
}
