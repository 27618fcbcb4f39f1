import { base64url, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { BASE } from "../../../src/worker/routes.ts";
import { problemIn } from "../client.ts";
import { type WorkerFixture, openWorkerFixture } from "../worker-fixture.ts";
import { keyOf, openIssuer, RULES, sign } from "./issuer.ts";

const SECRET = "a secret of at least thirty-two bytes";
const NOW = Date.parse("2026-06-01T12:00:00Z") / 1000;
const GOOD: JWTPayload = {
  iss: RULES.AUTH_ISSUER,
  aud: RULES.AUTH_AUDIENCE,
  sub: "ada",
  tenant_id: "acme",
  iat: NOW - 10,
  exp: NOW + 300,
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const bySecret = (payload: JWTPayload, alg = "HS256"): Promise<string> =>
  sign(payload, bytes(SECRET), { alg });
const without = (name: string): JWTPayload => {
  const { [name]: _, ...rest } = GOOD;
  return rest;
};

/** A token without a signature, as the attack with `alg: none` sends it. */
function unsigned(payload: JWTPayload, alg: string): string {
  const part = (value: object): string => base64url.encode(JSON.stringify(value));
  return `${part({ alg, typ: "JWT" })}.${part(payload)}.`;
}

async function status(
  { ask }: WorkerFixture,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const all = { authorization: `Bearer ${token}`, ...headers };
  return (await ask("POST", `${BASE}/start`, { headers: all })).status;
}

const openWithSecret = (more: object = {}): Promise<WorkerFixture> =>
  openWorkerFixture({ env: { ONBOARDING_KEYS: [], AUTH_JWT_SECRET: SECRET, ...RULES, ...more } });

describe("a token with a shared secret", () => {
  test("names the user by its subject and the tenant by its claim, without headers", async () => {
    const fixture = await openWithSecret();
    expect(await status(fixture, await bySecret(GOOD))).toBe(201);
    expect(await fixture.d1.prepare("SELECT id, tenant_id FROM users").first()).toEqual({
      id: "ada",
      tenant_id: "acme",
    });
    expect(fixture.notes.map(({ by }) => by)).toEqual(["token"]);
  });

  test.each([
    "auth0|66a1f00c7b5e9d0012345678",
    "google-oauth2|108204268033311374519",
    "us-east-1:1cbf1e04-3f5d-4a0e-9b1c-5f2f8f3e7a10",
    "https://id.example.com/ada",
    "ada@example.com",
  ])("accepts the subject that an issuer uses: %s", async (sub) => {
    const fixture = await openWithSecret();
    expect(await status(fixture, await bySecret({ ...GOOD, sub }))).toBe(201);
    expect(await fixture.d1.prepare("SELECT id FROM users").first("id")).toBe(sub);
  });

  test("uses the claim that AUTH_TENANT_CLAIM names", async () => {
    const fixture = await openWithSecret({ AUTH_TENANT_CLAIM: "https://example.com/tenant" });
    const token = await bySecret({ ...without("tenant_id"), "https://example.com/tenant": "acme" });
    expect(await status(fixture, token)).toBe(201);
    expect(await status(fixture, await bySecret(GOOD))).toBe(403);
  });

  const rejected: readonly (readonly [string, () => string | Promise<string>])[] = [
    ["without a signature, with alg none", () => unsigned(GOOD, "none")],
    ["without a signature, with alg None", () => unsigned(GOOD, "None")],
    ["without a signature, with alg HS256", () => unsigned(GOOD, "HS256")],
    ["with another secret", () => sign(GOOD, bytes(`${SECRET}!`), { alg: "HS256" })],
    ["with an algorithm other than the configured one", () => bySecret(GOOD, "HS512")],
    ["after it expired", () => bySecret({ ...GOOD, exp: NOW - 6 })],
    ["before its nbf", () => bySecret({ ...GOOD, nbf: NOW + 60 })],
    ["without exp", () => bySecret(without("exp"))],
    ["without a subject", () => bySecret(without("sub"))],
    ["with an empty subject", () => bySecret({ ...GOOD, sub: "" })],
    [
      "with a subject that is not text",
      () => bySecret({ ...without("sub"), ...Object.fromEntries([["sub", 7]]) }),
    ],
    ["without an issuer", () => bySecret(without("iss"))],
    [
      "from another issuer",
      () => bySecret({ ...GOOD, iss: "https://login.example.com.evil.example" }),
    ],
    ["for another audience", () => bySecret({ ...GOOD, aud: "billing" })],
    ["without an audience", () => bySecret(without("aud"))],
    ["with a tenant that is not text", () => bySecret({ ...GOOD, tenant_id: ["acme"] })],
    ["with an empty tenant", () => bySecret({ ...GOOD, tenant_id: "" })],
    ["with two parts", async () => (await bySecret(GOOD)).split(".").slice(0, 2).join(".")],
    [
      "with a changed payload",
      async () => {
        const [head, , tail] = (await bySecret(GOOD)).split(".");
        const words = base64url.encode(JSON.stringify({ ...GOOD, tenant_id: "victim" }));
        return [head, words, tail].join(".");
      },
    ],
    [
      "with its own key in the header",
      async () => {
        const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
        return new SignJWT(GOOD)
          .setProtectedHeader({ alg: "ES256", jwk: await exportJWK(publicKey) })
          .sign(privateKey);
      },
    ],
  ];

  test.each(rejected)("is rejected with 401 %s", async (_, make) => {
    const fixture = await openWithSecret();
    const headers = { authorization: `Bearer ${await make()}` };
    const answer = await fixture.ask("POST", `${BASE}/start`, { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe(
      'Bearer realm="onboarding", error="invalid_token"',
    );
    expect(await problemIn(answer)).toMatchObject({
      code: "UNAUTHENTICATED",
      detail: "The credentials are unknown or expired.",
    });
    expect(await fixture.d1.prepare("SELECT count(*) AS n FROM tenants").first("n")).toBe(0);
  });

  test.each([
    ["another tenant than the token's", GOOD, { "x-tenant-id": "victim" }, 403],
    ["the token's own tenant", GOOD, { "x-tenant-id": "acme" }, 201],
    ["another user than the token's", GOOD, { "x-user-id": "bob" }, 403],
    ["the token's own user", GOOD, { "x-user-id": "ada" }, 201],
    [
      "a tenant, with a token that names none",
      without("tenant_id"),
      { "x-tenant-id": "acme" },
      403,
    ],
    [
      "a tenant, with the scope for any tenant",
      { ...without("tenant_id"), scope: "read onboarding:any-tenant" },
      { "x-tenant-id": "acme" },
      201,
    ],
    [
      "no tenant, with the scope for any tenant",
      { ...without("tenant_id"), scope: "onboarding:any-tenant" },
      {},
      400,
    ],
    [
      "a tenant, with a similar scope",
      { ...without("tenant_id"), scope: "onboarding:any-tenants xonboarding:any-tenant" },
      { "x-tenant-id": "acme" },
      403,
    ],
    [
      "another tenant than the token names, with the scope for any tenant",
      { ...GOOD, scope: "onboarding:any-tenant" },
      { "x-tenant-id": "victim" },
      403,
    ],
  ] as const)("compares the headers with the token: %s", async (_, payload, headers, expected) => {
    const fixture = await openWithSecret();
    expect(await status(fixture, await bySecret(payload), headers)).toBe(expected);
  });

  test("returns 403 with insufficient_scope in WWW-Authenticate", async () => {
    const { ask } = await openWithSecret();
    const authorization = `Bearer ${await bySecret(GOOD)}`;
    const headers = { authorization, "x-tenant-id": "victim" };
    const answer = await ask("POST", `${BASE}/start`, { headers });
    expect(answer.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
    expect(await problemIn(answer)).toMatchObject({ code: "TENANT_NOT_ALLOWED" });
  });

  test("is rejected after it expires", async () => {
    const fixture = await openWithSecret();
    const token = await bySecret(GOOD);
    expect(await status(fixture, token)).toBe(201);
    fixture.later(304_000);
    expect(await status(fixture, token)).toBe(200);
    fixture.later(1000);
    expect(await status(fixture, token)).toBe(401);
  });
});

describe("a token with the keys of an issuer", () => {
  const open = async (url: string): Promise<WorkerFixture> =>
    openWorkerFixture({ env: { ONBOARDING_KEYS: [], AUTH_JWKS_URL: url, ...RULES } });

  test.each(["RS256", "PS256", "ES256", "EdDSA"])("is accepted with %s", async (alg) => {
    const issuer = await openIssuer();
    const key = await keyOf("a", alg);
    issuer.keys = [key.told];
    const fixture = await open(issuer.url);
    expect(await status(fixture, await sign(GOOD, key.sign, { alg, kid: "a" }))).toBe(201);
  });

  test("is verified with keys that the Worker fetches once", async () => {
    const issuer = await openIssuer();
    const key = await keyOf("a");
    issuer.keys = [key.told];
    const fixture = await open(issuer.url);
    const token = await sign(GOOD, key.sign, { alg: "ES256", kid: "a" });
    for (let i = 0; i < 5; i++) await status(fixture, token);
    expect(issuer.asked).toBe(1);
  });

  test("is rejected if it is signed with HS256 and the public key", async () => {
    const issuer = await openIssuer();
    const key = await keyOf("a", "RS256");
    issuer.keys = [key.told];
    const fixture = await open(issuer.url);
    for (const secret of [key.pem, key.pem.trim(), JSON.stringify(key.told)]) {
      const token = await sign(GOOD, bytes(secret), { alg: "HS256", kid: "a" });
      expect(await status(fixture, token)).toBe(401);
    }
    expect(await status(fixture, unsigned(GOOD, "none"))).toBe(401);
  });

  test("is rejected if the issuer does not have its key", async () => {
    const issuer = await openIssuer();
    issuer.keys = [(await keyOf("a")).told];
    const fixture = await open(issuer.url);
    const other = await keyOf("a");
    expect(await status(fixture, await sign(GOOD, other.sign, { alg: "ES256", kid: "a" }))).toBe(
      401,
    );
    expect(await status(fixture, await sign(GOOD, other.sign, { alg: "ES256", kid: "b" }))).toBe(
      401,
    );
  });

  test("returns 503 if the issuer is unavailable", async () => {
    const issuer = await openIssuer();
    issuer.broken = true;
    const fixture = await open(issuer.url);
    const key = await keyOf("a");
    const authorization = `Bearer ${await sign(GOOD, key.sign, { alg: "ES256", kid: "a" })}`;
    const answer = await fixture.ask("POST", `${BASE}/start`, { headers: { authorization } });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await problemIn(answer)).toMatchObject({ code: "IDENTITY_UNAVAILABLE" });
    expect(fixture.notes).toMatchObject([
      { level: "error", error: expect.stringContaining("200 OK") },
    ]);
    issuer.broken = false;
    issuer.keys = [key.told];
    expect(await status(fixture, authorization.slice(7))).toBe(201);
  });
});
