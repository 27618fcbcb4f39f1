/**
 * The assistant's greeting, as callers hear it.
 * @module
 */
import { GREETINGS } from "../onboarding/voices.ts";

export interface GreetingValues {
  readonly agent_name: string | null;
  readonly company_name: string | null;
  readonly voice_language: string | null;
  readonly voice: string | null;
}

/** Empty if the voice or the language was configured by hand: its greeting is unknown here. */
export function greetingOf(values: GreetingValues): string {
  const found = GREETINGS.find(
    ({ language, voice }) => language === values.voice_language && voice === values.voice,
  );
  if (found === undefined) return "";
  const { before, between, after } = found;
  const text = `${before}${values.agent_name || "…"}${between}${values.company_name || "…"}${after}`;
  return text.replaceAll(/ (?=[?!:;])/g, "\u00A0");
}
