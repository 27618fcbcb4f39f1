/**
 * What the page remembers: in this tab who it speaks for and what was typed, in this browser the language.
 * @module
 */
import type { Access } from "./access.ts";
import { fieldsOf, textOf } from "./failure.ts";
import type { PageStep } from "./state.ts";

/** What was typed and is not saved yet, by the name of its field. */
export type Draft = Readonly<Record<string, string>>;

/** A browser may forbid it; then the page remembers until it is left. */
function open(
  name: "sessionStorage" | "localStorage",
): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  try {
    const storage = window[name];
    storage.setItem("onboarding.try", "1");
    storage.removeItem("onboarding.try");
    return storage;
  } catch {
    const memory = new Map<string, string>();
    return {
      getItem: (key) => memory.get(key) ?? null,
      setItem: (key, text) => void memory.set(key, text),
      removeItem: (key) => void memory.delete(key),
    };
  }
}

const tab = open("sessionStorage");
const browser = open("localStorage");

const NAMES = ["token", "tenant", "user", "session", "key", "drafts"] as const;
type Name = (typeof NAMES)[number];

const get = (name: Name): string => tab.getItem(`onboarding.${name}`) ?? "";

function set(name: Name, text: string): void {
  if (text === "") tab.removeItem(`onboarding.${name}`);
  else tab.setItem(`onboarding.${name}`, text);
}

export function access(): Access {
  return { token: get("token"), tenant: get("tenant"), user: get("user") };
}

/** Of somebody else nothing is kept. */
export function keepAccess({ token, tenant, user }: Access): void {
  if (tenant !== get("tenant") || user !== get("user")) forgetSession();
  set("token", token);
  set("tenant", tenant);
  set("user", user);
}

export function forgetToken(): void {
  set("token", "");
}

export function session(): string {
  return get("session");
}

export function keepSession(id: string): void {
  set("session", id);
}

export function forgetSession(): void {
  set("session", "");
  set("drafts", "");
}

/**
 * The same in every tab of a tenant, so that a link that is opened again goes on with what it began. A session that was given up
 * needs another one.
 */
export function startKey(): string {
  return get("key") || "page";
}

export function renewStartKey(): void {
  set("key", `page-${crypto.randomUUID()}`);
}

/** What is no draft of ours is none. */
function drafts(): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(get("drafts") || "{}"));
  } catch {
    return {};
  }
}

export function draft(step: PageStep): Draft {
  const typed = Object.entries(fieldsOf(drafts()[step]));
  return Object.fromEntries(typed.map(([name, value]) => [name, textOf(value)]));
}

export function keepDraft(step: PageStep, one: Draft): void {
  set("drafts", JSON.stringify({ ...drafts(), [step]: one }));
}

export function language(): string | null {
  return browser.getItem("onboarding.language");
}

export function keepLanguage(locale: string): void {
  browser.setItem("onboarding.language", locale);
}
