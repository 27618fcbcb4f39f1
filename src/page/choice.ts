/**
 * Choice fields: radio buttons and checkboxes.
 * @module
 */
import { element } from "./dom.ts";
import { type FieldOptions, describe, type Field, idOf, showMessage } from "./field.ts";

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly description?: string;
}

/** Radio buttons. */
export function choiceField(
  options: FieldOptions & { readonly choices: readonly Choice[] },
): Field {
  const { name, label, value, choices } = options;
  const id = idOf(name);
  const message = element("p", { id: `${id}-message`, class: "message" });
  const inputs = choices.map((choice) =>
    element("input", {
      id: `${id}-${choice.value}`,
      type: "radio",
      name,
      value: choice.value,
      checked: choice.value === value,
      "aria-describedby":
        choice.description === undefined ? null : `${id}-${choice.value}-description`,
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
        choice.description === undefined
          ? null
          : element(
              "p",
              { id: `${id}-${choice.value}-description`, class: "hint" },
              choice.description,
            ),
      ),
    ),
  );
  const few = choices.every(({ description }) => description === undefined);
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
      showMessage(root, message, text);
      describe(root, [text === null ? "" : message.id]);
      for (const input of inputs) {
        if (text === null) input.removeAttribute("aria-invalid");
        else input.setAttribute("aria-invalid", "true");
      }
    },
    focus: () => (inputs.find(({ checked }) => checked) ?? inputs[0])?.focus(),
  };
}

/** Its value is `"true"` or empty. */
export interface Checkbox extends Field {
  set(checked: boolean): void;
}

export function checkboxField({ name, label, value }: FieldOptions): Checkbox {
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
      showMessage(root, message, text);
      describe(input, [text === null ? "" : message.id]);
    },
    focus: () => input.focus(),
    set: (checked) => void (input.checked = checked),
  };
}
