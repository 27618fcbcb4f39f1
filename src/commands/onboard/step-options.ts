/**
 * The options of the steps of onboarding. What a step makes of the values is the step's own business: it knows all that is wrong with them.
 * @module
 */
import type { Caller } from "../../onboarding/ports.ts";
import * as kinds from "../../options/kinds.ts";
import { optional, type Shape } from "../../options/kinds.ts";
import { optionsOf, type ReadOptions } from "../../options/read.ts";
import { ONBOARD, type OnboardOptions } from "./options.ts";
import { PROJECT, type ProjectOptions } from "../../project/options.ts";

export interface OnboardStartOptions extends OnboardOptions, Caller {
  /** Of the tenant and its first user, where they are new. */
  readonly email?: string;
  /** The same key finds the same session; without one the user's open session is gone on with. */
  readonly key?: string;
}

export interface OnboardSessionOptions extends OnboardOptions, Partial<Caller> {
  /** What `onboardStart` has answered: `data.session`. */
  readonly session: string;
}

export interface OnboardBusinessOptions extends OnboardSessionOptions {
  readonly company: string;
  readonly industry: string;
  /** Without it the tenant has none. */
  readonly phone?: string;
  readonly email?: string;
}

export interface OnboardAssistantOptions extends OnboardSessionOptions {
  readonly name: string;
  /** What is absent of these stays as it is. */
  readonly type?: string;
  readonly voice?: string;
  readonly language?: string;
  readonly appointments?: boolean;
  readonly products?: boolean;
}

export interface OnboardKnowledgeOptions extends OnboardSessionOptions {
  /** Paths, relative to `cwd`; none: the step is done without any. */
  readonly documents: readonly string[];
  /** Of the only document. Default: the name of its file. */
  readonly title?: string;
}

export interface OnboardStatusOptions
  extends ProjectOptions, Pick<OnboardSessionOptions, "session" | "tenant" | "user"> {}

const WHOSE = {
  session: kinds.name,
  tenant: optional(kinds.text),
  user: optional(kinds.text),
};

const SESSION: Shape<OnboardSessionOptions> = { ...ONBOARD, ...WHOSE };

export const start: ReadOptions<OnboardStartOptions> = optionsOf<OnboardStartOptions>(
  "onboardStart",
  {
    ...ONBOARD,
    tenant: kinds.text,
    user: kinds.text,
    email: optional(kinds.text),
    key: optional(kinds.text),
  },
);

export const business: ReadOptions<OnboardBusinessOptions> = optionsOf<OnboardBusinessOptions>(
  "onboardBusiness",
  {
    ...SESSION,
    company: kinds.text,
    industry: kinds.text,
    phone: optional(kinds.text),
    email: optional(kinds.text),
  },
);

export const agents: ReadOptions<OnboardSessionOptions> = optionsOf<OnboardSessionOptions>(
  "onboardAgents",
  SESSION,
);

export const assistant: ReadOptions<OnboardAssistantOptions> = optionsOf<OnboardAssistantOptions>(
  "onboardAssistant",
  {
    ...SESSION,
    name: kinds.text,
    type: optional(kinds.text),
    voice: optional(kinds.text),
    language: optional(kinds.text),
    appointments: optional(kinds.flag),
    products: optional(kinds.flag),
  },
);

export const knowledge: ReadOptions<OnboardKnowledgeOptions> = optionsOf<OnboardKnowledgeOptions>(
  "onboardKnowledge",
  { ...SESSION, documents: kinds.listOf(kinds.path), title: optional(kinds.text) },
);

export const complete: ReadOptions<OnboardSessionOptions> = optionsOf<OnboardSessionOptions>(
  "onboardComplete",
  SESSION,
);

export const status: ReadOptions<OnboardStatusOptions> = optionsOf<OnboardStatusOptions>(
  "onboardStatus",
  { ...PROJECT, ...WHOSE },
);
