/**
 * The company: its name, its sector, how it is reached.
 * @module
 */
import { element } from "../dom.ts";
import { selectField, textField } from "../field.ts";
import { form } from "../form.ts";
import type { StepPorts, StepView } from "../step.ts";
import { SECTOR_IDS } from "../words/words.ts";

export function business(ports: StepPorts): StepView {
  const { api, draft, session } = ports;
  const { business: said, optional } = ports.words;
  const given = (name: string, saved: string | null): string => draft[name] ?? saved ?? "";
  const name = textField({
    name: "company_name",
    label: said.name,
    autocomplete: "organization",
    value: given("company_name", session.company_name),
  });
  const chosen = given("industry", session.sector);
  const sector = selectField({
    name: "industry",
    label: said.sector,
    choose: said.choose,
    options: [
      ...SECTOR_IDS.map((id) => [id, said.sectors[id]] as const),
      // One that somebody has named elsewhere stays one.
      ...(chosen === "" || SECTOR_IDS.some((id) => id === chosen)
        ? []
        : [[chosen, chosen] as const]),
    ],
    value: chosen,
  });
  const email = textField({
    name: "email",
    label: said.email,
    optional,
    ...(session.company_name === null ? {} : { hint: said.emailHint }),
    type: "email",
    autocomplete: "email",
    value: given("email", null),
  });
  const phone = textField({
    name: "phone",
    label: said.phone,
    hint: said.phoneHint,
    optional,
    type: "tel",
    autocomplete: "tel",
    value: given("phone", session.phone),
  });
  const fields = [name, sector, email, phone];
  const send = async (): Promise<ReturnType<StepPorts["settle"]>> => {
    const typed = email.value().trim();
    const answer = await api.saveBusiness(session.id, {
      company_name: name.value(),
      industry: sector.value(),
      ...(typed === "" ? {} : { email: typed }),
      phone: phone.value(),
    });
    return ports.settle(answer, { email: typed });
  };
  const { root } = form(
    { ...ports, submit: ports.words.next, fields: () => fields, send },
    ...fields.map((field) => field.root),
  );
  return { heading: said.heading, children: [element("p", { class: "lead" }, said.lead), root] };
}
