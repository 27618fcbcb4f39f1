/**
 * `onboard assistant`: who answers, and how.
 * @module
 */
import * as kinds from "../../options/kinds.ts";
import { optional } from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import type { Report } from "../../report/report.ts";
import { continueSession } from "./step.ts";
import { type OnboardSessionOptions, SESSION } from "./whose.ts";

export interface OnboardAssistantOptions extends OnboardSessionOptions {
  readonly name: string;
  /** What is absent of these stays as it is. */
  readonly type?: string;
  readonly voice?: string;
  readonly language?: string;
  readonly appointments?: boolean;
  readonly products?: boolean;
}

const readOptions = optionsOf<OnboardAssistantOptions>("onboardAssistant", {
  ...SESSION,
  name: kinds.text,
  type: optional(kinds.text),
  voice: optional(kinds.text),
  language: optional(kinds.text),
  appointments: optional(kinds.flag),
  products: optional(kinds.flag),
});

export async function onboardAssistant(given: OnboardAssistantOptions): Promise<Report> {
  const options = readOptions(given);
  const { session, name, type, voice, language, appointments, products } = options;
  const input = {
    agent_name: name,
    agent_type: type,
    voice,
    language,
    enable_appointments: appointments,
    enable_products: products,
  };
  return continueSession("assistant", options, async (onboarding, caller) =>
    onboarding.saveAssistant(caller, session, input),
  );
}
