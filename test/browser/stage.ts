import { randomInt, randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { SignJWT } from "jose";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, onTestFinished } from "vitest";
import { type Locale, WORDS, type Words } from "../../src/page/words/words.ts";
import { TOKENS } from "./setup.ts";

export const ORIGIN: string = inject("origin");

let browser: Browser;

/** Starts one browser for all tests of a file. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: inject("chromium"),
      // Chromium has no sandbox for root, and CI is root.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    });
  });
  afterAll(() => browser.close());
}

export interface Visit {
  readonly page: Page;
  readonly words: Words;
  /** Every request of the page. */
  readonly requests: { readonly method: string; readonly url: string }[];
}

export interface VisitOptions {
  readonly locale?: Locale;
  readonly context?: BrowserContextOptions;
  /** Errors and warnings on the console that the test causes on purpose. */
  readonly expected?: RegExp;
}

/** Opens a separate window. Errors and warnings on the console and violations of the policy fail the test. */
export async function visit({
  locale = "en",
  context = {},
  expected,
}: VisitOptions = {}): Promise<Visit> {
  const opened = await browser.newContext({
    locale: WORDS[locale].tag,
    timezoneId: "Europe/Paris",
    viewport: { width: 1200, height: 900 },
    ...context,
  });
  const page = await opened.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  const requests: Visit["requests"] = [];
  page.on("console", (line) => {
    const kind = line.type();
    if (kind === "error" || kind === "warning") complaints.push(line.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push({ method: request.method(), url: request.url() }));
  await page.addInitScript(
    `addEventListener("securitypolicyviolation", (e) => console.error("policy: " + e.violatedDirective));`,
  );
  onTestFinished(async () => {
    await opened.close();
    expect(complaints.filter((line) => expected?.test(line) !== true)).toEqual([]);
  });
  return { page, words: WORDS[locale], requests };
}

/** The id of a new tenant. */
export function newTenant(): string {
  return `tenant-${randomUUID()}`;
}

/** The token of a link. `seconds`: until it expires. */
export function tokenOf(tenant: string, seconds = 3600): Promise<string> {
  return new SignJWT({ tenant_id: tenant })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(`user-of-${tenant}`)
    .setIssuer(TOKENS.AUTH_ISSUER)
    .setAudience(TOKENS.AUTH_AUDIENCE)
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new TextEncoder().encode(TOKENS.AUTH_JWT_SECRET));
}

export async function linkOf(tenant: string, seconds?: number): Promise<string> {
  return `${ORIGIN}/#token=${await tokenOf(tenant, seconds)}`;
}

/** Waits until the page has this heading. */
export async function at(page: Page, heading: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
}

const given = new Set<string>();

/** A number that no tenant has, in the range that is reserved for fiction. */
export function newNumber(): { readonly typed: string; readonly e164: string } {
  const tail = String(randomInt(10_000)).padStart(4, "0");
  const e164 = `+3363998${tail}`;
  const taken = rows("SELECT 1 FROM omni_phone_mappings WHERE phone_number = ?", e164).length > 0;
  if (taken || given.has(e164)) return newNumber();
  given.add(e164);
  return { typed: `06 39 98 ${tail.slice(0, 2)} ${tail.slice(2)}`, e164 };
}

/** Reads the Worker's database. */
export function rows(sql: string, ...values: string[]): Record<string, unknown>[] {
  const database = new DatabaseSync(inject("database"), { readOnly: true, timeout: 5000 });
  try {
    return database.prepare(sql).all(...values);
  } finally {
    database.close();
  }
}

export interface CompanyInput {
  readonly company: string;
  readonly phone: string;
}

/** Completes the steps with the mouse until the step `until` is shown. */
export async function play(
  { page, words }: Visit,
  { company, phone }: CompanyInput,
  until: "agents" | "assistant" | "knowledge" | "complete" | "done",
): Promise<void> {
  const next = (name: string): Promise<void> =>
    page.getByRole("button", { name, exact: true }).click();
  await at(page, words.business.heading);
  await page.getByLabel(words.business.name).fill(company);
  await page.getByLabel(words.business.sector).selectOption("real_estate");
  await page.getByLabel(words.business.phone).fill(phone);
  await next(words.next);
  await at(page, words.agents.heading);
  if (until === "agents") return;
  await next(words.agents.submit);
  await at(page, words.assistant.heading);
  if (until === "assistant") return;
  await page.getByLabel(words.assistant.name).fill("Camille");
  await next(words.next);
  await at(page, words.knowledge.heading);
  if (until === "knowledge") return;
  await next(words.knowledge.without);
  await at(page, words.complete.heading);
  if (until === "complete") return;
  await next(words.complete.submit);
  await at(page, words.done.heading);
}
