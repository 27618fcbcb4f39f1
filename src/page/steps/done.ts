/**
 * The end: what is promised from now on.
 * @module
 */
import type { Session } from "../answers.ts";
import { element } from "../dom.ts";
import { greeting } from "./greeting.ts";
import { durationOf, momentOf, phoneAs } from "../say.ts";
import type { StepView } from "../step.ts";
import type { Words } from "../words/words.ts";

export function done(words: Words, session: Session): StepView {
  const { done: said, tag } = words;
  const name = session.agent_name ?? "";
  const { phone, completed_at, duration_seconds } = session;
  const when = completed_at === null ? "" : said.when(momentOf(tag, completed_at));
  const took = duration_seconds === null ? "" : said.took(durationOf(tag, duration_seconds));
  return {
    heading: said.heading,
    children: [
      element(
        "p",
        { class: "lead" },
        phone !== null && session.phone_mapped
          ? said.answers(phoneAs(phone), name)
          : said.noNumber(name),
      ),
      ...greeting(words, session),
      element("p", { class: "hint" }, `${when} ${took}`.trim()),
      element("p", { class: "hint" }, said.close),
    ],
  };
}
