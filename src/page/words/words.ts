/** @module Selects the page's language and its texts. */
import type { OfferedType } from "../read-session.ts";
import { en, type Words } from "./en.ts";
import { fr } from "./fr.ts";

export type { Words } from "./en.ts";

export const LOCALES = ["fr", "en"] as const;
export type Locale = (typeof LOCALES)[number];

export const WORDS: Readonly<Record<Locale, Words>> = { fr, en };

/** The user's choice, otherwise the first supported language of the browser. `wanted`: in order of preference, such as `fr-CA`. */
export function localeOf(chosen: string | null, wanted: readonly string[]): Locale {
  for (const one of [chosen ?? "", ...wanted]) {
    const found = LOCALES.find((locale) => locale === one.slice(0, 2).toLowerCase());
    if (found !== undefined) return found;
  }
  return "en";
}

/** Undefined for a code that the page does not know. */
export function textFor<T>(texts: Readonly<Record<string, T>>, code: string | null): T | undefined {
  return code !== null && Object.hasOwn(texts, code) ? texts[code] : undefined;
}

/** Falls back to the Worker's name and description for an agent type without a translation. */
export function typeIn(
  { assistant }: Words,
  { id, name, description }: Pick<OfferedType, "id" | "name" | "description">,
): { readonly name: string; readonly description: string } {
  return textFor(assistant.types, id) ?? { name, description };
}
