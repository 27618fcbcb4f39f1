/** @module Fields: a label, a control, a hint, and a message if the value is invalid. Every value is a string. */
import { type Child, element } from "./dom.ts";

export interface Field {
  /** The name in the Worker's API: `company_name`, `documents.0.title`. */
  readonly name: string;
  readonly root: HTMLElement;
  readonly required: boolean;
  value(): string;
  /** Null clears the message. */
  complain(message: string | null): void;
  focus(): void;
}

export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** The word shown beside the label of an optional field; undefined if the field is required. */
  readonly optional?: string;
  readonly value: string;
}

interface TextFieldOptions extends FieldOptions {
  readonly type?: "text" | "email" | "tel" | "password";
  readonly autocomplete?: string;
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export const idOf = (name: string): string => `field-${name.replaceAll(".", "-")}`;

export function textField(options: TextFieldOptions): Field {
  const { name, type = "text", autocomplete = "off", value } = options;
  const input = element("input", { id: idOf(name), name, type, autocomplete, value });
  if (type === "email" || type === "password") {
    input.setAttribute("autocapitalize", "none");
    input.setAttribute("spellcheck", "false");
  }
  return withLabel(options, input);
}

export function areaField(options: FieldOptions): Field {
  const { name, value } = options;
  return withLabel(options, element("textarea", { id: idOf(name), name, rows: "6" }, value));
}

export function selectField(
  field: FieldOptions & {
    readonly choose: string;
    readonly options: readonly (readonly [string, string])[];
  },
): Field {
  const { name, value, choose, options } = field;
  const all = [["", choose] as const, ...options].map(([id, label]) =>
    element("option", { value: id, selected: id === value }, label),
  );
  return withLabel(field, element("select", { id: idOf(name), name }, ...all));
}

function withLabel(options: FieldOptions, control: Control): Field {
  const { name, label, hint, optional } = options;
  const id = idOf(name);
  const message = element("p", { id: `${id}-message`, class: "message" });
  const hintLine =
    hint === undefined ? null : element("p", { id: `${id}-hint`, class: "hint" }, hint);
  const hintId = hintLine?.id ?? null;
  if (optional === undefined) control.setAttribute("aria-required", "true");
  const root = element(
    "div",
    { class: "field" },
    element("label", { for: id }, label, ...optionalMark(optional)),
    hintLine,
    control,
    message,
  );
  describe(control, [hintId]);
  return {
    name,
    root,
    required: optional === undefined,
    value: () => control.value,
    complain: complainer({ root, message, control, inputs: [control], hintId }),
    focus: () => control.focus(),
  };
}

function optionalMark(optional: string | undefined): Child[] {
  return optional === undefined
    ? []
    : [" ", element("span", { class: "optional" }, `(${optional})`)];
}

interface Complainer {
  readonly root: HTMLElement;
  readonly message: HTMLElement;
  /** What the message describes. */
  readonly control: HTMLElement;
  /** What it marks as invalid. */
  readonly inputs: readonly HTMLElement[];
  readonly hintId?: string | null;
}

/** Shows a message at a field, also to screen readers. */
export function complainer(parts: Complainer): Field["complain"] {
  const { root, message, control, inputs, hintId = null } = parts;
  return (text) => {
    message.textContent = text ?? "";
    root.classList.toggle("wrong", text !== null);
    describe(control, [hintId, text === null ? null : message.id]);
    for (const input of inputs) setOrRemove(input, "aria-invalid", text === null ? null : "true");
  };
}

function describe(control: HTMLElement, ids: readonly (string | null)[]): void {
  setOrRemove(control, "aria-describedby", ids.filter((id) => id !== null).join(" ") || null);
}

function setOrRemove(control: HTMLElement, name: string, value: string | null): void {
  if (value === null) control.removeAttribute(name);
  else control.setAttribute(name, value);
}
