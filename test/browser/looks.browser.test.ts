import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { at, linkOf, newNumber, newTenant, ORIGIN, useBrowser, visit } from "./stage.ts";

useBrowser();

/** The folder for a picture of every step; no pictures if it is not set. */
const PICTURES = process.env["D1OPS_TEST_PICTURES"];

const SIZES = {
  wide: { viewport: { width: 1200, height: 900 } },
  narrow: { viewport: { width: 320, height: 640 } },
  /** A window of 1280 by 900 at a zoom of 200 %. */
  zoomed: { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 },
};

/** Every pair of values occurs. */
const looks = [
  { locale: "fr", scheme: "light", size: "wide" },
  { locale: "fr", scheme: "dark", size: "narrow" },
  { locale: "en", scheme: "dark", size: "wide" },
  { locale: "en", scheme: "light", size: "narrow" },
  { locale: "fr", scheme: "light", size: "zoomed" },
  { locale: "en", scheme: "dark", size: "zoomed" },
] as const;

describe.each(looks)("in $locale, $scheme, $size", ({ locale, scheme, size }) => {
  test("axe finds no problem in any step, and no step scrolls sideways", async () => {
    const { page, words } = await visit({
      locale,
      expected: /Failed to load resource: .*(422|ERR_FAILED)/,
      context: { colorScheme: scheme, reducedMotion: "reduce", ...SIZES[size] },
    });
    const look = async (name: string): Promise<void> => {
      await take(page, `${locale}-${scheme}-${size}-${name}`);
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
        .analyze();
      expect
        .soft(
          violations.map(
            ({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html).join()}`,
          ),
        )
        .toEqual([]);
      const excess = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect.soft(excess, `${name} is wider than the window`).toBeLessThanOrEqual(0);
    };
    const next = (name: string): Promise<void> =>
      page.getByRole("button", { name, exact: true }).click();

    await page.goto(ORIGIN);
    await at(page, words.signIn.heading);
    await look("0-key");

    await page.goto(await linkOf(newTenant()));
    await at(page, words.business.heading);
    await look("1-business");
    await page.getByLabel(words.business.phone).fill("12");
    await next(words.next);
    await page.getByText(words.complaints.required).first().waitFor();
    await page.getByLabel(words.business.name).fill("Agence des Tilleuls");
    await page.getByLabel(words.business.sector).selectOption("real_estate");
    await next(words.next);
    await page.getByText(words.complaints["phone-too-short"], { exact: true }).waitFor();
    await look("1-business-wrong");
    await page.getByLabel(words.business.phone).fill(newNumber().typed);
    await page.route("**/business", (route) => route.abort());
    await next(words.next);
    await page.getByRole("button", { name: words.retry }).waitFor();
    await look("1-business-unreached");
    await page.unroute("**/business");
    await page.getByRole("button", { name: words.retry }).click();

    await at(page, words.agents.heading);
    await look("2-agents");
    await next(words.agents.submit);
    await at(page, words.assistant.heading);
    await page.getByLabel(words.assistant.name).fill("Camille");
    await look("3-assistant");
    await next(words.next);
    await at(page, words.knowledge.heading);
    await look("4-knowledge");
    await next(words.knowledge.add);
    await next(words.knowledge.add);
    await page.getByLabel(words.knowledge.name).first().fill("Horaires");
    await page
      .getByLabel(words.knowledge.content)
      .first()
      .fill("Du lundi au vendredi, de 9 h à 18 h.");
    await look("4-knowledge-two");
    await page.getByRole("button", { name: words.knowledge.remove }).last().click();
    await next(words.next);
    await at(page, words.complete.heading);
    await look("5-complete");
    await next(words.back);
    await at(page, words.knowledge.heading);
    await look("5-knowledge-stored");
    await page.goBack();
    await at(page, words.complete.heading);
    await next(words.complete.submit);
    await at(page, words.done.heading);
    await look("6-done");
  });
});

test("the page has no transitions if the user prefers reduced motion", async () => {
  for (const [reducedMotion, moves] of [
    ["reduce", false],
    ["no-preference", true],
  ] as const) {
    const { page, words } = await visit({ context: { reducedMotion } });
    await page.goto(ORIGIN);
    await at(page, words.signIn.heading);
    const duration = await page.evaluate(
      "getComputedStyle(document.querySelector('.primary')).transitionDuration",
    );
    expect(duration !== "0s").toBe(moves);
  }
});

test("the page loads four files of its own origin with less than 52 kB together", async () => {
  const { page, words } = await visit();
  const sizes = new Map<string, number>();
  page.on("response", async (response) => {
    const { pathname } = new URL(response.url());
    sizes.set(pathname, (await response.body()).length);
  });
  await page.goto(ORIGIN, { waitUntil: "networkidle" });
  await at(page, words.signIn.heading);
  expect([...sizes.keys()].sort()).toEqual(["/", "/icon.svg", "/main.js", "/style.css"]);
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeLessThan(52_000);
});

async function take(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}
