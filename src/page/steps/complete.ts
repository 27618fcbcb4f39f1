/** @module The summary: all values, each with a link back to its step, and the button that finishes. */
import { button, element } from "../dom.ts";
import type { Failure } from "../call-failure.ts";
import { form } from "../form.ts";
import { phoneAs } from "../format.ts";
import type { ShownStep } from "../page-step.ts";
import { type StepPorts, stepView, type StepView } from "../step-view.ts";
import { textFor, typeIn } from "../words/words.ts";

export async function complete(ports: StepPorts): Promise<StepView | Failure> {
  const { api, session, words } = ports;
  const { business, assistant, complete: texts } = words;
  const offered = await api.agentTypes();
  if (!offered.ok) return offered.failure;
  const type = offered.value.find(({ id }) => id === session.agent_type);
  const voice = session.voice === null ? texts.none : assistant.voices[session.voice];
  const language = textFor(assistant.voiceLanguages, session.voice_language);
  const may = [
    session.enable_appointments === true ? assistant.appointments : "",
    session.enable_products === true ? assistant.products : "",
  ].filter((one) => one !== "");

  const count = new Intl.NumberFormat(words.tag);
  const part = (step: ShownStep, rows: readonly (readonly [string, string])[]): HTMLElement => {
    const change = button(texts.change, "link", () => ports.go(step));
    change.setAttribute("aria-label", `${texts.change} – ${words.steps[step]}`);
    return element(
      "section",
      { class: "part" },
      element("h2", {}, words.steps[step]),
      change,
      element(
        "dl",
        {},
        ...rows.map(([term, value]) =>
          element("div", {}, element("dt", {}, term), element("dd", {}, value)),
        ),
      ),
    );
  };

  const { root } = form({
    ...ports,
    submit: texts.submit,
    fields: () => [],
    send: async () => ports.settle(await api.complete(session.id)),
  });
  return stepView(
    texts,
    part("business", [
      [business.name, session.company_name ?? texts.none],
      [business.sector, textFor(business.sectors, session.sector) ?? session.sector ?? ""],
      [business.phone, session.phone === null ? texts.none : phoneAs(session.phone)],
    ]),
    part("agents", [[texts.people, count.format(session.agents)]]),
    part("assistant", [
      [assistant.name, session.agent_name ?? texts.none],
      [assistant.type, type === undefined ? (session.agent_type ?? "") : typeIn(words, type).name],
      [assistant.voice, language === undefined ? voice : `${voice}, ${language}`],
      [assistant.may, may.length === 0 ? texts.none : new Intl.ListFormat(words.tag).format(may)],
    ]),
    part("knowledge", [
      [texts.documents, session.documents === 0 ? texts.none : count.format(session.documents)],
    ]),
    root,
  );
}
