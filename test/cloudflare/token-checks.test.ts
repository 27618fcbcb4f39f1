import { describe, expect, test } from "vitest";
import type { Credentials } from "../../src/cloudflare/credentials.ts";
import { clockCheck, tokenCheck, tokenFindings } from "../../src/cloudflare/token-checks.ts";
import type { TokenVerdict } from "../../src/cloudflare/verify-token.ts";

const credentials: Credentials = {
  kind: "token",
  token: "secret-secret-abcd",
  source: "CLOUDFLARE_API_TOKEN",
};

function verdict(state: TokenVerdict["state"], skewMs: number | null = 0): TokenVerdict {
  return { state, detail: "expired", skewMs };
}

describe("the check of a token", () => {
  test.each<[TokenVerdict["state"], string, number]>([
    ["active", "pass", 0],
    ["cannot be verified", "not-checked", 0],
    ["not active", "fail", 1],
    ["unknown to Cloudflare", "fail", 1],
  ])("has for a token that is %s the outcome %s and %d findings", (state, outcome, findings) => {
    expect(tokenCheck(verdict(state), credentials)).toMatchObject({ outcome, measured: state });
    expect(tokenFindings(verdict(state), credentials)).toHaveLength(findings);
  });

  test("names the token by its last characters and its source", () => {
    expect(tokenFindings(verdict("not active"), credentials)[0]?.message).toBe(
      "The token …abcd (from CLOUDFLARE_API_TOKEN) is not active: expired",
    );
  });
});

test.each<[number | null, string, string | null]>([
  [0, "pass", "0 s"],
  [30_400, "pass", "30 s"],
  [-31_000, "warn", "-31 s"],
  [31_000, "warn", "31 s"],
  [null, "not-checked", null],
])("the check of a clock that is %d ms ahead has the outcome %s", (skewMs, outcome, measured) => {
  expect(clockCheck(verdict("active", skewMs))).toMatchObject({ outcome, measured });
});
