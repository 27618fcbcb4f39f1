import { describe, expect, test } from "vitest";
import { readEnvironment } from "../../src/worker/environment.ts";
import { KEYS } from "./client.ts";

const DB = { prepare() {} };
const TOKENS = { AUTH_ISSUER: "https://login.example.com", AUTH_AUDIENCE: "onboarding" };
const SECRET = "not-to-be-told-not-to-be-told-not-to-be-told";

describe("the environment", () => {
  test("with a database and keys it is complete; the rest has defaults", () => {
    expect(readEnvironment({ DB, ONBOARDING_KEYS: KEYS })).toEqual({
      environment: {
        d1: DB,
        settings: {
          onboarding: { country: "FR", reserved: [] },
          keys: KEYS,
          token: null,
          origins: [],
        },
        limits: { address: null, tenant: null },
        release: null,
      },
    });
  });

  test("lists are JSON, as they are or as text", () => {
    const lists = {
      ONBOARDING_RESERVED_NUMBERS: ["+33199000000"],
      CORS_ORIGINS: ["https://app.example.com"],
    };
    const texts = Object.fromEntries(
      Object.entries(lists).map(([name, value]) => [name, JSON.stringify(value)]),
    );
    const base = { DB, ONBOARDING_KEYS: KEYS };
    expect(readEnvironment({ ...base, ...texts })).toEqual(readEnvironment({ ...base, ...lists }));
  });

  test.each([
    ["no database", { DB: undefined }, "DB: is not bound"],
    ["a database that is none", { DB: { get() {} } }, "DB: is not bound"],
    ["a limit that is none", { LIMIT_TENANT: {} }, "LIMIT_TENANT: is not bound"],
    ["nobody may come", { ONBOARDING_KEYS: "[]" }, "ONBOARDING_KEYS: is missing, and so are"],
    ["keys that are no JSON", { ONBOARDING_KEYS: SECRET }, "ONBOARDING_KEYS: is no JSON"],
    [
      "a key in the clear",
      { ONBOARDING_KEYS: [{ id: "a", sha256: SECRET, tenants: "*" }] },
      "ONBOARDING_KEYS.0.sha256",
    ],
    [
      "a key with a spelling mistake",
      { ONBOARDING_KEYS: [{ ...KEYS[0], notafter: "2026-01-01T00:00:00Z" }] },
      "ONBOARDING_KEYS.0",
    ],
    [
      "a key with half an end",
      { ONBOARDING_KEYS: [{ ...KEYS[0], notAfter: "soon" }] },
      "ONBOARDING_KEYS.0.notAfter",
    ],
    [
      "one key with two entries, of which none could be said to count",
      { ONBOARDING_KEYS: [KEYS[0], { ...KEYS[1], sha256: KEYS[0].sha256 }] },
      "ONBOARDING_KEYS: two are the same key",
    ],
    [
      "a key of no tenants",
      { ONBOARDING_KEYS: [{ ...KEYS[0], tenants: [] }] },
      "ONBOARDING_KEYS.0.tenants",
    ],
    [
      "two keys of one name",
      { ONBOARDING_KEYS: [KEYS[0], { ...KEYS[1], id: KEYS[0].id }] },
      "two have the same id",
    ],
    ["a short secret", { ...TOKENS, AUTH_JWT_SECRET: "short" }, "AUTH_JWT_SECRET"],
    [
      "a secret and keys of an issuer",
      { ...TOKENS, AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: "https://login.example.com/keys" },
      "AUTH_JWKS_URL: is set beside AUTH_JWT_SECRET",
    ],
    ["no issuer", { AUTH_JWT_SECRET: SECRET, AUTH_AUDIENCE: "a" }, "AUTH_ISSUER: is missing"],
    ["no audience", { AUTH_JWT_SECRET: SECRET, AUTH_ISSUER: "a" }, "AUTH_AUDIENCE: is missing"],
    [
      "keys that come in the clear",
      { ...TOKENS, AUTH_JWKS_URL: "http://login.example.com/keys" },
      "AUTH_JWKS_URL: has to be https",
    ],
    ["an unknown country", { ONBOARDING_COUNTRY: "XX" }, "ONBOARDING_COUNTRY: is no country"],
    [
      "a number as it is typed",
      { ONBOARDING_RESERVED_NUMBERS: ["01 99 00 00 00"] },
      "ONBOARDING_RESERVED_NUMBERS.0",
    ],
    ["an origin with a path", { CORS_ORIGINS: ["https://app.example.com/"] }, "CORS_ORIGINS.0"],
    ["every origin", { CORS_ORIGINS: ["*"] }, "CORS_ORIGINS.0"],
  ])("%s is told by name, and without its value", (_, env, problem) => {
    const reading = readEnvironment({ DB, ONBOARDING_KEYS: KEYS, ...env });
    const problems = "problems" in reading ? reading.problems : [];
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(JSON.stringify(problems)).not.toContain(SECRET);
  });
});
