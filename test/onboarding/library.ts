/** @module The library as a client of the scenarios. */
import { type Onboarding, openOnboarding } from "../../src/onboarding/onboarding.ts";
import type { OnboardingSettings, Ports } from "../../src/onboarding/ports.ts";
import type { Answer, Client } from "./contract.ts";
import { RESERVED } from "./databases.ts";
import { outcomeOf } from "./outcome.ts";

export function libraryOver(ports: Ports, settings: OnboardingSettings = {}): Onboarding {
  return openOnboarding(ports, { reserved: [RESERVED], ...settings });
}

export function clientOf(onboarding: Onboarding): Client {
  return {
    act: (act, caller, session, input, key) => {
      const at = session ?? "";
      const done: Record<typeof act, () => Promise<object>> = {
        start: () => onboarding.start(caller, input, key),
        business: () => onboarding.saveBusiness(caller, at, input),
        agents: () => onboarding.generateAgents(caller, at),
        assistant: () => onboarding.saveAssistant(caller, at, input),
        knowledge: () => onboarding.addKnowledge(caller, at, input),
        complete: () => onboarding.complete(caller, at),
        status: () => onboarding.status(caller, at),
      };
      return outcomeOf<Answer>(done[act]().then((answer) => ({ ...answer })));
    },
  };
}
