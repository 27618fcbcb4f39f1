/** @module The input and the result of a step's view. */
import { element } from "./dom.ts";
import type { Session } from "./read-session.ts";
import type { Api } from "./worker-api.ts";
import type { Answer, Failure } from "./call-failure.ts";
import type { Draft } from "./storage.ts";
import type { ShownStep } from "./page-step.ts";
import type { Words } from "./words/words.ts";

export interface StepPorts {
  readonly words: Words;
  readonly api: Api;
  readonly session: Session;
  /** Unsaved input of this step. */
  readonly draft: Draft;
  readonly onInput: (draft: Draft) => void;
  readonly announce: (text: string) => void;
  readonly go: (to: ShownStep) => void;
  readonly back: (() => void) | null;
  /** Handles the answer to a save: null if the page has moved on. `keep`: the part of the draft that the session does not contain. */
  readonly settle: (answer: Answer<Session>, keep?: Draft) => Failure | null;
}

export interface StepView {
  readonly heading: string;
  readonly children: readonly HTMLElement[];
}

export function stepView(
  { heading, lead }: { readonly heading: string; readonly lead: string },
  ...children: readonly HTMLElement[]
): StepView {
  return { heading, children: [element("p", { class: "lead" }, lead), ...children] };
}

/** A {@link Failure} means that the step could not be loaded; the page shows it with a button to retry. */
export type Step = (ports: StepPorts) => StepView | Promise<StepView | Failure>;
