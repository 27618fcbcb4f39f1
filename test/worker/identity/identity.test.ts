import { describe, expect, test } from "vitest";
import { BASE } from "../../../src/worker/routes.ts";
import { as, sha256Of } from "../client.ts";
import { openWorkerFixture } from "../worker-fixture.ts";

const START = `${BASE}/start`;

describe("authentication by key", () => {
  test("accepts the old and the new key until the old one expires", async () => {
    const keys = [
      { id: "old", sha256: sha256Of("old"), tenants: "*", notAfter: "2026-06-01T12:01:00Z" },
      { id: "new", sha256: sha256Of("new"), tenants: "*" },
    ];
    const { ask, later, notes } = await openWorkerFixture({ env: { ONBOARDING_KEYS: keys } });
    const start = async (key: string): Promise<number> =>
      (await ask("POST", START, { headers: as("acme", "ada", key) })).status;
    expect([await start("old"), await start("new")]).toEqual([201, 200]);
    later(59_999);
    expect(await start("old")).toBe(200);
    later(1);
    expect([await start("old"), await start("new")]).toEqual([401, 200]);
    expect(notes.map(({ by }) => by)).toEqual(["key:old", "key:new", "key:old", null, "key:new"]);
  });

  test("rejects an expired key in the same words as an unknown one", async () => {
    const keys = [
      { id: "over", sha256: sha256Of("over"), tenants: "*", notAfter: "2026-01-01T00:00:00Z" },
    ];
    const { ask } = await openWorkerFixture({ env: { ONBOARDING_KEYS: keys } });
    const told = async (key: string): Promise<unknown> => {
      const headers = { ...as("acme", "ada", key), "x-request-id": "same" };
      const answer = await ask("POST", START, { headers });
      return [answer.status, [...answer.headers], await answer.text()];
    };
    expect(await told("over")).toEqual(await told("unknown"));
  });

  test("accepts a key only for its own tenants", async () => {
    const keys = [{ id: "two", sha256: sha256Of("two"), tenants: ["acme", "zenith"] }];
    const { ask } = await openWorkerFixture({ env: { ONBOARDING_KEYS: keys } });
    const start = async (tenant: string): Promise<number> =>
      (await ask("POST", START, { headers: as(tenant, `${tenant}-ada`, "two") })).status;
    expect([await start("acme"), await start("zenith"), await start("acme2")]).toEqual([
      201, 201, 403,
    ]);
  });

  test("accepts the keys as text, as in a secret", async () => {
    const keys = JSON.stringify([{ id: "a", sha256: sha256Of("a"), tenants: "*" }]);
    const { ask } = await openWorkerFixture({ env: { ONBOARDING_KEYS: keys } });
    expect((await ask("POST", START, { headers: as("acme", "ada", "a") })).status).toBe(201);
  });

  test("accepts Bearer in any case", async () => {
    const { ask } = await openWorkerFixture();
    const headers = { ...as("acme"), authorization: as("acme")["authorization"] ?? "" };
    headers.authorization = headers.authorization.replace("Bearer ", "bearer  ");
    expect((await ask("POST", START, { headers })).status).toBe(201);
  });
});
