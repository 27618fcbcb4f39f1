/**
 * The summary: all values, each with a link back to its step, and the button that finishes.
 * @module
 */
import { button, element } from "../dom.ts";
import type { Failure } from "../call-failure.ts";
import { form } from "../form.ts";
import { phoneAs } from "../format.ts";
import type { ShownStep } from "../page-step.ts";
import type { StepPorts, StepView } from "../step-view.ts";
import { typeIn } from "../words/choose.ts";
import { SECTOR_IDS, type Words } from "../words/words.ts";

export async function complete(ports: StepPorts): Promise<StepView | Failure> {
  const { api, session, words } = ports;
  const { business, assistant, complete: texts } = words;
  const offered = await api.agentTypes();
  if (!offered.ok) return offered.failure;
  const type = offered.value.find(({ id }) => id === session.agent_type);
  const language = session.voice_language;
  const voice = session.voice === null ? texts.none : assistant.voices[session.voice];
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
  return {
    heading: texts.heading,
    children: [
      element("p", { class: "lead" }, texts.lead),
      part("business", [
        [business.name, session.company_name ?? texts.none],
        [business.sector, sectorOf(words, session.sector)],
        [business.phone, session.phone === null ? texts.none : phoneAs(session.phone)],
      ]),
      part("agents", [[texts.people, count.format(session.agents)]]),
      part("assistant", [
        [assistant.name, session.agent_name ?? texts.none],
        [
          assistant.type,
          type === undefined ? (session.agent_type ?? "") : typeIn(words, type).name,
        ],
        [
          assistant.voice,
          language === "fr-FR" || language === "en-GB"
            ? `${voice}, ${assistant.voiceLanguages[language]}`
            : voice,
        ],
        [assistant.may, may.length === 0 ? texts.none : new Intl.ListFormat(words.tag).format(may)],
      ]),
      part("knowledge", [
        [texts.documents, session.documents === 0 ? texts.none : count.format(session.documents)],
      ]),
      root,
    ],
  };
}

function sectorOf({ business }: Words, sector: string | null): string {
  const known = SECTOR_IDS.find((id) => id === sector);
  return known === undefined ? (sector ?? "") : business.sectors[known];
}
