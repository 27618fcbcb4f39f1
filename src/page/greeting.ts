/**
 * How the assistant says hello, as callers will hear it.
 * @module
 */
import { GREETINGS } from "../onboarding/voices.ts";

export interface Greeted {
  readonly agent_name: string | null;
  readonly company_name: string | null;
  readonly voice_language: string | null;
  readonly voice: string | null;
}

/** Empty: of a voice or a language that was set up by hand, nobody knows. */
export function greetingOf(greeted: Greeted): string {
  const found = GREETINGS.find(
    ({ language, voice }) => language === greeted.voice_language && voice === greeted.voice,
  );
  if (found === undefined) return "";
  const { before, between, after } = found;
  const text = `${before}${greeted.agent_name || "…"}${between}${greeted.company_name || "…"}${after}`;
  return text.replaceAll(/ (?=[?!:;])/g, "\u00A0");
}
