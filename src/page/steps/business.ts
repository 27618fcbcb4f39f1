/** @module The company step: name, sector, e-mail address and phone number. */
import { selectField, textField } from "../field.ts";
import { form } from "../form.ts";
import { type StepPorts, stepView, type StepView } from "../step-view.ts";

export function business(ports: StepPorts): StepView {
  const { api, draft, session } = ports;
  const { business: texts, optional } = ports.words;
  const given = (name: string, saved: string | null): string => draft[name] ?? saved ?? "";
  const name = textField({
    name: "company_name",
    label: texts.name,
    autocomplete: "organization",
    value: given("company_name", session.company_name),
  });
  const chosen = given("industry", session.sector);
  const sectors = Object.entries(texts.sectors);
  // Keep a sector that was set elsewhere, even if this page does not offer it.
  const isOffered = chosen === "" || sectors.some(([id]) => id === chosen);
  const sector = selectField({
    name: "industry",
    label: texts.sector,
    choose: texts.choose,
    options: [...sectors, ...(isOffered ? [] : [[chosen, chosen] as const])],
    value: chosen,
  });
  const email = textField({
    name: "email",
    label: texts.email,
    optional,
    ...(session.company_name === null ? {} : { hint: texts.emailHint }),
    type: "email",
    autocomplete: "email",
    value: given("email", null),
  });
  const phone = textField({
    name: "phone",
    label: texts.phone,
    hint: texts.phoneHint,
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
  return stepView(texts, root);
}
