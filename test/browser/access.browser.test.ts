import { expect, test } from "vitest";
import { KEY } from "../worker/client.ts";
import {
  at,
  linkOf,
  newNumber,
  newTenant,
  ORIGIN,
  play,
  rows,
  tokenOf,
  useBrowser,
  visit,
} from "./stage.ts";

useBrowser();

const REFUSED = /Failed to load resource: .*(400|401|403|404)/;

test("the page removes the token of the link from the address at once, and sends it in no address", async () => {
  const visited = await visit();
  const { page, words, requests } = visited;
  const token = await tokenOf(newTenant());
  const addresses: string[] = [];
  await page.route("**/start", async (route) => {
    addresses.push(await page.evaluate<string>("location.href"));
    await route.continue();
  });
  await page.goto(`${ORIGIN}/#token=${token}`);
  await at(page, words.business.heading);
  expect(addresses).toEqual([`${ORIGIN}/`]);
  expect(page.url()).toBe(`${ORIGIN}/#business`);
  await play(visited, { company: "Le Fournil", phone: newNumber().typed }, "done");
  expect(requests.length).toBeGreaterThan(15);
  expect(requests.filter(({ url }) => url.includes(token))).toEqual([]);
  expect(await page.evaluate("Object.keys(localStorage)")).toEqual([]);
  await page.goBack();
  await at(page, words.done.heading);
  expect(page.url()).not.toContain(token);
});

test("a second link in the same tab shows its tenant instead of the first one", async () => {
  const { page, words } = await visit({ expected: REFUSED });
  const second = newTenant();
  await page.goto(await linkOf(newTenant()));
  await at(page, words.business.heading);
  await page.getByLabel(words.business.name).fill("Of the first");
  await page.goto(await linkOf(second));
  await expect
    .poll(() => rows("SELECT id FROM onboarding_sessions WHERE tenant_id = ?", second).length)
    .toBe(1);
  await at(page, words.business.heading);
  await expect.poll(() => page.getByLabel(words.business.name).inputValue()).toBe("");
  expect(page.url()).toBe(`${ORIGIN}/#business`);
});

test("an expired token shows the form for the access key, and a new token keeps the typed values", async () => {
  const { page, words } = await visit({ expected: REFUSED });
  const tenant = newTenant();
  await page.goto(await linkOf(tenant));
  await at(page, words.business.heading);
  await page.getByLabel(words.business.name).fill("Le Fournil");
  await page.getByLabel(words.business.sector).selectOption("food");
  const expired = await tokenOf(tenant, -60);
  await page.evaluate(`sessionStorage.setItem("onboarding.token", "${expired}")`);
  await page.getByRole("button", { name: words.next }).click();
  await at(page, words.signIn.heading);
  await page.getByText(words.signIn.refused).first().waitFor();
  await page.getByLabel(words.signIn.token).fill(await tokenOf(tenant));
  await page.getByRole("button", { name: words.signIn.submit }).click();
  await at(page, words.business.heading);
  expect(await page.getByLabel(words.business.name).inputValue()).toBe("Le Fournil");
});

test("the page rejects an expired link and stores no token", async () => {
  const { page, words } = await visit({ expected: REFUSED });
  await page.goto(await linkOf(newTenant(), -60));
  await at(page, words.signIn.heading);
  await page.getByText(words.signIn.refused).first().waitFor();
  expect(page.url()).toBe(`${ORIGIN}/`);
  expect(await page.evaluate("sessionStorage.getItem('onboarding.token')")).toBe(null);
});

test("the page asks for the key, the tenant and the user if it is opened without a link", async () => {
  const { page, words } = await visit({ expected: REFUSED });
  const tenant = newTenant();
  await page.goto(ORIGIN);
  await at(page, words.signIn.heading);
  const submit = page.getByRole("button", { name: words.signIn.submit });
  await page.getByLabel(words.signIn.token).fill("an unknown key");
  await submit.click();
  await page.getByText(words.complaints["not-a-key"], { exact: true }).waitFor();
  await page.getByLabel(words.signIn.token).fill("an-unknown-key");
  await submit.click();
  await page.getByText(words.signIn.refused).first().waitFor();
  await page.getByLabel(words.signIn.token).fill(KEY);
  await submit.click();
  await page.getByText(words.complaints.required, { exact: true }).first().waitFor();
  await page.getByLabel(words.signIn.tenant).fill(tenant);
  await page.getByLabel(words.signIn.user).fill(`user-of-${tenant}`);
  await submit.click();
  await at(page, words.business.heading);
  expect(rows("SELECT user_id FROM onboarding_sessions WHERE tenant_id = ?", tenant)).toEqual([
    { user_id: `user-of-${tenant}` },
  ]);
});

test("the page neither shows nor changes a session of another tenant", async () => {
  const owner = newTenant();
  const first = await visit();
  await first.page.goto(await linkOf(owner));
  await play(first, { company: "The owner", phone: newNumber().typed }, "assistant");
  const [session] = rows("SELECT id FROM onboarding_sessions WHERE tenant_id = ?", owner);
  const before = rows("SELECT * FROM onboarding_sessions WHERE tenant_id = ?", owner);

  const { page, words } = await visit({ expected: REFUSED });
  const thief = newTenant();
  await page.goto(await linkOf(thief));
  await at(page, words.business.heading);
  await page.evaluate(`sessionStorage.setItem("onboarding.session", "${String(session?.["id"])}")`);
  await page.reload();
  await page.getByText(words.failures.gone).first().waitFor();
  await at(page, words.business.heading);
  expect(await page.getByLabel(words.business.name).inputValue()).toBe("");
  await play(
    { page, words, requests: [] },
    { company: "The thief", phone: newNumber().typed },
    "done",
  );
  expect(rows("SELECT * FROM onboarding_sessions WHERE tenant_id = ?", owner)).toEqual(before);
});

test("the Worker serves the page with a policy that forbids content of other origins", async () => {
  for (const path of ["/", "/main.js", "/style.css", "/no-such-page"]) {
    const { headers } = await fetch(ORIGIN + path);
    expect(headers.get("content-security-policy"), path).toMatch(
      /default-src 'none'; script-src 'self'; style-src 'self'; .*frame-ancestors 'none'/,
    );
    expect(headers.get("content-security-policy"), path).not.toMatch(/unsafe|\*|data:/);
    expect(headers.get("referrer-policy"), path).toBe("no-referrer");
  }
});
