import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accountFrom,
  baseUrlFrom,
  type Credentials,
  credentialsFrom,
  describeCredentials,
  masked,
} from "../../src/cloudflare/credentials.ts";
import type { Variables } from "../../src/config/variables.ts";

const token = (value: string, source: string): Credentials => ({
  kind: "token",
  token: value,
  source,
});
const key = (value: string, email: string, source: string): Credentials => ({
  kind: "key",
  key: value,
  email,
  source,
});

describe("credentialsFrom", () => {
  test.each<[string, Variables, Credentials | null]>([
    ["no credentials from empty variables", {}, null],
    ["a token", { CLOUDFLARE_API_TOKEN: "t" }, token("t", "CLOUDFLARE_API_TOKEN")],
    ["a token in the variable's older name", { CF_API_TOKEN: "t" }, token("t", "CF_API_TOKEN")],
    [
      "the newer name if both names have a token",
      { CF_API_TOKEN: "old", CLOUDFLARE_API_TOKEN: "new" },
      token("new", "CLOUDFLARE_API_TOKEN"),
    ],
    [
      "the older name if the newer one is empty",
      { CLOUDFLARE_API_TOKEN: "", CF_API_TOKEN: "t" },
      token("t", "CF_API_TOKEN"),
    ],
    ["no token from a variable of white space", { CLOUDFLARE_API_TOKEN: " \n" }, null],
    [
      "a token with a line feed at its end",
      { CLOUDFLARE_API_TOKEN: "t\n" },
      token("t", "CLOUDFLARE_API_TOKEN"),
    ],
    ["no token from an undefined variable", { CLOUDFLARE_API_TOKEN: undefined }, null],
    [
      "a key and an e-mail address",
      { CLOUDFLARE_API_KEY: "k", CLOUDFLARE_EMAIL: "a@example.com" },
      key("k", "a@example.com", "CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL"),
    ],
    [
      "a key and an e-mail address in their older names",
      { CF_API_KEY: "k", CF_EMAIL: "a@example.com" },
      key("k", "a@example.com", "CF_API_KEY and CF_EMAIL"),
    ],
    ["no credentials from a key alone", { CLOUDFLARE_API_KEY: "k" }, null],
    [
      "no credentials from a key and an empty e-mail address",
      { CLOUDFLARE_API_KEY: "k", CLOUDFLARE_EMAIL: "" },
      null,
    ],
    ["no credentials from an e-mail address alone", { CLOUDFLARE_EMAIL: "a@example.com" }, null],
    [
      "the token if the key has no e-mail address",
      { CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_API_KEY: "k" },
      token("t", "CLOUDFLARE_API_TOKEN"),
    ],
    [
      "the key rather than the token if it has an e-mail address, as wrangler does",
      { CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_API_KEY: "k", CLOUDFLARE_EMAIL: "a@example.com" },
      key("k", "a@example.com", "CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL"),
    ],
  ])("reads %s", (_, variables, credentials) => {
    expect(credentialsFrom(variables)).toEqual(credentials);
  });
});

test.each<[string, Variables]>([
  ["CLOUDFLARE_API_TOKEN", { CLOUDFLARE_API_TOKEN: "bad token\nsecretpart" }],
  ["CF_API_TOKEN", { CF_API_TOKEN: "secret\u{2028}part" }],
  ["CF_API_KEY", { CF_API_KEY: "k\rsecretpart", CF_EMAIL: "a@example.com" }],
])(
  "credentialsFrom names %s and not its value if no header can have the value",
  (name, variables) => {
    const error = errorOf(() => credentialsFrom(variables));
    expect(error).toMatchObject({ code: "USAGE", details: { argument: name } });
    expect(String(error)).toContain(name);
    expect(JSON.stringify(error) + String(error)).not.toContain("part");
  },
);

function errorOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

describe("accountFrom", () => {
  test.each<[Variables, ReturnType<typeof accountFrom>]>([
    [{}, null],
    [{ CLOUDFLARE_ACCOUNT_ID: "a" }, { id: "a", source: "CLOUDFLARE_ACCOUNT_ID" }],
    [{ CF_ACCOUNT_ID: "a" }, { id: "a", source: "CF_ACCOUNT_ID" }],
    [
      { CLOUDFLARE_ACCOUNT_ID: "", CF_ACCOUNT_ID: "a" },
      { id: "a", source: "CF_ACCOUNT_ID" },
    ],
    [
      { CLOUDFLARE_ACCOUNT_ID: "a", CF_ACCOUNT_ID: "b" },
      { id: "a", source: "CLOUDFLARE_ACCOUNT_ID" },
    ],
  ])("reads the account from the variables %j", (variables, account) => {
    expect(accountFrom(variables)).toEqual(account);
  });
});

describe("baseUrlFrom with valid variables", () => {
  const local = "http://127.0.0.1:8787/client/v4";

  test.each<[Variables, string, string]>([
    [{}, "https://api.cloudflare.com/client/v4", "default"],
    [{ CLOUDFLARE_API_BASE_URL: local }, local, "CLOUDFLARE_API_BASE_URL"],
    [{ CLOUDFLARE_API_BASE_URL: `${local}//` }, local, "CLOUDFLARE_API_BASE_URL"],
    [{ CF_API_BASE_URL: local }, local, "CF_API_BASE_URL"],
    [{ CLOUDFLARE_API_BASE_URL: "" }, "https://api.cloudflare.com/client/v4", "default"],
    [
      { CLOUDFLARE_API_BASE_URL: local, WRANGLER_API_ENVIRONMENT: "staging" },
      local,
      "CLOUDFLARE_API_BASE_URL",
    ],
    [
      { WRANGLER_API_ENVIRONMENT: "staging" },
      "https://api.staging.cloudflare.com/client/v4",
      "WRANGLER_API_ENVIRONMENT",
    ],
    [
      { CLOUDFLARE_COMPLIANCE_REGION: "fedramp_high" },
      "https://api.fed.cloudflare.com/client/v4",
      "CLOUDFLARE_COMPLIANCE_REGION",
    ],
    [
      { CLOUDFLARE_COMPLIANCE_REGION: "public", WRANGLER_API_ENVIRONMENT: "production" },
      "https://api.cloudflare.com/client/v4",
      "default",
    ],
  ])("returns the address and its source for %j", (variables, url, source) => {
    expect(baseUrlFrom(variables)).toEqual({ url, source });
  });

  test("reads the variables in wrangler's order", () => {
    const variables = {
      CLOUDFLARE_COMPLIANCE_REGION: "fedramp_high",
      WRANGLER_API_ENVIRONMENT: "staging",
    };
    expect(baseUrlFrom(variables).url).toBe("https://api.fed.staging.cloudflare.com/client/v4");
  });
});

describe("baseUrlFrom with an invalid address", () => {
  test.each([
    ["http://user:secret@127.0.0.1/", "contains a user name or password"],
    ["https://secret@api.example/client/v4", "contains a user name or password"],
    ["secret", "is not an http or https URL"],
    ["ftp://secret/", "is not an http or https URL"],
    ["http://[secret", "is not an http or https URL"],
  ])("rejects %s with a usage error that does not repeat it", (url, problem) => {
    for (const name of ["CLOUDFLARE_API_BASE_URL", "CF_API_BASE_URL"]) {
      let thrown: unknown;
      try {
        baseUrlFrom({ [name]: url });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({
        code: "USAGE",
        details: { argument: name },
        message: expect.stringContaining(`${name} ${problem}`),
      });
      expect(JSON.stringify(thrown)).not.toContain("secret");
    }
  });
});

describe("masked and describeCredentials", () => {
  test.each([
    ["", "…"],
    ["short", "…"],
    ["11 letters.", "…"],
    ["12 letters..", "…rs.."],
    ["a-token-of-forty-letters-and-then-some-AbCd", "…AbCd"],
  ])("show %j as %s", (secret, shown) => {
    expect(masked(secret)).toBe(shown);
  });

  test("show at most the last four characters, and never more than a third of a secret", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (secret) => {
        const shown = masked(secret).slice(1);
        expect(shown.length).toBeLessThanOrEqual(4);
        expect(shown.length * 3).toBeLessThanOrEqual(secret.length);
        expect(secret.endsWith(shown)).toBe(true);
      }),
    );
  });

  test("show the end of a token, and the e-mail address of a key", () => {
    expect(describeCredentials(token("0123456789abcdef", "x"))).toBe("…cdef");
    expect(describeCredentials(key("0123456789abcdef", "a@example.com", "x"))).toBe(
      "…cdef of a@example.com",
    );
  });
});
