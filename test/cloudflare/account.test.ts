import { describe, expect, test } from "vitest";
import { knownAccount, listAccounts, onlyAccount } from "../../src/cloudflare/account.ts";
import { type Api, connectApi } from "../../src/cloudflare/api.ts";
import { makePace } from "../../src/cloudflare/request-rate.ts";
import { house, type House } from "../cloudflare-fake/fake-fixture.ts";
import { virtualClock } from "./virtual-clock.ts";

const accountsOf = (count: number): { id: string; name: string }[] =>
  Array.from({ length: count }, (_, i) => ({
    id: i.toString(16).padStart(32, "0"),
    name: `Account ${i}`,
  }));

/** A token that opens so many accounts. */
async function ground(count: number): Promise<House & { readonly api: Api }> {
  const home = await house();
  home.cloudflare.tokens.add("token-of-several", { accounts: accountsOf(count) });
  const clock = virtualClock();
  const api = connectApi({
    credentials: { kind: "token", token: "token-of-several", source: "CLOUDFLARE_API_TOKEN" },
    baseUrl: home.cloudflare.apiBaseUrl,
    userAgent: "d1ops/test",
    clock,
    pace: makePace({ clock }),
    attempts: 2,
  });
  return { ...home, api };
}

describe("what is known without asking", () => {
  const variables = { CLOUDFLARE_ACCOUNT_ID: "of the variable" };

  test.each([
    ["nothing", null, {}, null],
    [
      "the config's",
      "of the config",
      {},
      { id: "of the config", source: "account_id of the config" },
    ],
    ["the variable's", null, variables, { id: "of the variable", source: "CLOUDFLARE_ACCOUNT_ID" }],
    [
      "the config's goes first, as for wrangler",
      "of the config",
      variables,
      { id: "of the config", source: "account_id of the config" },
    ],
  ])("%s", (_, configured, said, account) => {
    expect(knownAccount(configured, said)).toEqual(account);
  });
});

describe("the only account", () => {
  test("is taken, with one call", async () => {
    const { api, cloudflare } = await ground(1);
    expect(await onlyAccount(api)).toEqual({
      id: "0".repeat(32),
      source: "the only account of the token",
    });
    expect(cloudflare.operations()).toEqual(["accounts.list"]);
  });

  test("none is an error that says whose token it was", async () => {
    const { api } = await ground(0);
    await expect(onlyAccount(api)).rejects.toMatchObject({
      code: "ACCOUNT_NONE",
      details: { source: "CLOUDFLARE_API_TOKEN" },
      message: expect.stringContaining("…eral (from CLOUDFLARE_API_TOKEN) opens no account"),
    });
  });

  test("several are an error that names each, and what to set", async () => {
    const { api } = await ground(2);
    const [one, two] = accountsOf(2);
    await expect(onlyAccount(api)).rejects.toMatchObject({
      code: "ACCOUNT_AMBIGUOUS",
      details: { known: [one?.id, two?.id] },
      message: `The token opens 2 accounts: ${one?.id} (Account 0), ${two?.id} (Account 1).`,
      hint: expect.stringContaining(`CLOUDFLARE_ACCOUNT_ID=${one?.id}`),
    });
  });

  test("a token that nobody knows", async () => {
    const { api, cloudflare } = await ground(1);
    cloudflare.tokens.remove("token-of-several");
    await expect(onlyAccount(api)).rejects.toMatchObject({ code: "CREDENTIALS_REFUSED" });
  });

  test("nobody to ask", async () => {
    const { api, cloudflare } = await ground(1);
    cloudflare.order({ kind: "cut", when: "before", times: 2 });
    await expect(onlyAccount(api)).rejects.toMatchObject({ code: "API_UNREACHABLE" });
  });
});

describe("all accounts", () => {
  test.each([
    [0, 1],
    [1, 1],
    [49, 1],
    [50, 2],
    [51, 2],
    [100, 3],
    [120, 3],
  ])("%i of them are asked for in %i pages", async (count, pages) => {
    const { api, cloudflare } = await ground(count);
    expect(await listAccounts(api)).toEqual(accountsOf(count));
    expect(cloudflare.log).toHaveLength(pages);
  });

  test("an account without a name, or with nothing, is one", async () => {
    const { api, cloudflare } = await ground(1);
    const body = '{"success":true,"result":[{"id":"a"},{}]}';
    cloudflare.order({ kind: "malformed", body });
    expect(await listAccounts(api)).toEqual([
      { id: "a", name: "" },
      { id: "", name: "" },
    ]);
  });
});
