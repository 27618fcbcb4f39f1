import { describe, expect, test } from "vitest";
import { fakeFixture, ID } from "./fake-fixture.ts";

const UNKNOWN = "99999999-2222-3333-4444-555555555555";
const OTHER = "f".repeat(32);

describe("the fake's authentication", () => {
  test.each([
    ["no credentials", {}, 400, 9106],
    ["a legacy key", { "x-auth-key": "k", "x-auth-email": "a@example.com" }, 403, 9103],
    ["another scheme than Bearer", { authorization: "Basic abc" }, 400, 6003],
    ["an unknown token", { authorization: "Bearer nobody" }, 401, 10000],
  ])("rejects a request with %s", async (_, headers: Record<string, string>, status, code) => {
    const { cloudflare } = await fakeFixture();
    const url = `${cloudflare.apiBaseUrl}/accounts/${cloudflare.account}/d1/database`;
    const response = await fetch(url, { headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ success: false, errors: [{ code }] });
    expect(cloudflare.log).toMatchObject([{ operation: "d1.list", status, executed: false }]);
  });

  test.each([
    ["no permission for D1", { d1: "none" }, "GET", 403, 10000],
    [
      "no permission for D1, with the other error code",
      { d1: "none", refusal: 7403 },
      "GET",
      403,
      7403,
    ],
    ["read permission for D1, for a read", { d1: "read" }, "GET", 200, undefined],
    ["read permission for D1, for a write", { d1: "read" }, "POST", 403, 10000],
    ["another account", { accounts: [{ id: OTHER, name: "Other" }] }, "GET", 403, 7403],
    ["a past expiry", { state: "expired" }, "GET", 401, 10000],
  ] as const)(
    "returns Cloudflare's status and code for a token with %s",
    async (_, rights, method, status, code) => {
      const { cloudflare, ask } = await fakeFixture();
      cloudflare.tokens.add("less", rights);
      const body = method === "POST" ? { sql: "SELECT 1" } : undefined;
      const path = `/d1/database/${ID}${method === "POST" ? "/query" : ""}`;
      const said = await ask(method, path, body, "less");
      expect([said.status, said.body.errors[0]?.code]).toEqual([status, code]);
    },
  );

  test("verifies a user's token and an account's token at different paths", async () => {
    const { cloudflare, ask } = await fakeFixture();
    cloudflare.tokens.add("owned", { owner: "account" });
    cloudflare.tokens.add("old", { state: "expired" });
    const of = async (path: string, token?: string): Promise<unknown[]> => {
      const { status, body } = await ask("GET", path, undefined, token);
      return [status, body.errors[0]?.code ?? body.result];
    };
    const active = expect.objectContaining({ status: "active" });
    expect(await of("//user/tokens/verify")).toEqual([200, active]);
    expect(await of("/tokens/verify")).toEqual([401, 1000]);
    expect(await of("//user/tokens/verify", "owned")).toEqual([401, 1000]);
    expect(await of("/tokens/verify", "owned")).toEqual([200, active]);
    expect(await of("//user/tokens/verify", "nobody")).toEqual([401, 1000]);
    expect(await of("//user/tokens/verify", "old")).toEqual([
      200,
      expect.objectContaining({ status: "expired" }),
    ]);
    expect(await of("//memberships", "owned")).toEqual([400, 9106]);
    expect(await of("//user", "owned")).toEqual([403, 9109]);
    expect(await of("//user")).toEqual([
      200,
      expect.objectContaining({ email: "operator@example.com" }),
    ]);
  });

  test("lists the accounts of a token in pages", async () => {
    const { cloudflare, ask } = await fakeFixture();
    const accounts = [cloudflare.account, OTHER].map((id) => ({ id, name: id.slice(0, 4) }));
    cloudflare.tokens.add("both", { accounts });
    const page = await ask("GET", "//accounts?page=2&per_page=1", undefined, "both");
    expect(page.body).toMatchObject({
      result: [{ id: OTHER }],
      result_info: { page: 2, per_page: 1, count: 1, total_count: 2 },
    });
    const members = await ask("GET", "//memberships?page=1", undefined, "both");
    expect(members.body.result).toMatchObject(accounts.map((account) => ({ account })));
  });
});

describe("a request for an unknown resource", () => {
  test.each([
    ["a path without a route", "GET", "//nowhere", 404, 7003],
    ["a path that cannot be decoded", "GET", "/d1/%zz", 404, 7003],
    ["a known path with another method", "DELETE", "/d1/database", 404, 7003],
    ["an invalid account", "GET", "//accounts/me/d1/database", 404, 7003],
    ["another account", "GET", `//accounts/${OTHER}/d1/database`, 403, 7403],
    ["an invalid id", "POST", "/d1/database/shop-db/query", 400, 7400],
    ["an unknown id", "POST", `/d1/database/${UNKNOWN}/query`, 404, 7404],
    ["an unknown name", "GET", "/d1/database/nothing", 404, 7404],
  ])("fails with Cloudflare's status and code: %s", async (_, method, path, status, code) => {
    const { ask } = await fakeFixture();
    const said = await ask(method, path, method === "POST" ? { sql: "SELECT 1" } : undefined);
    expect([said.status, said.body.errors[0]?.code]).toEqual([status, code]);
  });
});

describe("databases", () => {
  test("are listed in pages and found by part of their name", async () => {
    const { cloudflare, ask } = await fakeFixture();
    for (let i = 0; i < 11; i++) cloudflare.createDatabase({ name: `tenant-${i}` });
    const names = async (search: string): Promise<unknown[]> => {
      const { body } = await ask("GET", `/d1/database?${search}`);
      return (body.result as { name: string }[]).map(({ name }) => name);
    };
    expect(await names("per_page=10&page=1")).toHaveLength(10);
    expect(await names("per_page=10&page=2")).toEqual(["tenant-9", "tenant-10"]);
    expect(await names("per_page=10&page=3")).toEqual([]);
    expect(await names("name=tenant-1")).toEqual(["tenant-1", "tenant-10"]);
  });

  test("are read by id or name, with all or some fields", async () => {
    const { ask, query } = await fakeFixture();
    await query("CREATE TABLE t(a)");
    const whole = await ask("GET", `/d1/database/${ID}`);
    expect(whole.body.result).toMatchObject({
      uuid: ID,
      name: "shop-db",
      version: "production",
      num_tables: 1,
      read_replication: { mode: "disabled" },
    });
    const some = await ask("GET", "/d1/database/shop-db?fields=uuid,name");
    expect(some.body.result).toEqual({ uuid: ID, name: "shop-db" });
  });

  test("are created once, changed, and deleted", async () => {
    const { ask } = await fakeFixture();
    const made = await ask("POST", "/d1/database", { name: "new", primary_location_hint: "apac" });
    const { uuid } = made.body.result as { uuid: string };
    expect(made.body.result).toMatchObject({ name: "new", created_in_region: "APAC" });
    const again = await ask("POST", "/d1/database", { name: "new" });
    expect(again.body.errors).toMatchObject([{ code: 7502 }]);
    const mode = { read_replication: { mode: "auto" } };
    expect((await ask("PATCH", `/d1/database/${uuid}`, mode)).body.result).toMatchObject(mode);
    expect((await ask("PUT", `/d1/database/${uuid}`, {})).status).toBe(400);
    expect((await ask("DELETE", `/d1/database/${uuid}`)).body).toMatchObject({ result: null });
    expect((await ask("GET", `/d1/database/${uuid}`)).status).toBe(404);
  });
});

test("the fake returns 429 beyond the rate limit, and serves requests again after the window", async () => {
  const { cloudflare, ask } = await fakeFixture({ rate: { limit: 2, windowMs: 120 } });
  const first = await ask("GET", "/d1/database");
  expect(first.headers.get("ratelimit")).toBe('"default";r=1;t=1');
  await ask("GET", "/d1/database");
  const third = await ask("GET", "/d1/database");
  expect(third.status).toBe(429);
  expect(third.headers.get("retry-after")).toBe("1");
  expect(third.body.errors).toMatchObject([{ code: 971 }]);
  expect(cloudflare.log.map(({ executed }) => executed)).toEqual([true, true, false]);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect((await ask("GET", "/d1/database")).status).toBe(200);
});

test("the fake can be given a wrong clock", async () => {
  const { cloudflare, ask } = await fakeFixture();
  cloudflare.clockSkewMs = -3_600_000;
  const { headers } = await ask("GET", "/d1/database");
  const date = Date.parse(headers.get("date") ?? "");
  expect(Math.abs(date - (Date.now() - 3_600_000))).toBeLessThan(5000);
});

test("the fake adds the latency to each request", async () => {
  const { ask } = await fakeFixture({ latencyMs: 60 });
  const started = performance.now();
  await ask("GET", "/d1/database");
  expect(performance.now() - started).toBeGreaterThan(55);
});
