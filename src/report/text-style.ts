/** @module How a text report looks: its options, colours and marks. */
import type { Check, Outcome, Step } from "./report.ts";

export interface TextOptions {
  readonly paint: Paint;
  /** Columns. `Infinity` does not wrap lines. */
  readonly width: number;
  /** Also shows every step, the rows read, the evidence and the time of the run. */
  readonly verbose: boolean;
  /** Shows only errors and warnings. Without any, the text is empty. */
  readonly quiet: boolean;
  readonly unicode: boolean;
}

/** `terminal/style.ts` makes the functions that colour. */
export type Paint = Readonly<
  Record<"red" | "yellow" | "green" | "cyan" | "dim" | "bold", (text: string) => string>
>;

const same = (text: string): string => text;

export const plain: Paint = {
  red: same,
  yellow: same,
  green: same,
  cyan: same,
  dim: same,
  bold: same,
};

export type State = Step["status"] | Check["outcome"];

/** Their shapes differ, so they do not depend on colour. */
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
