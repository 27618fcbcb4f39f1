import { describe, expect, test } from "vitest";
import type { Credentials } from "../../src/cloudflare/credentials.ts";
import { ApiFailure } from "../../src/cloudflare/api-failure.ts";
import { type FailedCall, opsErrorOf } from "../../src/cloudflare/call-error.ts";
import type { ErrorCode } from "../../src/error-codes.ts";

const SECRET = "secret-secret-secret-AbCd";

const credentials: Credentials = {
  kind: "token",
  token: SECRET,
  source: "CLOUDFLARE_API_TOKEN",
};

const call: FailedCall = {
  what: "query the database shop-db",
  effect: "read",
  api: { baseUrl: "https://api.cloudflare.com/client/v4", credentials, suggestsDoctor: true },
  account: "acc",
  database: "shop-db",
};

type About = ConstructorParameters<typeof ApiFailure>[1];

const refused = (status: number, code: number | null = null): About => ({
  kind: "refused",
  status,
  code,
});

describe("opsErrorOf", () => {
  test.each<[string, About, Partial<FailedCall>, ErrorCode]>([
    ["a call that never arrived", { kind: "not done" }, {}, "API_UNREACHABLE"],
    ["a read whose answer was lost", { kind: "unknown" }, {}, "API_UNREACHABLE"],
    ["a write whose answer was lost", { kind: "unknown" }, { effect: "write" }, "OUTCOME_UNKNOWN"],
    [
      "a write that failed with status 500",
      { kind: "unknown", status: 502 },
      { effect: "write" },
      "OUTCOME_UNKNOWN",
    ],
    [
      "a write that was not carried out",
      { kind: "not done" },
      { effect: "write" },
      "API_UNREACHABLE",
    ],
    ["a rate limit", { kind: "not done", status: 429, code: 971 }, {}, "RATE_LIMITED"],
    [
      "a rate limit, of a write",
      { kind: "not done", status: 429 },
      { effect: "write" },
      "RATE_LIMITED",
    ],
    ["status 401", refused(401), {}, "CREDENTIALS_REFUSED"],
    ["status 403", refused(403), {}, "CREDENTIALS_REFUSED"],
    ["missing credentials", refused(400, 9106), {}, "CREDENTIALS_REFUSED"],
    ["a malformed token", refused(400, 6003), {}, "CREDENTIALS_REFUSED"],
    ["a missing permission", refused(400, 10000), {}, "CREDENTIALS_REFUSED"],
    ["a resource of another account", refused(400, 7403), {}, "CREDENTIALS_REFUSED"],
    ["an unknown database", refused(404, 7404), {}, "REMOTE_DATABASE_UNKNOWN"],
    ["an unknown path", refused(404, 7003), {}, "REMOTE_DATABASE_UNKNOWN"],
    ["any other rejection", refused(400, 7500), {}, "API_REFUSED"],
    ["a failure of D1", { kind: "unknown", status: 500, code: 7500 }, {}, "API_REFUSED"],
  ])("returns the right code for %s", (_, about, over, code) => {
    const failure = new ApiFailure("Cloudflare's own words", about);
    const asked: FailedCall = { ...call, ...over };
    const error = opsErrorOf(failure, asked);
    expect(error.code).toBe(code);
    expect(error.cause).toBe(failure);
    expect(error.message).toContain("Cloudflare's own words");
    expect(error.hint).not.toBe("");
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain(SECRET);
  });

  test.each([
    ["The request is malformed: failed to decode id", "REMOTE_DATABASE_UNKNOWN"],
    ["Could not route: perhaps your object identifier is invalid?", "REMOTE_DATABASE_UNKNOWN"],
    ["failed to decode identifier", "REMOTE_DATABASE_UNKNOWN"],
    ["The request is malformed: sql must be a string", "API_REFUSED"],
  ])("distinguishes a malformed id from another malformed request: %s", (message, code) => {
    expect(opsErrorOf(new ApiFailure(message, refused(400, 7400)), call).code).toBe(code);
  });
});

test("opsErrorOf returns REMOTE_DATABASE_UNKNOWN for status 404 and code 7003", () => {
  const failure = new ApiFailure("Could not route", refused(400, 7003));
  expect(opsErrorOf(failure, call).code).toBe("REMOTE_DATABASE_UNKNOWN");
});

test("opsErrorOf does not return REMOTE_DATABASE_UNKNOWN for a call without a database", () => {
  const { database: _, ...about } = call;
  expect(opsErrorOf(new ApiFailure("words", refused(404, 7003)), about).code).toBe("API_REFUSED");
});

describe("the message and hint of opsErrorOf", () => {
  const say = (about: About, over: Partial<FailedCall> = {}) =>
    opsErrorOf(new ApiFailure("words", about), { ...call, ...over });

  test("name the token by its last characters and its source", () => {
    const { message, details } = say(refused(403, 10000));
    expect(message).toBe(
      "The token …AbCd (from CLOUDFLARE_API_TOKEN) may not query the database shop-db in the account acc: words [code: 10000]",
    );
    expect(details).toEqual({ status: 403, code: 10000, source: "CLOUDFLARE_API_TOKEN" });
  });

  test.each([
    [1500, 2],
    [60_000, 60],
    [null, 300],
  ])("contain the Retry-After of %s ms as %i s", (retryAfterMs, seconds) => {
    const { details, hint } = say({ kind: "not done", status: 429, retryAfterMs });
    expect(details).toEqual({ retryAfterSeconds: seconds });
    expect(hint).toContain(`in ${seconds} s`);
  });

  test("suggest where to read the outcome of a lost write", () => {
    const { message, hint } = say({ kind: "unknown", status: 502 }, { effect: "write" });
    expect(message).toContain("Cloudflare may have carried it out.");
    expect(hint).toContain("d1ops migrate status --remote");
  });

  test("name the base URL of an unreachable API", () => {
    expect(say({ kind: "not done" })).toMatchObject({
      details: { url: call.api.baseUrl, reason: "words" },
      message: expect.stringContaining(call.api.baseUrl),
    });
  });

  test("report a failure of Cloudflare from status 500 on", () => {
    expect(say(refused(500)).hint).toContain("cloudflarestatus.com");
  });

  test.each<[string, About]>([
    ["a rejection", refused(400)],
    ["a missing permission", refused(403)],
    ["an unreachable API", { kind: "not done" }],
  ])("suggest doctor after %s, except to doctor itself", (_, about) => {
    const { hint } = say(about);
    expect(hint).toMatch(/\nd1ops doctor --remote$/);
    const within = say(about, { api: { ...call.api, suggestsDoctor: false } });
    expect(within.hint).toBe(hint.split("\n")[0]);
  });

  test("contain the id of the request for Cloudflare's support", () => {
    expect(say({ kind: "refused", status: 400, code: 7500, ray: "r" }).details).toEqual({
      status: 400,
      code: 7500,
      ray: "r",
    });
  });
});
