/**
 * Which language the page is in: the one that was chosen, or else the browser's first that it knows.
 * @module
 */
import type { OfferedType } from "../answers.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";
import { type Locale, LOCALES, TYPE_IDS, type TypeId, type Words } from "./words.ts";

export const WORDS: Readonly<Record<Locale, Words>> = { fr, en };

/** `wanted`: as the browser lists them, `fr-CA`, best first. */
export function localeOf(chosen: string | null, wanted: readonly string[]): Locale {
  for (const one of [chosen ?? "", ...wanted]) {
    const found = LOCALES.find((locale) => locale === one.slice(0, 2).toLowerCase());
    if (found !== undefined) return found;
  }
  return "en";
}

/** Types of agents that the page has no words for are told in the Worker's. */
export function typeIn(
  { assistant }: Words,
  { id, name, description }: Pick<OfferedType, "id" | "name" | "description">,
): { readonly name: string; readonly does: string } {
  const known = TYPE_IDS.find((one): one is TypeId => one === id);
  return known === undefined ? { name, does: description } : assistant.types[known];
}
