/** @module What the page remembers: credentials, session and drafts per tab, the language per browser. */
import type { Access } from "./access.ts";
import { fieldsOf, textOf } from "./call-failure.ts";
import type { PageStep } from "./page-step.ts";

/** Unsaved input, by field name. */
export type Draft = Readonly<Record<string, string>>;

/** Falls back to memory if the browser forbids storage; the values then last until the page is closed. */
function open(
  name: "sessionStorage" | "localStorage",
): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  try {
    const storage = window[name];
    storage.setItem("onboarding.probe", "1");
    storage.removeItem("onboarding.probe");
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

/** Forgets the session if the tenant or user changes. */
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

/** All tabs of a tenant share this idempotency key, so a link that is opened again resumes its session. An abandoned session needs a new key. */
export function startKey(): string {
  return get("key") || "page";
}

export function renewStartKey(): void {
  set("key", `page-${crypto.randomUUID()}`);
}

/** Returns no drafts if the stored text is not valid. */
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
