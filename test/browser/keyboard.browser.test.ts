import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { PageStep } from "../../src/page/page-step.ts";
import { LOCALES } from "../../src/page/words/words.ts";
import { at, linkOf, newNumber, newTenant, ORIGIN, rows, useBrowser, visit } from "./stage.ts";

useBrowser();

/** Presses Tab until `target` has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let i = 0; i < 40; i++) {
    if (await isFocused(target)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${String(target)}.`);
}

function isFocused(target: Locator): Promise<boolean> {
  return target.evaluate((node) => node === node.ownerDocument.activeElement);
}

/** The names of the next `count` elements that Tab reaches, as a screen reader reads them. */
async function order(page: Page, count: number): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    await page.keyboard.press("Tab");
    const name: string = await page.evaluate(
      "(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim()",
    );
    names.push(name);
  }
  return names;
}

describe.each(LOCALES)("with the keyboard alone, in %s", (locale) => {
  test("a user can onboard a tenant, and the page writes every value to the database", async () => {
    const visited = await visit({ locale });
    const { page, words, requests } = visited;
    const tenant = newTenant();
    const number = newNumber();
    const button = (name: string): Locator => page.getByRole("button", { name, exact: true });
    const current = page.locator("nav [aria-current=step]");
    const headed = async (step: PageStep): Promise<void> => {
      await at(page, words[step].heading);
      const names = await current.allInnerTexts();
      expect(names.map((name) => name.replaceAll(/[^\p{L}]/gu, ""))).toEqual(
        step === "done" ? [] : [words.steps[step]],
      );
      expect(await isFocused(page.getByRole("heading", { level: 1 }))).toBe(true);
    };

    await page.goto(await linkOf(tenant));
    await at(page, words.business.heading);
    await tabTo(page, page.getByLabel(words.business.name));
    await page.keyboard.type("Agence des Tilleuls");
    await page.keyboard.press("Tab");
    await page.keyboard.type(words.business.sectors.real_estate);
    await page.keyboard.press("Tab");
    await page.keyboard.type(`hello@${tenant}.example.com`);
    await page.keyboard.press("Tab");
    await page.keyboard.type(number.typed);
    await page.keyboard.press("Enter");

    await headed("agents");
    await page.getByText("Ventes").waitFor();
    await tabTo(page, button(words.agents.submit));
    await page.keyboard.press("Enter");

    await headed("assistant");
    await tabTo(page, page.getByLabel(words.assistant.types.real_estate_reception.name));
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await tabTo(page, page.getByLabel(words.assistant.name));
    await page.keyboard.type("Camille");
    await tabTo(page, page.getByLabel(words.assistant.voices.female));
    await page.keyboard.press("ArrowDown");
    await tabTo(page, page.getByLabel(words.assistant.products));
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");

    await headed("knowledge");
    await tabTo(page, button(words.knowledge.add));
    await page.keyboard.press("Enter");
    await page.keyboard.type("Horaires");
    await page.keyboard.press("Tab");
    await page.keyboard.type("De 9 h à 18 h.");
    await page.keyboard.press("Enter");
    await page.keyboard.type("Fermé le dimanche.");
    await tabTo(page, button(words.next));
    await page.keyboard.press("Enter");

    await headed("complete");
    await tabTo(page, button(words.complete.submit));
    await page.keyboard.press("Enter");
    await headed("done");

    expect(
      rows(
        "SELECT company_name, sector, email, phone, onboarding_completed FROM tenants WHERE id = ?",
        tenant,
      ),
    ).toEqual([
      {
        company_name: "Agence des Tilleuls",
        sector: "real_estate",
        email: `hello@${tenant}.example.com`,
        phone: number.e164,
        onboarding_completed: 1,
      },
    ]);
    expect(
      rows("SELECT status, current_step FROM onboarding_sessions WHERE tenant_id = ?", tenant),
    ).toEqual([{ status: "completed", current_step: 6 }]);
    expect(
      rows("SELECT first_name FROM agents WHERE tenant_id = ? ORDER BY first_name", tenant),
    ).toEqual([{ first_name: "Location" }, { first_name: "Ventes" }]);
    const { assistant } = words;
    const language = locale === "fr" ? "fr-FR" : "en-GB";
    expect(assistant.voiceLanguages[language]).toBeDefined();
    expect(
      rows(
        "SELECT agent_name, agent_type, voice_language, enable_appointments, enable_products, greeting_message FROM omni_agent_configs WHERE tenant_id = ?",
        tenant,
      ),
    ).toEqual([
      {
        agent_name: "Camille",
        agent_type: "appointment_booking",
        voice_language: language,
        enable_appointments: 1,
        enable_products: 1,
        greeting_message:
          locale === "fr"
            ? "Bonjour, je suis Camille, l'assistant virtuel de Agence des Tilleuls. Comment puis-je vous aider ?"
            : "Hello, this is Camille, the assistant of Agence des Tilleuls. How can I help you?",
      },
    ]);
    expect(
      rows("SELECT phone_number, is_active FROM omni_phone_mappings WHERE tenant_id = ?", tenant),
    ).toEqual([{ phone_number: number.e164, is_active: 1 }]);
    expect(
      rows("SELECT title, content FROM knowledge_documents WHERE tenant_id = ?", tenant),
    ).toEqual([{ title: "Horaires", content: "De 9 h à 18 h.\nFermé le dimanche." }]);

    expect(requests.filter(({ url }) => !url.startsWith(`${ORIGIN}/`))).toEqual([]);
  });
});

test("Tab moves the focus from top to bottom and skips steps that may not be shown", async () => {
  const { page, words } = await visit();
  await page.goto(await linkOf(newTenant()));
  await at(page, words.business.heading);
  const { name, sector, email, phone } = words.business;
  expect(await order(page, 8)).toEqual([
    words.skip,
    "Français",
    "English",
    name,
    sector,
    `${email} (${words.optional})`,
    `${phone} (${words.optional})`,
    words.next,
  ]);
});

test("the skip link moves the focus to the form and keeps the step", async () => {
  const { page, words } = await visit();
  await page.goto(await linkOf(newTenant()));
  await at(page, words.business.heading);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect(await isFocused(page.getByLabel(words.business.name))).toBe(true);
  await at(page, words.business.heading);
});
