/** @module Asks for credentials if the link contains none. */
import type { Access } from "../access.ts";
import type { Failure } from "../call-failure.ts";
import { textField } from "../field.ts";
import { form, noticeBox } from "../form.ts";
import { stepView, type StepView } from "../step-view.ts";
import type { Words } from "../words/words.ts";

export interface SignInPorts {
  readonly words: Words;
  readonly access: Access;
  readonly announce: (text: string) => void;
  /** Why the user must sign in again; null the first time. */
  readonly why: string | null;
  readonly onInput: (access: Access) => void;
  readonly signIn: (access: Access) => Promise<Failure | null>;
}

/** Characters that are allowed in a header. */
const PLAIN = /^[\x21-\x7E]*$/;

export function signInView(ports: SignInPorts): StepView {
  const { words, access, why } = ports;
  const { signIn: texts, optional } = words;
  const token = textField({
    name: "token",
    label: texts.token,
    hint: texts.tokenHint,
    type: "password",
    value: access.token,
  });
  const tenant = textField({
    name: "tenant",
    label: texts.tenant,
    hint: texts.tenantHint,
    optional,
    value: access.tenant,
  });
  const user = textField({
    name: "user",
    label: texts.user,
    hint: texts.userHint,
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
    return ports.signIn(given());
  };
  const { root } = form(
    {
      ...ports,
      submit: texts.submit,
      back: null,
      fields: () => fields,
      onInput: () => ports.onInput(given()),
      send,
    },
    ...fields.map((field) => field.root),
  );
  return stepView(texts, ...(why === null ? [] : [noticeBox(why, null)]), root);
}
