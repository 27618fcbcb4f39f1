/**
 * What stands around a step: the name of the page, the languages, how far one is, and the voice for who cannot see.
 * @module
 */
import { element, place, unseen } from "./dom.ts";
import { mayShow, type PageStep, SHOWN, type ShownStep, type Standing } from "./state.ts";
import { WORDS } from "./words/choose.ts";
import { type Locale, LOCALES, type Words } from "./words/words.ts";

/** The link to the form works by hand: a fragment in the address means a step. */
export function openFrame(): void {
  place("skip").addEventListener("click", (event) => {
    event.preventDefault();
    place("main").focus();
  });
}

/** A live region is read out when its text changes; the same text twice has to change, too. */
export function announce(text: string): void {
  const region = place("announcements");
  region.textContent = region.textContent === text ? `${text}\u00A0` : text;
}

export function showTitle(words: Words, locale: Locale, step: string | null): void {
  document.documentElement.lang = locale;
  document.title = step === null ? words.title : `${step} – ${words.title}`;
  place("title").textContent = words.title;
  place("skip").textContent = words.skip;
}

export function showLanguages(words: Words, locale: Locale, choose: (to: Locale) => void): void {
  const bar = place("languages");
  bar.setAttribute("aria-label", words.languages);
  const held = bar.contains(document.activeElement);
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
  if (held) bar.querySelector<HTMLElement>(`[lang="${locale}"]`)?.focus();
}

/** Null: nobody is anywhere yet. Steps that are done can be gone back to. */
export function showProgress(
  words: Words,
  at: { readonly step: PageStep; readonly standing: Standing } | null,
  go: (to: ShownStep) => void,
): void {
  const bar = place("progress");
  bar.hidden = at === null;
  if (at === null) return;
  const { step: current, standing } = at;
  const over = current === "done";
  const number = new Intl.NumberFormat(words.tag);
  const count = (n: number): string => number.format(n);
  const here = SHOWN.findIndex((step) => step === current);
  bar.setAttribute("aria-label", words.progress);
  bar.replaceChildren(
    element(
      "p",
      { class: "step-of" },
      over ? words.steps.done : words.stepOf(count(here + 1), count(SHOWN.length)),
    ),
    element(
      "ol",
      {},
      ...SHOWN.map((step, i) => {
        const done = over || isDone(step, standing);
        const name = words.steps[step];
        const mark = element(
          "span",
          { class: "mark", "aria-hidden": "true" },
          done ? "✓" : count(i + 1),
        );
        const said = done ? [name, unseen(` (${words.stepDone})`)] : [name];
        const isHere = step === current;
        const open = !isHere && !over && mayShow(standing, step);
        const inner = open
          ? element("button", { type: "button" }, mark, element("span", {}, ...said))
          : element("span", { class: "label" }, mark, element("span", {}, ...said));
        if (open) inner.addEventListener("click", () => go(step));
        const kind = done ? "done" : "open";
        return element("li", { class: kind, "aria-current": isHere ? "step" : null }, inner);
      }),
    ),
  );
}

function isDone(step: ShownStep, standing: Standing): boolean {
  const next = SHOWN[SHOWN.indexOf(step) + 1];
  return next !== undefined && mayShow(standing, next);
}

/** Puts a step on the page; its heading takes the focus, unless the page has only just come. */
export function showMain(heading: string, children: readonly Node[], focus: boolean): void {
  const title = element("h1", { tabindex: "-1" }, heading);
  place("main").replaceChildren(title, ...children);
  if (!focus) return;
  title.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}
