import { describe, expect, test } from "vitest";
import { knownAccount, listAccounts, onlyAccount } from "../../src/cloudflare/account.ts";
import { type Api, connectApi } from "../../src/cloudflare/api.ts";
import { makeRequestRate } from "../../src/cloudflare/request-rate.ts";
import { fakeFixture, type FakeFixture } from "../cloudflare-fake/fake-fixture.ts";
import { virtualClock } from "./virtual-clock.ts";

const accountsOf = (count: number): { id: string; name: string }[] =>
  Array.from({ length: count }, (_, i) => ({
    id: i.toString(16).padStart(32, "0"),
    name: `Account ${i}`,
  }));

/** A token with access to this number of accounts. */
async function remoteFixture(count: number): Promise<FakeFixture & { readonly api: Api }> {
  const home = await fakeFixture();
  home.cloudflare.tokens.add("token-of-several", { accounts: accountsOf(count) });
  const clock = virtualClock();
  const api = connectApi({
    credentials: { kind: "token", token: "token-of-several", source: "CLOUDFLARE_API_TOKEN" },
    baseUrl: home.cloudflare.apiBaseUrl,
    userAgent: "d1ops/test",
    clock,
    rate: makeRequestRate({ clock }),
    attempts: 2,
  });
  return { ...home, api };
}

describe("knownAccount", () => {
  const variables = { CLOUDFLARE_ACCOUNT_ID: "of the variable" };

  test.each([
    ["null if no account is configured", null, {}, null],
    [
      "the account of the config",
      "of the config",
      {},
      { id: "of the config", source: "account_id of the config" },
    ],
    [
      "the account of the variable",
      null,
      variables,
      { id: "of the variable", source: "CLOUDFLARE_ACCOUNT_ID" },
    ],
    [
      "the config's account rather than the variable's, as wrangler does",
      "of the config",
      variables,
      { id: "of the config", source: "account_id of the config" },
    ],
  ])("returns the account: %s", (_, configured, said, account) => {
    expect(knownAccount(configured, said)).toEqual(account);
  });
});

describe("onlyAccount", () => {
  test("returns the token's account after one call", async () => {
    const { api, cloudflare } = await remoteFixture(1);
    expect(await onlyAccount(api)).toEqual({
      id: "0".repeat(32),
      source: "the only account of the token",
    });
    expect(cloudflare.operations()).toEqual(["accounts.list"]);
  });

  test("fails without any account, and names the token's source", async () => {
    const { api } = await remoteFixture(0);
    await expect(onlyAccount(api)).rejects.toMatchObject({
      code: "ACCOUNT_NONE",
      details: { source: "CLOUDFLARE_API_TOKEN" },
      message: expect.stringContaining(
        "…eral (from CLOUDFLARE_API_TOKEN) has access to no account",
      ),
    });
  });

  test("fails with several accounts, names each, and says what to set", async () => {
    const { api } = await remoteFixture(2);
    const [one, two] = accountsOf(2);
    await expect(onlyAccount(api)).rejects.toMatchObject({
      code: "ACCOUNT_AMBIGUOUS",
      details: { known: [one?.id, two?.id] },
      message: `The token has access to 2 accounts: ${one?.id} (Account 0), ${two?.id} (Account 1).`,
      hint: expect.stringContaining(`CLOUDFLARE_ACCOUNT_ID=${one?.id}`),
    });
  });

  test("fails with CREDENTIALS_REFUSED for an unknown token", async () => {
    const { api, cloudflare } = await remoteFixture(1);
    cloudflare.tokens.remove("token-of-several");
    await expect(onlyAccount(api)).rejects.toMatchObject({ code: "CREDENTIALS_REFUSED" });
  });

  test("fails with API_UNREACHABLE if no request arrives", async () => {
    const { api, cloudflare } = await remoteFixture(1);
    cloudflare.order({ kind: "cut", when: "before", times: 2 });
    await expect(onlyAccount(api)).rejects.toMatchObject({ code: "API_UNREACHABLE" });
  });
});

describe("listAccounts", () => {
  test.each([
    [0, 1],
    [1, 1],
    [49, 1],
    [50, 2],
    [51, 2],
    [100, 3],
    [120, 3],
  ])("reads %i accounts in %i pages", async (count, pages) => {
    const { api, cloudflare } = await remoteFixture(count);
    expect(await listAccounts(api)).toEqual(accountsOf(count));
    expect(cloudflare.log).toHaveLength(pages);
  });

  test("accepts an account without a name or without any field", async () => {
    const { api, cloudflare } = await remoteFixture(1);
    const body = '{"success":true,"result":[{"id":"a"},{}]}';
    cloudflare.order({ kind: "malformed", body });
    expect(await listAccounts(api)).toEqual([
      { id: "a", name: "" },
      { id: "", name: "" },
    ]);
  });
});
