import { describe, expect, test } from "vitest";
import type { D1Database } from "../../src/database/port.ts";
import { BASE } from "../../src/worker/routes.ts";
import { as, begin, BUSINESS, pathOf, problemIn } from "./client.ts";
import { openWorkerFixture } from "./worker-fixture.ts";

const START = `${BASE}/start`;

/** A database whose batches fail with this message. */
function failingWith(message: string): (d1: D1Database) => D1Database {
  return (d1) => ({
    prepare: (query) => d1.prepare(query),
    exec: (query) => d1.exec(query),
    batch: () => Promise.reject(new Error(message)),
  });
}

describe("an unexpected error", () => {
  test.each([
    "D1_ERROR: no such table: tenants: SQLITE_ERROR",
    "D1_ERROR: UNIQUE constraint failed: tenants.email: SQLITE_CONSTRAINT",
    "something else",
  ])("returns INTERNAL without the message, and logs it: %s", async (message) => {
    const { ask, notes } = await openWorkerFixture({ around: failingWith(message) });
    const headers = { ...as("acme"), "x-request-id": "r-1" };
    const answer = await ask("POST", START, { headers });
    expect(answer.status).toBe(500);
    expect(await problemIn(answer)).toEqual({
      success: false,
      type: "urn:d1ops:problem:internal",
      title: "Internal error",
      status: 500,
      detail: "The log has the details under the id of this request.",
      instance: "r-1",
      code: "INTERNAL",
    });
    expect(notes).toEqual([
      {
        level: "error",
        request_id: "r-1",
        method: "POST",
        operation: "start",
        status: 500,
        duration: 0,
        by: "key:all",
        code: "INTERNAL",
        error: message,
        stack: expect.stringContaining(message),
      },
    ]);
  });

  test.each([
    "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
    "D1_ERROR: D1 DB is overloaded. Too many requests queued.",
    "D1_ERROR: Network connection lost.",
    "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
    "D1_ERROR: D1 DB exceeded its memory limit and was reset.",
  ])("returns 503 with Retry-After if the database is unavailable: %s", async (message) => {
    const { ask, notes } = await openWorkerFixture({ around: failingWith(message) });
    const answer = await ask("POST", START, { headers: as("acme") });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await problemIn(answer)).toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    expect(notes).toMatchObject([{ level: "error", error: message }]);
  });
});

describe("a Worker without valid settings", () => {
  test.each([
    ["no credentials", { ONBOARDING_KEYS: undefined }, "ONBOARDING_KEYS"],
    ["an empty list of keys", { ONBOARDING_KEYS: "[]" }, "ONBOARDING_KEYS"],
    ["keys that are not JSON", { ONBOARDING_KEYS: "top-secret-key" }, "ONBOARDING_KEYS"],
    ["no database", { DB: undefined }, "DB"],
  ])("returns 503 on every route: %s", async (_, env, named) => {
    const { ask, notes } = await openWorkerFixture({ env });
    for (const [method, path] of [
      ["POST", START],
      ["GET", `${BASE}/agent-types`],
      ["GET", "/api/v1/openapi.json"],
      ["GET", "/anything"],
    ] as const) {
      const answer = await ask(method, path, { headers: as("acme") });
      expect(answer.status).toBe(503);
      expect(await problemIn(answer)).toMatchObject({ code: "NOT_CONFIGURED" });
    }
    expect(notes[0]?.error).toContain(named);
    expect(JSON.stringify(notes)).not.toContain("top-secret");
    const health = await ask("GET", "/health");
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: "not-configured" });
  });
});

describe("rate limits", () => {
  const counting = (
    most: number,
  ): { limit(options: { key: string }): Promise<{ success: boolean }> } => {
    const seen = new Map<string, number>();
    return {
      limit({ key }) {
        const count = (seen.get(key) ?? 0) + 1;
        seen.set(key, count);
        return Promise.resolve({ success: count <= most });
      },
    };
  };

  test("limit the requests from one address before authentication", async () => {
    const { ask } = await openWorkerFixture({ env: { LIMIT_ADDRESS: counting(2) } });
    const from = (address: string): Promise<Response> =>
      ask("GET", `${BASE}/agent-types`, { headers: { "cf-connecting-ip": address } });
    const statuses = [];
    for (const address of ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"])
      statuses.push((await from(address)).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
    const answer = await from("192.0.2.1");
    expect(answer.headers.get("retry-after")).toBe("60");
    expect(await problemIn(answer)).toMatchObject({ code: "TOO_MANY_REQUESTS" });
    const guess = await ask("POST", START, {
      headers: { ...as("acme", "a", "guess"), "cf-connecting-ip": "192.0.2.1" },
    });
    expect(guess.status).toBe(429);
  });

  test("limit the requests for one tenant, and do not count rejected credentials or other tenants", async () => {
    const { ask } = await openWorkerFixture({ env: { LIMIT_TENANT: counting(2) } });
    const start = async (headers: Record<string, string>): Promise<number> =>
      (await ask("POST", START, { headers })).status;
    expect(await start(as("acme", "a", "guess"))).toBe(401);
    expect([await start(as("acme")), await start(as("acme")), await start(as("acme"))]).toEqual([
      201, 200, 429,
    ]);
    expect(await start(as("zenith"))).toBe(201);
  });
});

describe("the Worker's CORS", () => {
  const origin = "https://app.example.com";
  const env = { CORS_ORIGINS: [origin] };

  test("lets a page of a listed origin call the Worker and read the response", async () => {
    const { ask } = await openWorkerFixture({ env });
    const preflight = await ask("OPTIONS", START, {
      headers: { origin, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(origin);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(preflight.headers.get("access-control-max-age")).toBe("600");
    for (const headers of [as("acme"), {}]) {
      const answer = await ask("POST", START, { headers: { ...headers, origin } });
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
      expect(answer.headers.get("access-control-expose-headers")).toContain("x-request-id");
    }
  });

  test.each([
    "https://evil.example",
    "https://app.example.com.evil.example",
    "http://app.example.com",
    "https://app.example.com:8443",
    "null",
    "*",
  ])("does not let a page of %s call the Worker", async (other) => {
    const { ask } = await openWorkerFixture({ env });
    for (const method of ["OPTIONS", "POST"]) {
      const answer = await ask(method, START, { headers: { ...as("acme"), origin: other } });
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
      expect(answer.headers.get("vary")).toContain("Origin");
    }
  });
});

describe("every response", () => {
  test.each([
    ["GET", "/health", 200],
    ["GET", `${BASE}/agent-types`, 200],
    ["GET", "/api/v1/openapi.json", 200],
    ["POST", START, 401],
    ["GET", START, 405],
    ["GET", "/nothing", 404],
  ] as const)(
    "has the security headers, no-store and a request id: %s %s",
    async (method, path, status) => {
      const { ask } = await openWorkerFixture();
      const answer = await ask(method, path);
      expect(answer.status).toBe(status);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "strict-transport-security": expect.stringContaining("max-age="),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    },
  );

  test.each([
    ["abc-123_DEF=", true],
    ["a".repeat(128), true],
    ["a".repeat(129), false],
    ["a b", false],
    ['"><script>', false],
    ["é", false],
  ])("uses the request id of the client if it is well-formed: %s", async (id, kept) => {
    const { ask } = await openWorkerFixture();
    const answer = await ask("GET", "/nothing", { headers: { "x-request-id": id } });
    expect(answer.headers.get("x-request-id") === id).toBe(kept);
    expect((await problemIn(answer)).instance).toBe(answer.headers.get("x-request-id"));
  });

  test("answers HEAD as GET without a body", async () => {
    const { ask } = await openWorkerFixture();
    const answer = await ask("HEAD", "/health");
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });

  test("lists the allowed methods in a 405", async () => {
    const { ask } = await openWorkerFixture();
    expect((await ask("PUT", START)).headers.get("allow")).toBe("POST, OPTIONS");
    expect((await ask("POST", "/health")).headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  });
});

describe("the request log", () => {
  test("has one entry per request, without personal data", async () => {
    const { ask, notes } = await openWorkerFixture();
    const headers = as("dGVuYW50QGV4YW1wbGUuY29t", "ada@example.com");
    const session = await begin(ask, headers);
    const body = { ...BUSINESS, phone: "06 39 98 01 09", email: "elise@example.com" };
    await ask("POST", pathOf(session, "business"), { headers, body });
    await ask("POST", pathOf(session, "business"), { headers, body: { ...body, phone: "06" } });
    await ask("POST", pathOf(session, "complete"), { headers });
    await ask("POST", pathOf(session, "complete"), { headers: as("acme", "ada", "wrong-key") });
    await ask("GET", "/nothing");
    expect(
      notes.map(({ level, operation, status, by, code }) => [level, operation, status, by, code]),
    ).toEqual([
      ["info", "start", 201, "key:all", undefined],
      ["info", "saveBusiness", 200, "key:all", undefined],
      ["info", "saveBusiness", 422, "key:all", "ONBOARDING_INVALID"],
      ["info", "complete", 409, "key:all", "ONBOARDING_OUT_OF_ORDER"],
      ["warn", "complete", 401, null, "UNAUTHENTICATED"],
      ["info", null, 404, null, "ROUTE_UNKNOWN"],
    ]);
    const text = JSON.stringify(notes);
    for (const secret of [
      ...Object.values(headers),
      session,
      "0639980109",
      "639980109",
      "elise",
      "Élise",
      "wrong-key",
    ])
      expect(text).not.toContain(secret);
  });
});
