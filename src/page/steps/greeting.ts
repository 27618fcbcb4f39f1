/**
 * How the assistant says hello, for the steps that show it.
 * @module
 */
import { element } from "../dom.ts";
import { type Greeted, greetingOf } from "../greeting.ts";
import type { Words } from "../words/words.ts";

export function greeting({ assistant }: Words, greeted: Greeted): HTMLElement[] {
  const text = greetingOf(greeted);
  if (text === "") return [];
  return [
    element(
      "figure",
      { class: "greeting" },
      element("figcaption", {}, assistant.greeting),
      element("blockquote", { lang: greeted.voice_language }, text),
    ),
  ];
}
