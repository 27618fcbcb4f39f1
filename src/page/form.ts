/**
 * A form: it is sent once however often one clicks, says what is wrong where it is wrong, and can be sent again.
 * @module
 */
import { complaintOf, noticeOf, problemsIn } from "./complain.ts";
import { button, type Child, element } from "./dom.ts";
import type { Failure } from "./failure.ts";
import type { Field } from "./field.ts";
import type { Words } from "./words/words.ts";

export interface FormAbout {
  readonly words: Words;
  readonly submit: string;
  readonly back: (() => void) | null;
  /** Asked each time: there may be more of them by then. */
  readonly fields: () => readonly Field[];
  /** Null: it worked, or somebody else has dealt with it. */
  readonly send: () => Promise<Failure | null>;
  /** Read out to who cannot see. */
  readonly announce: (text: string) => void;
  readonly typed: (values: Readonly<Record<string, string>>) => void;
}

export interface Form {
  readonly root: HTMLFormElement;
  /** What stands on the button that sends. */
  readonly label: (text: string) => void;
}

/** What may be otherwise in a moment. */
const AGAIN: ReadonlySet<Failure["kind"]> = new Set(["unreached", "broken", "busy"]);

export function form(about: FormAbout, ...children: readonly Child[]): Form {
  const { words, fields, send, announce, typed } = about;
  const submit = button(about.submit, "primary", null);
  const notice = element("div", { class: "notices" });
  const root = element(
    "form",
    { novalidate: true },
    ...children,
    notice,
    element(
      "div",
      { class: "buttons" },
      submit,
      about.back === null ? null : button(words.back, "quiet", about.back),
    ),
  );
  let label = about.submit;
  let busy = false;

  const turn = (to: boolean): void => {
    busy = to;
    submit.setAttribute("aria-disabled", String(to));
    submit.textContent = to ? words.saving : label;
    root.setAttribute("aria-busy", String(to));
  };

  /** At their fields, the focus on the first of them. What has no field is told above the buttons. */
  const complain = (
    problems: readonly { readonly path: string; readonly code: string }[],
  ): void => {
    const wrong = new Map<Field, string>();
    const homeless: string[] = [];
    for (const { path, code } of problems) {
      const field = fields().find(({ name }) => name === path);
      const text = complaintOf(words, code);
      if (field === undefined) homeless.push(text);
      else if (!wrong.has(field)) wrong.set(field, text);
    }
    for (const field of fields()) field.complain(wrong.get(field) ?? null);
    const first = fields().find((field) => wrong.has(field));
    if (homeless.length > 0) show([...new Set(homeless)].join(" "), null, first === undefined);
    if (first === undefined) return;
    first.focus();
    announce(`${words.toMend(wrong.size)} ${wrong.get(first) ?? ""}`);
  };

  const show = (
    text: string,
    more: string | null,
    focus: boolean,
    again: HTMLElement | null = null,
  ): void => {
    const box = noticeBox(text, more, again);
    notice.replaceChildren(box);
    if (focus) box.focus();
    announce(more === null ? text : `${text} ${more}`);
  };

  const tell = (failure: Failure): void => {
    const problems = problemsIn(failure);
    if (problems.length > 0) return complain(problems);
    const { text, more } = noticeOf(words, failure);
    const again = AGAIN.has(failure.kind)
      ? button(words.again, "quiet", () => root.requestSubmit())
      : null;
    show(text, more, true, again);
  };

  const submitted = async (): Promise<void> => {
    if (busy) return;
    notice.replaceChildren();
    const empty = fields().filter((field) => field.required && field.value().trim() === "");
    complain(empty.map(({ name }) => ({ path: name, code: "required" })));
    if (empty.length > 0) return;
    turn(true);
    announce(words.saving);
    const failure = await send();
    turn(false);
    if (failure !== null) tell(failure);
  };

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    void submitted();
  });
  root.addEventListener("input", () => {
    typed(Object.fromEntries(fields().map((field) => [field.name, field.value()])));
  });
  return {
    root,
    label(text) {
      label = text;
      if (!busy) submit.textContent = text;
    },
  };
}

/** It takes the focus, so that whoever cannot see it is where its button is. */
export function noticeBox(text: string, more: string | null, ...children: Child[]): HTMLElement {
  return element(
    "div",
    { class: "notice", tabindex: "-1", role: "group" },
    element("p", {}, text),
    more === null ? null : element("p", { class: "hint" }, more),
    ...children,
  );
}
