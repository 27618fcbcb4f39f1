/**
 * Before the steps: who the page speaks for, where no link has said it.
 * @module
 */
import type { Access } from "../access.ts";
import { element } from "../dom.ts";
import type { Failure } from "../failure.ts";
import { textField } from "../field.ts";
import { form, noticeBox } from "../form.ts";
import type { StepView } from "../step.ts";
import type { Words } from "../words/words.ts";

export interface KeyPorts {
  readonly words: Words;
  readonly access: Access;
  readonly announce: (text: string) => void;
  /** Why one is here again; null: for the first time. */
  readonly why: string | null;
  readonly typed: (access: Access) => void;
  readonly enter: (access: Access) => Promise<Failure | null>;
}

/** What can stand in a header. */
const PLAIN = /^[\x21-\x7E]*$/;

export function key(ports: KeyPorts): StepView {
  const { words, access, why } = ports;
  const { key: said, optional } = words;
  const token = textField({
    name: "token",
    label: said.token,
    hint: said.tokenHint,
    type: "password",
    value: access.token,
  });
  const tenant = textField({
    name: "tenant",
    label: said.tenant,
    hint: said.tenantHint,
    optional,
    value: access.tenant,
  });
  const user = textField({
    name: "user",
    label: said.user,
    hint: said.userHint,
    optional,
    autocomplete: "username",
    value: access.user,
  });
  const fields = [token, tenant, user];
  const given = (): Access => ({
    token: token.value().trim(),
    tenant: tenant.value().trim(),
    user: user.value().trim(),
  });
  const send = async (): Promise<Failure | null> => {
    const wrong = fields.filter((field) => !PLAIN.test(field.value().trim()));
    if (wrong.length > 0) {
      const problems = wrong.map(({ name }) => ({ path: name, code: "not-a-key" }));
      return { kind: "invalid", problems };
    }
    return ports.enter(given());
  };
  const { root } = form(
    {
      ...ports,
      submit: said.submit,
      back: null,
      fields: () => fields,
      typed: () => ports.typed(given()),
      send,
    },
    ...fields.map((field) => field.root),
  );
  return {
    heading: said.heading,
    children: [
      element("p", { class: "lead" }, said.lead),
      ...(why === null ? [] : [noticeBox(why, null)]),
      root,
    ],
  };
}
