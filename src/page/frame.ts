/** @module The frame around a step: title, languages, progress, and announcements for screen readers. */
import { element, elementById, screenReaderText } from "./dom.ts";
import {
  mayShow,
  type PageStep,
  SHOWN,
  type ShownStep,
  type SessionProgress,
} from "./page-step.ts";
import { type Locale, LOCALES, WORDS, type Words } from "./words/words.ts";

/** Handles the skip link in code, because a fragment in the address names a step. */
export function openFrame(): void {
  elementById("skip").addEventListener("click", (event) => {
    event.preventDefault();
    elementById("main").focus();
  });
}

/** Screen readers read a live region when its text changes, so a repeated text is changed by a space. */
export function announce(text: string): void {
  const region = elementById("announcements");
  region.textContent = region.textContent === text ? `${text}\u00A0` : text;
}

export function showTitle(words: Words, locale: Locale, step: string | null): void {
  document.documentElement.lang = locale;
  document.title = step === null ? words.title : `${step} – ${words.title}`;
  elementById("title").textContent = words.title;
  elementById("skip").textContent = words.skip;
}

export function showLanguages(words: Words, locale: Locale, choose: (to: Locale) => void): void {
  const bar = elementById("languages");
  bar.setAttribute("aria-label", words.languages);
  const hadFocus = bar.contains(document.activeElement);
  bar.replaceChildren(
    ...LOCALES.map((one) => {
      const made = element(
        "button",
        { type: "button", lang: one, "aria-pressed": String(one === locale) },
        WORDS[one].language,
      );
      made.addEventListener("click", () => choose(one));
      return made;
    }),
  );
  if (hadFocus) bar.querySelector<HTMLElement>(`[lang="${locale}"]`)?.focus();
}

/** `at` is null before a session exists. Completed steps are links back. */
export function showProgress(
  words: Words,
  at: { readonly step: PageStep; readonly progress: SessionProgress } | null,
  go: (to: ShownStep) => void,
): void {
  const bar = elementById("progress");
  bar.hidden = at === null;
  if (at === null) return;
  const { step: current, progress } = at;
  const completed = current === "done";
  const number = new Intl.NumberFormat(words.tag);
  const count = (n: number): string => number.format(n);
  const here = SHOWN.findIndex((step) => step === current);
  bar.setAttribute("aria-label", words.progress);
  bar.replaceChildren(
    element(
      "p",
      { class: "step-of" },
      completed ? words.steps.done : words.stepOf(count(here + 1), count(SHOWN.length)),
    ),
    element(
      "ol",
      {},
      ...SHOWN.map((step, i) => {
        const done = completed || isDone(step, progress);
        const name = words.steps[step];
        const mark = element(
          "span",
          { class: "mark", "aria-hidden": "true" },
          done ? "✓" : count(i + 1),
        );
        const label = done ? [name, screenReaderText(` (${words.stepDone})`)] : [name];
        const isHere = step === current;
        const open = !isHere && !completed && mayShow(progress, step);
        const inner = open
          ? element("button", { type: "button" }, mark, element("span", {}, ...label))
          : element("span", { class: "label" }, mark, element("span", {}, ...label));
        if (open) inner.addEventListener("click", () => go(step));
        const kind = done ? "done" : "open";
        return element("li", { class: kind, "aria-current": isHere ? "step" : null }, inner);
      }),
    ),
  );
}

function isDone(step: ShownStep, progress: SessionProgress): boolean {
  const next = SHOWN[SHOWN.indexOf(step) + 1];
  return next !== undefined && mayShow(progress, next);
}

/** Shows a step. `focus` moves the focus to its heading; it is false when the page has just loaded. */
export function showMain(heading: string, children: readonly Node[], focus: boolean): void {
  const title = element("h1", { tabindex: "-1" }, heading);
  elementById("main").replaceChildren(title, ...children);
  if (!focus) return;
  title.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}
