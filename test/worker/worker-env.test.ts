import { describe, expect, test } from "vitest";
import { readWorkerEnv } from "../../src/worker/worker-env.ts";
import { KEYS } from "./client.ts";

const DB = { prepare() {} };
const TOKENS = { AUTH_ISSUER: "https://login.example.com", AUTH_AUDIENCE: "onboarding" };
const SECRET = "not-to-be-told-not-to-be-told-not-to-be-told";

describe("readWorkerEnv", () => {
  test("needs only a database and keys, and has defaults for the rest", () => {
    expect(readWorkerEnv({ DB, ONBOARDING_KEYS: KEYS })).toEqual({
      d1: DB,
      settings: {
        onboarding: { country: "FR", reserved: [] },
        keys: KEYS,
        token: null,
        origins: [],
      },
      limits: { address: null, tenant: null },
      release: null,
    });
  });

  test("accepts lists as JSON values and as text", () => {
    const lists = {
      ONBOARDING_RESERVED_NUMBERS: ["+33199000000"],
      CORS_ORIGINS: ["https://app.example.com"],
    };
    const texts = Object.fromEntries(
      Object.entries(lists).map(([name, value]) => [name, JSON.stringify(value)]),
    );
    const base = { DB, ONBOARDING_KEYS: KEYS };
    expect(readWorkerEnv({ ...base, ...texts })).toEqual(readWorkerEnv({ ...base, ...lists }));
  });

  test.each([
    ["no database", { DB: undefined }, "DB: is not bound"],
    ["a DB that is not a database", { DB: { get() {} } }, "DB: is not bound"],
    ["a limit that is not a binding", { LIMIT_TENANT: {} }, "LIMIT_TENANT: is not bound"],
    ["no credentials", { ONBOARDING_KEYS: "[]" }, "ONBOARDING_KEYS: is missing, and so are"],
    ["keys that are not JSON", { ONBOARDING_KEYS: SECRET }, "ONBOARDING_KEYS: is not JSON"],
    [
      "a key instead of its digest",
      { ONBOARDING_KEYS: [{ id: "a", sha256: SECRET, tenants: "*" }] },
      "ONBOARDING_KEYS.0.sha256",
    ],
    [
      "a misspelt field of a key",
      { ONBOARDING_KEYS: [{ ...KEYS[0], notafter: "2026-01-01T00:00:00Z" }] },
      "ONBOARDING_KEYS.0",
    ],
    [
      "a notAfter that is not a date",
      { ONBOARDING_KEYS: [{ ...KEYS[0], notAfter: "soon" }] },
      "ONBOARDING_KEYS.0.notAfter",
    ],
    [
      "two entries for one key",
      { ONBOARDING_KEYS: [KEYS[0], { ...KEYS[1], sha256: KEYS[0].sha256 }] },
      "ONBOARDING_KEYS: two entries are the same key",
    ],
    [
      "a key without tenants",
      { ONBOARDING_KEYS: [{ ...KEYS[0], tenants: [] }] },
      "ONBOARDING_KEYS.0.tenants",
    ],
    [
      "two keys with one id",
      { ONBOARDING_KEYS: [KEYS[0], { ...KEYS[1], id: KEYS[0].id }] },
      "two keys have the same id",
    ],
    ["a short secret", { ...TOKENS, AUTH_JWT_SECRET: "short" }, "AUTH_JWT_SECRET"],
    [
      "both a secret and an issuer's keys",
      { ...TOKENS, AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: "https://login.example.com/keys" },
      "AUTH_JWKS_URL: is set together with AUTH_JWT_SECRET",
    ],
    ["no issuer", { AUTH_JWT_SECRET: SECRET, AUTH_AUDIENCE: "a" }, "AUTH_ISSUER: is missing"],
    ["no audience", { AUTH_JWT_SECRET: SECRET, AUTH_ISSUER: "a" }, "AUTH_AUDIENCE: is missing"],
    [
      "an issuer without https",
      { ...TOKENS, AUTH_JWKS_URL: "http://login.example.com/keys" },
      "AUTH_JWKS_URL: must be https",
    ],
    ["an unknown country", { ONBOARDING_COUNTRY: "XX" }, "ONBOARDING_COUNTRY: is not a country"],
    [
      "a number that is not E.164",
      { ONBOARDING_RESERVED_NUMBERS: ["01 99 00 00 00"] },
      "ONBOARDING_RESERVED_NUMBERS.0",
    ],
    ["an origin with a path", { CORS_ORIGINS: ["https://app.example.com/"] }, "CORS_ORIGINS.0"],
    ["every origin", { CORS_ORIGINS: ["*"] }, "CORS_ORIGINS.0"],
  ])("reports %s by its name, without the value", (_, env, problem) => {
    const reading = readWorkerEnv({ DB, ONBOARDING_KEYS: KEYS, ...env });
    const problems = "problems" in reading ? reading.problems : [];
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(JSON.stringify(problems)).not.toContain(SECRET);
  });
});
