/**
 * Fields: a label, what is typed or chosen, a hint, and a message where something is wrong with it. Every value is a text.
 * @module
 */
import { type Child, element } from "./dom.ts";

export interface Field {
  /** As the Worker names it: `company_name`, `documents.0.title`. */
  readonly name: string;
  readonly root: HTMLElement;
  readonly required: boolean;
  value(): string;
  /** Null: nothing is wrong with it. */
  complain(message: string | null): void;
  focus(): void;
}

export interface About {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** Said beside the label of one that may be left empty; absent: it may not. */
  readonly optional?: string;
  readonly value: string;
}

interface TextAbout extends About {
  readonly type?: "text" | "email" | "tel" | "password";
  readonly autocomplete?: string;
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export const idOf = (name: string): string => `field-${name.replaceAll(".", "-")}`;

export function textField(about: TextAbout): Field {
  const { name, type = "text", autocomplete = "off", value } = about;
  const input = element("input", { id: idOf(name), name, type, autocomplete, value });
  if (type === "email" || type === "password") {
    input.setAttribute("autocapitalize", "none");
    input.setAttribute("spellcheck", "false");
  }
  return around(about, input);
}

export function areaField(about: About): Field {
  const { name, value } = about;
  return around(about, element("textarea", { id: idOf(name), name, rows: "6" }, value));
}

export function selectField(
  about: About & {
    readonly choose: string;
    readonly options: readonly (readonly [string, string])[];
  },
): Field {
  const { name, value, choose, options } = about;
  const all = [["", choose] as const, ...options].map(([id, label]) =>
    element("option", { value: id, selected: id === value }, label),
  );
  return around(about, element("select", { id: idOf(name), name }, ...all));
}

function around(about: About, control: Control): Field {
  const { name, label, hint = "", optional } = about;
  const id = idOf(name);
  const message = element("p", { id: `${id}-message`, class: "message" });
  const hintId = `${id}-hint`;
  if (optional === undefined) control.setAttribute("aria-required", "true");
  const root = element(
    "div",
    { class: "field" },
    element("label", { for: id }, label, ...mark(optional)),
    hint === "" ? null : element("p", { id: hintId, class: "hint" }, hint),
    control,
    message,
  );
  describe(control, [hint === "" ? "" : hintId]);
  return {
    name,
    root,
    required: optional === undefined,
    value: () => control.value,
    complain(text) {
      tell(root, message, text);
      if (text === null) control.removeAttribute("aria-invalid");
      else control.setAttribute("aria-invalid", "true");
      describe(control, [hint === "" ? "" : hintId, text === null ? "" : message.id]);
    },
    focus: () => control.focus(),
  };
}

function mark(optional: string | undefined): Child[] {
  return optional === undefined
    ? []
    : [" ", element("span", { class: "optional" }, `(${optional})`)];
}

export function tell(root: HTMLElement, message: HTMLElement, text: string | null): void {
  message.textContent = text ?? "";
  root.classList.toggle("wrong", text !== null);
}

export function describe(control: HTMLElement, ids: readonly string[]): void {
  const said = ids.filter((id) => id !== "").join(" ");
  if (said === "") control.removeAttribute("aria-describedby");
  else control.setAttribute("aria-describedby", said);
}
