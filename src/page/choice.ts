/**
 * Fields that are chosen from: one of several, or yes.
 * @module
 */
import { element } from "./dom.ts";
import { type About, describe, type Field, idOf, tell } from "./field.ts";

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly does?: string;
}

/** One of several, as radio buttons. */
export function choiceField(about: About & { readonly choices: readonly Choice[] }): Field {
  const { name, label, value, choices } = about;
  const id = idOf(name);
  const message = element("p", { id: `${id}-message`, class: "message" });
  const inputs = choices.map((choice) =>
    element("input", {
      id: `${id}-${choice.value}`,
      type: "radio",
      name,
      value: choice.value,
      checked: choice.value === value,
      "aria-describedby": choice.does === undefined ? null : `${id}-${choice.value}-does`,
    }),
  );
  const rows = choices.map((choice, i) =>
    element(
      "div",
      { class: "choice" },
      inputs[i] ?? null,
      element(
        "div",
        {},
        element("label", { for: `${id}-${choice.value}` }, choice.label),
        choice.does === undefined
          ? null
          : element("p", { id: `${id}-${choice.value}-does`, class: "hint" }, choice.does),
      ),
    ),
  );
  const few = choices.every(({ does }) => does === undefined);
  const root = element(
    "fieldset",
    { class: "field" },
    element("legend", {}, label),
    element("div", { class: few ? "choices few" : "choices" }, ...rows),
    message,
  );
  return {
    name,
    root,
    required: true,
    value: () => inputs.find(({ checked }) => checked)?.value ?? "",
    complain(text) {
      tell(root, message, text);
      describe(root, [text === null ? "" : message.id]);
      for (const input of inputs) {
        if (text === null) input.removeAttribute("aria-invalid");
        else input.setAttribute("aria-invalid", "true");
      }
    },
    focus: () => (inputs.find(({ checked }) => checked) ?? inputs[0])?.focus(),
  };
}

/** `true` or nothing. */
export interface Tick extends Field {
  set(checked: boolean): void;
}

export function tickField({ name, label, value }: About): Tick {
  const id = idOf(name);
  const input = element("input", { id, type: "checkbox", name, checked: value === "true" });
  const message = element("p", { id: `${id}-message`, class: "message" });
  const root = element(
    "div",
    { class: "choice" },
    input,
    element("div", {}, element("label", { for: id }, label), message),
  );
  return {
    name,
    root,
    required: false,
    value: () => (input.checked ? "true" : ""),
    complain(text) {
      tell(root, message, text);
      describe(input, [text === null ? "" : message.id]);
    },
    focus: () => input.focus(),
    set: (checked) => void (input.checked = checked),
  };
}
