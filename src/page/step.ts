/**
 * What a step is handed, and what it makes of it.
 * @module
 */
import type { Session } from "./answers.ts";
import type { Api } from "./api.ts";
import type { Answer, Failure } from "./failure.ts";
import type { Draft } from "./kept.ts";
import type { ShownStep } from "./state.ts";
import type { Words } from "./words/words.ts";

export interface StepPorts {
  readonly words: Words;
  readonly api: Api;
  readonly session: Session;
  /** What was typed here and is not saved. */
  readonly draft: Draft;
  readonly typed: (draft: Draft) => void;
  readonly announce: (text: string) => void;
  readonly go: (to: ShownStep) => void;
  readonly back: (() => void) | null;
  /** A step was saved, or not: null where the page has gone on. `keep`: of the draft, what the session does not tell. */
  readonly settle: (answer: Answer<Session>, keep?: Draft) => Failure | null;
}

export interface StepView {
  readonly heading: string;
  readonly children: readonly HTMLElement[];
}

/** Wrong before there is anything to fill in: it is told, and can be tried again. */
export type Step = (ports: StepPorts) => StepView | Promise<StepView | Failure>;
