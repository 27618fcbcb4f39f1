/** @module Choice fields: radio buttons and checkboxes. */
import { element } from "./dom.ts";
import { complainer, type Field, type FieldOptions, idOf } from "./field.ts";

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
  const inputs: HTMLInputElement[] = [];
  const rows = choices.map(({ value: own, label: text, description }) => {
    const inputId = `${id}-${own}`;
    const hint =
      description === undefined
        ? null
        : element("p", { id: `${inputId}-description`, class: "hint" }, description);
    const input = element("input", {
      id: inputId,
      type: "radio",
      name,
      value: own,
      checked: own === value,
      "aria-describedby": hint?.id ?? null,
    });
    inputs.push(input);
    const labels = element("div", {}, element("label", { for: inputId }, text), hint);
    return element("div", { class: "choice" }, input, labels);
  });
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
    complain: complainer({ root, message, control: root, inputs }),
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
    complain: complainer({ root, message, control: input, inputs: [] }),
    focus: () => input.focus(),
    set: (checked) => void (input.checked = checked),
  };
}
