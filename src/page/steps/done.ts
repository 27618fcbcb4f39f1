/** @module The last view, shown when onboarding is complete. */
import type { Session } from "../read-session.ts";
import { element } from "../dom.ts";
import { greetingFigure } from "./greeting-figure.ts";
import { durationOf, momentOf, phoneAs } from "../format.ts";
import type { StepView } from "../step-view.ts";
import type { Words } from "../words/words.ts";

export function done(words: Words, session: Session): StepView {
  const { done: texts, tag } = words;
  const name = session.agent_name ?? "";
  const { phone, completed_at, duration_seconds } = session;
  const when = completed_at === null ? "" : texts.when(momentOf(tag, completed_at));
  const took = duration_seconds === null ? "" : texts.took(durationOf(tag, duration_seconds));
  return {
    heading: texts.heading,
    children: [
      element(
        "p",
        { class: "lead" },
        phone !== null && session.phone_mapped
          ? texts.answers(phoneAs(phone), name)
          : texts.noNumber(name),
      ),
      ...greetingFigure(words, session),
      element("p", { class: "hint" }, `${when} ${took}`.trim()),
      element("p", { class: "hint" }, texts.close),
    ],
  };
}
