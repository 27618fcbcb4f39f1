/**
 * Selects the page's language: the user's choice, otherwise the first supported language of the browser.
 * @module
 */
import type { OfferedType } from "../read-session.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";
import { type Locale, LOCALES, TYPE_IDS, type TypeId, type Words } from "./words.ts";

export const WORDS: Readonly<Record<Locale, Words>> = { fr, en };

/** `wanted`: the browser's languages in order of preference, such as `fr-CA`. */
export function localeOf(chosen: string | null, wanted: readonly string[]): Locale {
  for (const one of [chosen ?? "", ...wanted]) {
    const found = LOCALES.find((locale) => locale === one.slice(0, 2).toLowerCase());
    if (found !== undefined) return found;
  }
  return "en";
}

/** Falls back to the Worker's name and description for an agent type without a translation. */
export function typeIn(
  { assistant }: Words,
  { id, name, description }: Pick<OfferedType, "id" | "name" | "description">,
): { readonly name: string; readonly description: string } {
  const known = TYPE_IDS.find((one): one is TypeId => one === id);
  return known === undefined ? { name, description } : assistant.types[known];
}
