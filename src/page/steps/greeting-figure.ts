/** @module Shows the assistant's greeting. */
import { element } from "../dom.ts";
import { type GreetingValues, greetingOf } from "../format.ts";
import type { Words } from "../words/words.ts";

export function greetingFigure({ assistant }: Words, values: GreetingValues): HTMLElement[] {
  const text = greetingOf(values);
  if (text === "") return [];
  return [
    element(
      "figure",
      { class: "greeting" },
      element("figcaption", {}, assistant.greeting),
      element("blockquote", { lang: values.voice_language }, text),
    ),
  ];
}
