/** @module The assistant step: job, name, language and voice. */
import { LANGUAGES, VOICES } from "../../onboarding/voices.ts";
import { ANY_SECTOR, SECTORS } from "../../onboarding/sectors.ts";
import { choiceField, checkboxField } from "../choice.ts";
import { element } from "../dom.ts";
import type { Failure } from "../call-failure.ts";
import { textField } from "../field.ts";
import { form } from "../form.ts";
import { greetingFigure } from "./greeting-figure.ts";
import { type StepPorts, stepView, type StepView } from "../step-view.ts";
import { typeIn } from "../words/words.ts";

export async function assistant(ports: StepPorts): Promise<StepView | Failure> {
  const { api, draft, session, words } = ports;
  const texts = words.assistant;
  const offered = await api.agentTypes();
  if (!offered.ok) return offered.failure;
  const types = offered.value;

  const suggested = SECTORS.find(({ id }) => id === session.sector) ?? ANY_SECTOR;
  const type = choiceField({
    name: "agent_type",
    label: texts.type,
    value: draft["agent_type"] ?? session.agent_type ?? suggested.agentType,
    choices: types.map((one) => {
      const { name, description } = typeIn(words, one);
      return { value: one.id, label: name, description };
    }),
  });
  const name = textField({
    name: "agent_name",
    label: texts.name,
    hint: texts.nameHint,
    value: draft["agent_name"] ?? session.agent_name ?? "",
  });
  const ownLanguage = LANGUAGES.find((one) => one.slice(0, 2) === words.tag.slice(0, 2));
  const language = choiceField({
    name: "language",
    label: texts.language,
    value: draft["language"] ?? session.voice_language ?? ownLanguage ?? LANGUAGES[0],
    choices: LANGUAGES.map((one) => ({ value: one, label: texts.voiceLanguages[one] })),
  });
  const voice = choiceField({
    name: "voice",
    label: texts.voice,
    value: draft["voice"] ?? session.voice ?? VOICES[0],
    choices: VOICES.map((one) => ({ value: one, label: texts.voices[one] })),
  });

  const can = (tool: string): boolean =>
    types.find(({ id }) => id === type.value())?.tools.includes(tool) === true;
  const ticked = (flag: boolean | null, tool: string): string => String(flag ?? can(tool));
  const appointments = checkboxField({
    name: "enable_appointments",
    label: texts.appointments,
    value: draft["enable_appointments"] ?? ticked(session.enable_appointments, "bookAppointment"),
  });
  const products = checkboxField({
    name: "enable_products",
    label: texts.products,
    value: draft["enable_products"] ?? ticked(session.enable_products, "searchProducts"),
  });
  // Choosing another job resets both to the tools of that job.
  type.root.addEventListener("change", () => {
    appointments.set(can("bookAppointment"));
    products.set(can("searchProducts"));
  });

  const preview = element("div", { class: "preview" });
  const greet = (): void => {
    const agent_name = name.value().trim();
    const { company_name } = session;
    const named = { agent_name, company_name, voice_language: language.value() };
    preview.replaceChildren(...greetingFigure(words, { ...named, voice: voice.value() }));
  };
  greet();

  const fields = [type, name, language, voice, appointments, products];
  const { root } = form(
    {
      ...ports,
      submit: words.next,
      fields: () => fields,
      send: async () => {
        const chosenLanguage = LANGUAGES.find((one) => one === language.value());
        const chosenVoice = VOICES.find((one) => one === voice.value());
        const answer = await api.saveAssistant(session.id, {
          agent_type: type.value(),
          agent_name: name.value(),
          language: chosenLanguage,
          voice: chosenVoice,
          enable_appointments: appointments.value() === "true",
          enable_products: products.value() === "true",
        });
        return ports.settle(answer);
      },
    },
    type.root,
    name.root,
    element("div", { class: "pair" }, language.root, voice.root),
    preview,
    element(
      "fieldset",
      { class: "field" },
      element("legend", {}, texts.may),
      element("div", { class: "choices few" }, appointments.root, products.root),
    ),
  );
  root.addEventListener("input", greet);
  return stepView(texts, root);
}
