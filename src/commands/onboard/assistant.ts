/** @module `onboard assistant`: configures the agent that answers. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import type { Report } from "../../report/report.ts";
import { runSessionStep } from "./step.ts";
import { type OnboardSessionOptions, SESSION } from "./session-options.ts";

export interface OnboardAssistantOptions extends OnboardSessionOptions {
  readonly name: string;
  /** An omitted value does not change. */
  readonly type?: string;
  readonly voice?: string;
  readonly language?: string;
  readonly appointments?: boolean;
  readonly products?: boolean;
}

const readOptions = optionsOf<OnboardAssistantOptions>("onboardAssistant", {
  ...SESSION,
  name: kinds.text,
  type: kinds.optional(kinds.text),
  voice: kinds.optional(kinds.text),
  language: kinds.optional(kinds.text),
  appointments: kinds.optional(kinds.flag),
  products: kinds.optional(kinds.flag),
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
  return runSessionStep("assistant", options, async (onboarding, caller) =>
    onboarding.saveAssistant(caller, session, input),
  );
}
