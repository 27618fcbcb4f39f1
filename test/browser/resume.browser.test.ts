import { DatabaseSync } from "node:sqlite";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { WORDS } from "../../src/page/words/words.ts";
import {
  at,
  linkOf,
  newNumber,
  newTenant,
  ORIGIN,
  play,
  rows,
  useBrowser,
  visit,
} from "./stage.ts";

useBrowser();

const company = "Agence des Tilleuls";

describe("the page", () => {
  test("resumes at the same step with unsaved input after a reload", async () => {
    const visited = await visit();
    const { page, words } = visited;
    await page.goto(await linkOf(newTenant()));
    await play(visited, { company, phone: newNumber().typed }, "assistant");
    await page.getByLabel(words.assistant.name).fill("Camille");
    await page.getByText(words.assistant.voices.male, { exact: true }).click();
    await page.reload();
    await at(page, words.assistant.heading);
    expect(await page.getByLabel(words.assistant.name).inputValue()).toBe("Camille");
    expect(
      await page.getByRole("radio", { name: words.assistant.voices.male, exact: true }).isChecked(),
    ).toBe(true);
  });

  test("resumes the same session if the link is opened in another tab", async () => {
    const tenant = newTenant();
    const link = await linkOf(tenant);
    const first = await visit();
    await first.page.goto(link);
    await play(first, { company, phone: newNumber().typed }, "knowledge");
    const second = await visit();
    await second.page.goto(link);
    await at(second.page, second.words.knowledge.heading);
    expect(
      rows("SELECT count(*) AS n FROM onboarding_sessions WHERE tenant_id = ?", tenant),
    ).toEqual([{ n: 1 }]);
  });

  test("begins a new session if the old one was abandoned", async () => {
    const visited = await visit();
    const { page, words } = visited;
    const tenant = newTenant();
    await page.goto(await linkOf(tenant));
    await play(visited, { company, phone: newNumber().typed }, "assistant");
    write("UPDATE onboarding_sessions SET status = 'abandoned' WHERE tenant_id = ?", tenant);
    await page.reload();
    await at(page, words.business.heading);
    expect(await page.getByLabel(words.business.name).inputValue()).toBe(company);
  });

  test("returns to the first missing step and shows a message", async () => {
    const visited = await visit({ expected: /409/ });
    const { page, words } = visited;
    const tenant = newTenant();
    await page.goto(await linkOf(tenant));
    await play(visited, { company, phone: newNumber().typed }, "assistant");
    write("UPDATE onboarding_sessions SET current_step = 3 WHERE tenant_id = ?", tenant);
    await page.getByLabel(words.assistant.name).fill("Camille");
    await page.getByRole("button", { name: words.next }).click();
    await at(page, words.agents.heading);
    await page.getByText(words.failures.outOfOrder).first().waitFor();
  });

  test("returns to the step whose rows were deleted before the last step", async () => {
    const visited = await visit({ expected: /409/ });
    const { page, words } = visited;
    const tenant = newTenant();
    await page.goto(await linkOf(tenant));
    await play(visited, { company, phone: newNumber().typed }, "complete");
    write("DELETE FROM availability_slots WHERE tenant_id = ?", tenant);
    write("DELETE FROM agents WHERE tenant_id = ?", tenant);
    await page.getByRole("button", { name: words.complete.submit }).click();
    await at(page, words.agents.heading);
    await page.getByText(words.failures.outOfOrder).first().waitFor();
    await page.getByRole("button", { name: words.agents.submit }).click();
    await at(page, words.assistant.heading);
  });

  test("shows the completed session if another tab has completed it", async () => {
    const link = await linkOf(newTenant());
    const first = await visit({ expected: /409/ });
    const second = await visit();
    await first.page.goto(link);
    await play(first, { company, phone: newNumber().typed }, "knowledge");
    await second.page.goto(link);
    await at(second.page, second.words.knowledge.heading);
    await second.page.getByRole("button", { name: second.words.knowledge.without }).click();
    await at(second.page, second.words.complete.heading);
    await second.page.getByRole("button", { name: second.words.complete.submit }).click();
    await at(second.page, second.words.done.heading);
    await first.page.getByRole("button", { name: first.words.knowledge.without }).click();
    await at(first.page, first.words.done.heading);
    await first.page.getByText(first.words.failures.elsewhere).first().waitFor();
  });
});

describe("a user who goes back", () => {
  test("can change the number, and another tenant can then use the old one", async () => {
    const visited = await visit();
    const { page, words } = visited;
    const tenant = newTenant();
    const old = newNumber();
    const better = newNumber();
    await page.goto(await linkOf(tenant));
    await play(visited, { company, phone: old.typed }, "complete");
    await page
      .getByRole("button", { name: `${words.complete.change} – ${words.steps.business}` })
      .click();
    await at(page, words.business.heading);
    const phone = page.getByLabel(words.business.phone);
    expect(await phone.inputValue()).toBe(old.e164);
    await phone.fill(better.typed);
    await page.getByRole("button", { name: words.next }).click();
    await at(page, words.agents.heading);
    await page.getByRole("navigation").getByRole("button", { name: words.steps.complete }).click();
    await at(page, words.complete.heading);
    await page.getByRole("button", { name: words.complete.submit }).click();
    await at(page, words.done.heading);
    expect(
      rows("SELECT phone_number FROM omni_phone_mappings WHERE tenant_id = ?", tenant),
    ).toEqual([{ phone_number: better.e164 }]);

    const next = await visit();
    await next.page.goto(await linkOf(newTenant()));
    await play(next, { company: "The next", phone: old.typed }, "done");
  });

  test("moves one step per click on the browser's button", async () => {
    const visited = await visit();
    const { page, words } = visited;
    await page.goto(await linkOf(newTenant()));
    await play(visited, { company, phone: newNumber().typed }, "knowledge");
    await page.goBack();
    await at(page, words.assistant.heading);
    await page.goBack();
    await at(page, words.agents.heading);
    await page.goForward();
    await at(page, words.assistant.heading);
  });

  test("cannot skip a step that is not complete", async () => {
    const { page, words } = await visit();
    await page.goto(await linkOf(newTenant()));
    await at(page, words.business.heading);
    await page.goto(`${ORIGIN}/#complete`);
    await at(page, words.business.heading);
    await expect.poll(() => page.url()).toBe(`${ORIGIN}/#business`);
  });
});

describe("a step", () => {
  test("is saved once if the user clicks several times", async () => {
    const visited = await visit();
    const { page, words, requests } = visited;
    const tenant = newTenant();
    await page.goto(await linkOf(tenant));
    await play(visited, { company, phone: newNumber().typed }, "agents");
    await page.getByRole("button", { name: words.agents.submit }).dblclick();
    await at(page, words.assistant.heading);
    expect(requests.filter(({ url }) => url.endsWith("/agents/auto-generate"))).toHaveLength(1);
    expect(rows("SELECT count(*) AS n FROM agents WHERE tenant_id = ?", tenant)).toEqual([
      { n: 2 },
    ]);
  });

  test("is saved once if the answer is lost and the user sends it again", async () => {
    const visited = await visit({ expected: /ERR_FAILED/ });
    const { page, words } = visited;
    const tenant = newTenant();
    await page.goto(await linkOf(tenant));
    await play(visited, { company, phone: newNumber().typed }, "knowledge");
    await page.getByRole("button", { name: words.knowledge.add }).click();
    await page.getByLabel(words.knowledge.name).fill("Hours");
    await page.getByLabel(words.knowledge.content).fill("9 to 6");
    // The Worker executes the request, but the answer is lost.
    await page.route("**/knowledge", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.getByRole("button", { name: words.next, exact: true }).click();
    const retry = page.getByRole("button", { name: words.retry });
    await retry.waitFor();
    expect(await page.getByLabel(words.knowledge.name).inputValue()).toBe("Hours");
    await page.unroute("**/knowledge");
    await retry.click();
    await at(page, words.complete.heading);
    expect(rows("SELECT title FROM knowledge_documents WHERE tenant_id = ?", tenant)).toEqual([
      { title: "Hours" },
    ]);
  });
});

describe("a failed request", () => {
  test("is reported and can be retried if there is no network", async () => {
    const visited = await visit({ expected: /ERR_INTERNET_DISCONNECTED/ });
    const { page, words } = visited;
    await page.goto(await linkOf(newTenant()));
    await at(page, words.business.heading);
    await page.context().setOffline(true);
    await page.getByLabel(words.business.name).fill(company);
    await page.getByLabel(words.business.sector).selectOption("services");
    await page.getByRole("button", { name: words.next }).click();
    await page.getByText(words.failures.offline).first().waitFor();
    await page.getByRole("button", { name: words.retry }).click();
    await page.getByText(words.failures.offline).first().waitFor();
    await page.context().setOffline(false);
    await page.getByRole("button", { name: words.retry }).click();
    await at(page, words.agents.heading);
  });

  test("is reported and can be retried when the page opens and when a step loads", async () => {
    const visited = await visit({ expected: /ERR_FAILED/ });
    const { page, words } = visited;
    await page.route("**/start", (route) => route.abort());
    await page.goto(await linkOf(newTenant()));
    await page.getByText(words.failures.network).first().waitFor();
    await page.unroute("**/start");
    await page.getByRole("button", { name: words.retry }).click();
    await play(visited, { company, phone: newNumber().typed }, "agents");
    await page.route("**/agent-types", (route) => route.abort());
    await page.getByRole("button", { name: words.agents.submit }).click();
    await page.getByText(words.failures.network).first().waitFor();
    await page.unroute("**/agent-types");
    await page.getByRole("button", { name: words.retry }).click();
    await at(page, words.assistant.heading);
  });

  test("is reported and can be retried while another connection locks the database", async () => {
    const visited = await visit({ expected: /50\d/ });
    const { page, words } = visited;
    await page.goto(await linkOf(newTenant()));
    await at(page, words.business.heading);
    await page.getByLabel(words.business.name).fill(company);
    await page.getByLabel(words.business.sector).selectOption("services");
    const holder = new DatabaseSync(inject("database"), { timeout: 5000 });
    onTestFinished(() => holder.close());
    holder.exec("BEGIN IMMEDIATE");
    await page.getByRole("button", { name: words.next }).click();
    await page.getByText(words.failures.broken).first().waitFor();
    await page
      .getByText(/reference: \S+/)
      .first()
      .waitFor();
    holder.exec("ROLLBACK");
    await page.getByRole("button", { name: words.retry }).click();
    await at(page, words.agents.heading);
  });
});

describe("the language", () => {
  test("can be changed without losing input, and is used again after a reload", async () => {
    const { page, words } = await visit({ locale: "en" });
    const { fr } = WORDS;
    await page.goto(await linkOf(newTenant()));
    await at(page, words.business.heading);
    expect(await page.evaluate("document.documentElement.lang")).toBe("en");
    await page.getByLabel(words.business.name).fill(company);
    await page.getByRole("button", { name: fr.language }).click();
    await at(page, fr.business.heading);
    expect(await page.evaluate("document.documentElement.lang")).toBe("fr");
    expect(await page.title()).toBe(`${fr.business.heading} – ${fr.title}`);
    expect(await page.getByLabel(fr.business.name).inputValue()).toBe(company);
    expect(
      await page
        .getByRole("button", { name: fr.language })
        .evaluate((node) => node === node.ownerDocument.activeElement),
    ).toBe(true);
    await page.reload();
    await at(page, fr.business.heading);
  });
});

function write(sql: string, ...values: string[]): void {
  const database = new DatabaseSync(inject("database"), { timeout: 5000 });
  database.prepare(sql).run(...values);
  database.close();
}
