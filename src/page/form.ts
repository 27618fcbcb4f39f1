/** @module A form. It sends once even if the user clicks repeatedly, shows each problem at its field, and can be sent again. */
import { complaintFor, noticeFor, problemsIn } from "./failure-text.ts";
import { button, type Child, element } from "./dom.ts";
import type { Failure, FieldProblem } from "./call-failure.ts";
import type { Field } from "./field.ts";
import type { Words } from "./words/words.ts";

export interface FormOptions {
  readonly words: Words;
  readonly submit: string;
  readonly back: (() => void) | null;
  /** Called on each use, because documents can be added. */
  readonly fields: () => readonly Field[];
  /** Null if it succeeded, or if the page handles the failure itself. */
  readonly send: () => Promise<Failure | null>;
  /** Sends text to screen readers. */
  readonly announce: (text: string) => void;
  readonly onInput: (values: Readonly<Record<string, string>>) => void;
}

export interface Form {
  readonly root: HTMLFormElement;
  /** Sets the text of the submit button. */
  readonly label: (text: string) => void;
}

interface NoticeOptions {
  /** Details, below the text. */
  readonly more?: string | null;
  /** A button that tries again. */
  readonly retry?: HTMLElement | null;
  readonly focus: boolean;
}

const RETRYABLE: ReadonlySet<Failure["kind"]> = new Set(["unreached", "broken", "busy"]);

export function form(options: FormOptions, ...children: readonly Child[]): Form {
  const { words, fields, send, announce, onInput } = options;
  const submit = button(options.submit, "primary", null);
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
      options.back === null ? null : button(words.back, "quiet", options.back),
    ),
  );
  let label = options.submit;
  let busy = false;

  const setBusy = (to: boolean): void => {
    busy = to;
    submit.setAttribute("aria-disabled", String(to));
    submit.textContent = to ? words.saving : label;
    root.setAttribute("aria-busy", String(to));
  };

  /** Shows problems at their fields and focuses the first. Problems without a field appear above the buttons. */
  const showProblems = (problems: readonly FieldProblem[]): void => {
    const wrong = new Map<Field, string>();
    const withoutField: string[] = [];
    for (const { path, code } of problems) {
      const field = fields().find(({ name }) => name === path);
      const text = complaintFor(words, code);
      if (field === undefined) withoutField.push(text);
      else if (!wrong.has(field)) wrong.set(field, text);
    }
    for (const field of fields()) field.complain(wrong.get(field) ?? null);
    const first = fields().find((field) => wrong.has(field));
    if (withoutField.length > 0)
      show([...new Set(withoutField)].join(" "), { focus: first === undefined });
    if (first === undefined) return;
    first.focus();
    announce(`${words.toCorrect(wrong.size)} ${wrong.get(first) ?? ""}`);
  };

  const show = (text: string, { more = null, retry = null, focus }: NoticeOptions): void => {
    const box = noticeBox(text, more, retry);
    notice.replaceChildren(box);
    if (focus) box.focus();
    announce(more === null ? text : `${text} ${more}`);
  };

  const showFailure = (failure: Failure): void => {
    const problems = problemsIn(failure);
    if (problems.length > 0) return showProblems(problems);
    const { text, more } = noticeFor(words, failure);
    const retry = RETRYABLE.has(failure.kind)
      ? button(words.retry, "quiet", () => root.requestSubmit())
      : null;
    show(text, { more, retry, focus: true });
  };

  const submitted = async (): Promise<void> => {
    if (busy) return;
    notice.replaceChildren();
    const empty = fields().filter((field) => field.required && field.value().trim() === "");
    showProblems(empty.map(({ name }) => ({ path: name, code: "required" })));
    if (empty.length > 0) return;
    setBusy(true);
    announce(words.saving);
    const failure = await send();
    setBusy(false);
    if (failure !== null) showFailure(failure);
  };

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    void submitted();
  });
  root.addEventListener("input", () => {
    onInput(Object.fromEntries(fields().map((field) => [field.name, field.value()])));
  });
  return {
    root,
    label(text) {
      label = text;
      if (!busy) submit.textContent = text;
    },
  };
}

/** It can take the focus, so that a screen reader's user is next to its button. */
export function noticeBox(text: string, more: string | null, ...children: Child[]): HTMLElement {
  return element(
    "div",
    { class: "notice", tabindex: "-1", role: "group" },
    element("p", {}, text),
    more === null ? null : element("p", { class: "hint" }, more),
    ...children,
  );
}
