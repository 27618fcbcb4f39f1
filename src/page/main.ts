/**
 * The page: it finds out how the session stands, shows the step that follows from it, and goes on from there.
 * @module
 */
import { type Access, accessIn } from "./access.ts";
import type { Session } from "./answers.ts";
import { openApi } from "./api.ts";
import { consequenceOf, noticeOf } from "./complain.ts";
import { button, element, place } from "./dom.ts";
import type { Answer, Failure } from "./failure.ts";
import { findSession } from "./find.ts";
import { noticeBox } from "./form.ts";
import { announce, openFrame, showLanguages, showMain, showProgress, showTitle } from "./frame.ts";
import * as kept from "./kept.ts";
import { after, before, firstMissing, type PageStep, type ShownStep, stepIn } from "./state.ts";
import type { Step, StepView } from "./step.ts";
import { agents } from "./steps/agents.ts";
import { assistant } from "./steps/assistant.ts";
import { business } from "./steps/business.ts";
import { complete } from "./steps/complete.ts";
import { done } from "./steps/done.ts";
import { key } from "./steps/key.ts";
import { knowledge } from "./steps/knowledge.ts";
import { localeOf, WORDS } from "./words/choose.ts";
import type { Words } from "./words/words.ts";

const STEPS: Readonly<Record<ShownStep, Step>> = {
  business,
  agents,
  assistant,
  knowledge,
  complete,
};

const api = openApi(kept.access);
let locale = localeOf(kept.language(), navigator.languages);
let session: Session | null = null;
/** Counts what was shown: an answer that comes for what is not there any more changes nothing of what is. */
let shown = 0;
/** Shows again what is shown, in another language. */
let redraw: () => void = () => undefined;

const words = (): Words => WORDS[locale];

interface Manner {
  /** Said above it all. */
  readonly notice?: string | null;
  /** False: the page has only just come, or somebody is elsewhere on it. */
  readonly focus?: boolean;
}

function dress(heading: string | null, step: PageStep | null): void {
  showTitle(words(), locale, heading);
  showLanguages(words(), locale, (to) => {
    locale = to;
    kept.keepLanguage(to);
    redraw();
  });
  showProgress(
    words(),
    step === null || session === null ? null : { step, standing: session },
    goTo,
  );
}

function put({ heading, children }: StepView, step: PageStep | null, manner: Manner): void {
  const { notice = null, focus = true } = manner;
  dress(heading, step);
  const told = notice === null ? [] : [noticeBox(notice, null)];
  showMain(heading, [...told, ...children], focus);
  if (notice !== null) announce(notice);
}

function showKey(
  why: ((words: Words) => string) | null,
  focus = true,
  typed = kept.access(),
): void {
  shown += 1;
  let values = typed;
  redraw = () => showKey(why, false, values);
  const view = key({
    words: words(),
    access: typed,
    announce,
    why: why?.(words()) ?? null,
    typed: (access) => (values = access),
    enter,
  });
  put(view, null, { focus });
}

async function enter(access: Access): Promise<Failure | null> {
  kept.keepAccess(access);
  const { failure, manner } = await find({});
  if (failure === null) {
    arrive(manner);
    return null;
  }
  if (failure.kind !== "refused") return failure;
  kept.forgetToken();
  if (failure.why === "credentials") return failure;
  const missing = (["tenant", "user"] as const).filter((name) => access[name] === "");
  return { kind: "invalid", problems: missing.map((path) => ({ path, code: "required" })) };
}

/** How the session stands; if it is another than before, that is said. */
async function find(
  manner: Manner,
): Promise<{ readonly failure: Failure | null; readonly manner: Manner }> {
  const { answer, lost } = await findSession(api);
  if (!answer.ok) return { failure: answer.failure, manner };
  session = answer.value;
  return {
    failure: null,
    manner: lost ? { ...manner, notice: words().failures.gone } : manner,
  };
}

/** At the step that is asked for, here or in the address, or that comes next. */
function arrive(manner: Manner, asked = location.hash): void {
  if (session === null) return;
  const step = stepIn(asked, session);
  history.replaceState(null, "", `#${step}`);
  void show(step, manner);
}

/** From the beginning. */
async function open(first: Manner, asked?: string): Promise<void> {
  shown += 1;
  const mine = shown;
  if (kept.access().token === "") return showKey(null, first.focus);
  redraw = () => dress(null, null);
  redraw();
  place("main").replaceChildren(element("p", { class: "loading" }, words().loading));
  const { failure, manner } = await find(first);
  if (mine !== shown) return;
  if (failure === null) return arrive(manner, asked);
  if (failure.kind === "refused") return refuse(failure);
  showTrouble(failure, () => void open({}));
}

function refuse(failure: Failure): void {
  kept.forgetToken();
  showKey((say) => noticeOf(say, failure).text);
}

/** There is nothing to show but that it did not work, and the way to try again. */
function showTrouble(failure: Failure, again: () => void, step: PageStep | null = null): void {
  redraw = () => showTrouble(failure, again, step);
  const { text, more } = noticeOf(words(), failure);
  const box = noticeBox(text, more, button(words().again, "quiet", again));
  put({ heading: words().title, children: [box] }, step, {});
  announce(text);
}

function goTo(step: PageStep, manner: Manner = {}): void {
  if (location.hash !== `#${step}`) history.pushState(null, "", `#${step}`);
  void show(step, manner);
}

async function show(step: PageStep, manner: Manner): Promise<void> {
  shown += 1;
  const mine = shown;
  if (session === null) return;
  redraw = () => void show(step, { ...manner, focus: false });
  if (step === "done") return put(done(words(), session), step, manner);
  const behind = before(step);
  const view = await STEPS[step]({
    words: words(),
    api,
    session,
    draft: kept.draft(step),
    typed: (draft) => kept.keepDraft(step, draft),
    announce,
    go: goTo,
    back: behind === null ? null : () => goTo(behind),
    settle: (answer, keep = {}) => settle(step, mine, answer, keep),
  });
  if (mine !== shown) return;
  if ("heading" in view) return put(view, step, manner);
  showTrouble(view, () => void show(step, {}), step);
}

function settle(
  step: ShownStep,
  mine: number,
  answer: Answer<Session>,
  keep: kept.Draft,
): Failure | null {
  if (answer.ok) {
    session = answer.value;
    kept.keepDraft(step, keep);
    if (mine === shown) goTo(after(session, step));
    return null;
  }
  const { failure } = answer;
  switch (consequenceOf(failure)) {
    case "tell":
      return failure;
    case "ask":
      refuse(failure);
      return null;
    case "look-again": {
      const { text } = noticeOf(words(), failure);
      const missing = failure.kind === "out-of-order" ? firstMissing(failure.missing) : null;
      void open({ notice: text }, missing === null ? undefined : `#${missing}`);
      return null;
    }
  }
}

/** What the link brings is taken out of the address at once: it is nobody's business there. */
function takeAccess(): boolean {
  const brought = accessIn(location.hash);
  if (brought === null) return false;
  kept.keepAccess(brought);
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

addEventListener("hashchange", () => {
  if (takeAccess()) void open({});
  else if (session !== null) arrive({});
});

openFrame();
takeAccess();
void open({ focus: false });
