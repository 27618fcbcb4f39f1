/** @module The page's entry point: finds the session, shows its current step, and moves from step to step. */
import { type Access, accessIn } from "./access.ts";
import type { Session } from "./read-session.ts";
import { openApi } from "./worker-api.ts";
import { reactionTo, noticeFor } from "./failure-text.ts";
import { button, element, elementById } from "./dom.ts";
import type { Answer, Failure } from "./call-failure.ts";
import { findSession } from "./find-session.ts";
import { noticeBox } from "./form.ts";
import { announce, openFrame, showLanguages, showMain, showProgress, showTitle } from "./frame.ts";
import * as storage from "./storage.ts";
import { after, before, firstMissing, type PageStep, type ShownStep, stepIn } from "./page-step.ts";
import type { Step, StepView } from "./step-view.ts";
import { agents } from "./steps/agents.ts";
import { assistant } from "./steps/assistant.ts";
import { business } from "./steps/business.ts";
import { complete } from "./steps/complete.ts";
import { done } from "./steps/done.ts";
import { signInView } from "./steps/sign-in.ts";
import { knowledge } from "./steps/knowledge.ts";
import { localeOf, WORDS, type Words } from "./words/words.ts";

const STEPS: Readonly<Record<ShownStep, Step>> = {
  business,
  agents,
  assistant,
  knowledge,
  complete,
};

const api = openApi(storage.access);
let locale = localeOf(storage.language(), navigator.languages);
let session: Session | null = null;
/** Counts the views shown. An answer that belongs to an earlier view is ignored. */
let shown = 0;
/** Shows the current view again after a change of language. */
let redraw: () => void = () => undefined;

const words = (): Words => WORDS[locale];

interface ShowOptions {
  /** A message above the view. */
  readonly notice?: string | null;
  /** False if the page has just loaded, or if the user is working elsewhere on it. */
  readonly focus?: boolean;
}

interface SignInOptions extends Pick<ShowOptions, "focus"> {
  /** What the form shows. Default: what is stored. */
  readonly typed?: Access;
}

function showFrame(heading: string | null, step: PageStep | null): void {
  showTitle(words(), locale, heading);
  showLanguages(words(), locale, (to) => {
    locale = to;
    storage.keepLanguage(to);
    redraw();
  });
  showProgress(
    words(),
    step === null || session === null ? null : { step, progress: session },
    goTo,
  );
}

function showView(
  { heading, children }: StepView,
  step: PageStep | null,
  options: ShowOptions,
): void {
  const { notice = null, focus = true } = options;
  showFrame(heading, step);
  const above = notice === null ? [] : [noticeBox(notice, null)];
  showMain(heading, [...above, ...children], focus);
  if (notice !== null) announce(notice);
}

function showSignIn(
  why: ((words: Words) => string) | null,
  { focus = true, typed = storage.access() }: SignInOptions,
): void {
  shown += 1;
  let values = typed;
  redraw = () => showSignIn(why, { focus: false, typed: values });
  const view = signInView({
    words: words(),
    access: typed,
    announce,
    why: why?.(words()) ?? null,
    onInput: (access) => (values = access),
    signIn,
  });
  showView(view, null, { focus });
}

async function signIn(access: Access): Promise<Failure | null> {
  storage.keepAccess(access);
  const { failure, options } = await find({});
  if (failure === null) {
    showRequested(options);
    return null;
  }
  if (failure.kind !== "refused") return failure;
  storage.forgetToken();
  if (failure.why === "credentials") return failure;
  const missing = (["tenant", "user"] as const).filter((name) => access[name] === "");
  return { kind: "invalid", problems: missing.map((path) => ({ path, code: "required" })) };
}

/** Reads the session. If a new one replaced it, the options contain a notice. */
async function find(
  options: ShowOptions,
): Promise<{ readonly failure: Failure | null; readonly options: ShowOptions }> {
  const { answer, lost } = await findSession(api);
  if (!answer.ok) return { failure: answer.failure, options };
  session = answer.value;
  return {
    failure: null,
    options: lost ? { ...options, notice: words().failures.gone } : options,
  };
}

/** Shows the requested step, or the current one if the requested step may not be shown. */
function showRequested(options: ShowOptions, requested = location.hash): void {
  if (session === null) return;
  const step = stepIn(requested, session);
  history.replaceState(null, "", `#${step}`);
  void show(step, options);
}

async function open(first: ShowOptions, requested?: string): Promise<void> {
  shown += 1;
  const current = shown;
  if (storage.access().token === "") return showSignIn(null, first);
  redraw = () => showFrame(null, null);
  redraw();
  elementById("main").replaceChildren(element("p", { class: "loading" }, words().loading));
  const { failure, options } = await find(first);
  if (current !== shown) return;
  if (failure === null) return showRequested(options, requested);
  if (failure.kind === "refused") return signOut(failure);
  showFailure(failure, () => void open({}));
}

function signOut(failure: Failure): void {
  storage.forgetToken();
  showSignIn((say) => noticeFor(say, failure).text, {});
}

/** Shows a failure with a button to retry, in place of a step. */
function showFailure(failure: Failure, retry: () => void, step: PageStep | null = null): void {
  redraw = () => showFailure(failure, retry, step);
  const { text, more } = noticeFor(words(), failure);
  const box = noticeBox(text, more, button(words().retry, "quiet", retry));
  showView({ heading: words().title, children: [box] }, step, {});
  announce(text);
}

function goTo(step: PageStep, options: ShowOptions = {}): void {
  if (location.hash !== `#${step}`) history.pushState(null, "", `#${step}`);
  void show(step, options);
}

async function show(step: PageStep, options: ShowOptions): Promise<void> {
  shown += 1;
  const current = shown;
  if (session === null) return;
  redraw = () => void show(step, { ...options, focus: false });
  if (step === "done") return showView(done(words(), session), step, options);
  const previous = before(step);
  const view = await STEPS[step]({
    words: words(),
    api,
    session,
    draft: storage.draft(step),
    onInput: (draft) => storage.keepDraft(step, draft),
    announce,
    go: goTo,
    back: previous === null ? null : () => goTo(previous),
    settle: (answer, keep = {}) => settle(step, current, answer, keep),
  });
  if (current !== shown) return;
  if ("heading" in view) return showView(view, step, options);
  showFailure(view, () => void show(step, {}), step);
}

function settle(
  step: ShownStep,
  current: number,
  answer: Answer<Session>,
  keep: storage.Draft,
): Failure | null {
  if (answer.ok) {
    session = answer.value;
    storage.keepDraft(step, keep);
    if (current === shown) goTo(after(session, step));
    return null;
  }
  const { failure } = answer;
  switch (reactionTo(failure)) {
    case "show":
      return failure;
    case "sign-in":
      signOut(failure);
      return null;
    case "reload": {
      const { text } = noticeFor(words(), failure);
      const missing = failure.kind === "out-of-order" ? firstMissing(failure.missing) : null;
      void open({ notice: text }, missing === null ? undefined : `#${missing}`);
      return null;
    }
  }
}

/** Moves the credentials from the address to the tab's storage at once, so that they are not shown or copied with the address. */
function takeCredentials(): boolean {
  const access = accessIn(location.hash);
  if (access === null) return false;
  storage.keepAccess(access);
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

addEventListener("hashchange", () => {
  if (takeCredentials()) void open({});
  else if (session !== null) showRequested({});
});

openFrame();
takeCredentials();
void open({ focus: false });
