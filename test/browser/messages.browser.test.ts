import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import { LOCALES } from "../../src/page/words/words.ts";
import { at, linkOf, newNumber, newTenant, play, rows, useBrowser, visit } from "./stage.ts";

useBrowser();

/** The message that a screen reader reads with the field. */
async function complaintAt(field: Locator): Promise<string> {
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  const ids = ((await field.getAttribute("aria-describedby")) ?? "").split(" ");
  const message = ids.find((id) => id.endsWith("-message")) ?? "no-message";
  return (await field.page().locator(`#${message}`).textContent()) ?? "";
}

const REFUSED = /Failed to load resource: .*(409|422)/;

describe.each(LOCALES)("in %s", (locale) => {
  test("the page reports missing values at their fields and focuses the first field", async () => {
    const { page, words } = await visit({ locale });
    await page.goto(await linkOf(newTenant()));
    await at(page, words.business.heading);
    await page.getByRole("button", { name: words.next }).click();
    const name = page.getByLabel(words.business.name);
    expect(await complaintAt(name)).toBe(words.complaints.required);
    expect(await complaintAt(page.getByLabel(words.business.sector))).toBe(
      words.complaints.required,
    );
    expect(await name.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
    await expect.poll(() => page.getByRole("status").textContent()).toContain(words.toCorrect(2));
  });

  test.each([
    ["12", "phone-too-short"],
    ["06 39 98 12 34 56 78 90 12 34", "phone-too-long"],
    ["call me", "phone-not-a-number"],
    ["+999 12 34 56 78", "phone-of-no-country"],
    ["00 00 00 00 00", "phone-not-valid"],
  ] as const)("the page rejects the phone number %s with the text of %s", async (typed, code) => {
    const { page, words } = await visit({ locale, expected: REFUSED });
    const tenant = newTenant();
    await page.goto(await linkOf(tenant));
    await at(page, words.business.heading);
    await page.getByLabel(words.business.name).fill("Le Fournil");
    await page.getByLabel(words.business.sector).selectOption("food");
    const phone = page.getByLabel(words.business.phone);
    await phone.fill(typed);
    await phone.press("Enter");
    await page.getByText(words.complaints[code], { exact: true }).waitFor();
    expect(await complaintAt(phone)).toBe(words.complaints[code]);
    expect(await phone.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
    expect(await phone.inputValue()).toBe(typed);
    expect(rows("SELECT company_name FROM tenants WHERE id = ?", tenant)).toEqual([
      { company_name: null },
    ]);

    const { typed: better } = newNumber();
    await phone.fill(better);
    await phone.press("Enter");
    await at(page, words.agents.heading);
  });

  test("the page reports a number and an address of another tenant at their fields", async () => {
    const first = await visit({ locale });
    const owner = newTenant();
    const number = newNumber();
    const email = `${owner}@example.com`;
    await first.page.goto(await linkOf(owner));
    await at(first.page, first.words.business.heading);
    await first.page.getByLabel(first.words.business.email).fill(email);
    await play(first, { company: "The first", phone: number.typed }, "done");

    const { page, words } = await visit({ locale, expected: REFUSED });
    await page.goto(await linkOf(newTenant()));
    await at(page, words.business.heading);
    await page.getByLabel(words.business.name).fill("The second");
    await page.getByLabel(words.business.sector).selectOption("retail");
    const phone = page.getByLabel(words.business.phone);
    // The same number in another notation.
    await phone.fill(number.e164.replace("+33", "0033 "));
    await phone.press("Enter");
    await page.getByText(words.complaints["number-taken"], { exact: true }).waitFor();
    expect(await complaintAt(phone)).toBe(words.complaints["number-taken"]);

    await phone.fill(newNumber().typed);
    const address = page.getByLabel(words.business.email);
    await address.fill(email);
    await address.press("Enter");
    await page.getByText(words.complaints["email-taken"], { exact: true }).waitFor();
    expect(await complaintAt(address)).toBe(words.complaints["email-taken"]);
    expect(await phone.getAttribute("aria-invalid")).toBe(null);
    expect(
      rows("SELECT tenant_id FROM omni_phone_mappings WHERE phone_number = ?", number.e164),
    ).toEqual([{ tenant_id: owner }]);
  });
});

test("the page reports invisible characters in a document at the field of that document", async () => {
  const visited = await visit({ expected: REFUSED });
  const { page, words } = visited;
  await page.goto(await linkOf(newTenant()));
  await play(visited, { company: "Le Fournil", phone: newNumber().typed }, "knowledge");
  for (const title of ["Prices", "Hours\u202E"]) {
    await page.getByRole("button", { name: words.knowledge.add }).click();
    await page.getByLabel(words.knowledge.name).last().fill(title);
    await page.getByLabel(words.knowledge.content).last().fill("As agreed.");
  }
  await page.getByRole("button", { name: words.next }).click();
  await page.getByText(words.complaints["unseen-characters"], { exact: true }).waitFor();
  expect(await complaintAt(page.getByLabel(words.knowledge.name).last())).toBe(
    words.complaints["unseen-characters"],
  );
});
