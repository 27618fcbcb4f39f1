import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { REQUIRED } from "../../src/worker/health.ts";
import { BASE } from "../../src/worker/routes.ts";
import { playAttacks } from "./attacks.ts";
import { as } from "./client.ts";
import { keyOf, openIssuer, RULES, sign } from "./identity/issuer.ts";
import { playScenario } from "./scenario.ts";
import { TENANT_PATH, wholeBody } from "./whole-tenant.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

let workerd: Workerd;

describe("in workerd, with D1", () => {
  beforeAll(async () => {
    // The tests send more requests from one address than the limit allows.
    workerd = await startWorkerd(
      {},
      (config) => delete (config as { ratelimits?: unknown }).ratelimits,
    );
  });
  afterAll(async () => {
    await workerd.stop();
  });

  describe("the routes", () => {
    playScenario(() => workerd.ask);
  });

  describe("attacks", () => {
    playAttacks(() =>
      Promise.resolve({
        ask: workerd.ask,
        all: () => {
          const db = workerd.open();
          const names = db
            .prepare(
              "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*'",
            )
            .all();
          const all = names.map(({ name }) => db.prepare(`SELECT * FROM "${String(name)}"`).all());
          db.close();
          return Promise.resolve(all);
        },
      }),
    );
  });

  test("reports the migration that d1ops has applied in /health", async () => {
    const answer = await workerd.ask("GET", "/health");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      status: "ok",
      release: expect.any(String),
      schema: { level: REQUIRED, ok: true },
    });
  });

  test("rejects the three bodies that are too large, also if the client does not receive the answer", () => {
    expect(workerd.said().match(/"status":413/g)).toHaveLength(3);
  });

  test("logs no error for the rejected requests", () => {
    expect(workerd.said()).not.toContain('"level":"error"');
    expect(workerd.said()).toContain('"level":"warn"');
  });

  test("writes nothing for POST /tenant if D1 fails in the middle of its batch", async () => {
    const onboard = (): Promise<Response> =>
      workerd.ask("POST", TENANT_PATH, { headers: as("whole-fault"), body: wholeBody() });
    const inDatabase = (sql: string): void => {
      const db = workerd.open();
      db.exec(sql);
      db.close();
    };
    const rows = (): unknown => {
      const db = workerd.open();
      const row = db
        .prepare(
          `SELECT (SELECT count(*) FROM tenants WHERE id = 'whole-fault') AS tenants,
            (SELECT count(*) FROM agents WHERE tenant_id = 'whole-fault') AS agents,
            (SELECT count(*) FROM onboarding_sessions WHERE tenant_id = 'whole-fault') AS sessions`,
        )
        .get();
      db.close();
      return { ...row };
    };
    inDatabase(
      "CREATE TRIGGER fault BEFORE INSERT ON knowledge_documents BEGIN SELECT RAISE(ABORT, 'fault'); END",
    );
    expect((await onboard()).status).toBe(500);
    expect(rows()).toEqual({ tenants: 0, agents: 0, sessions: 0 });
    inDatabase("DROP TRIGGER fault");
    expect((await onboard()).status).toBe(201);
    expect(rows()).toEqual({ tenants: 1, agents: 1, sessions: 1 });
  });
});

describe("in workerd, with an issuer", () => {
  test("fetches the issuer's keys once for all requests", async () => {
    const issuer = await openIssuer();
    const [key, other] = [await keyOf("a"), await keyOf("a")];
    issuer.keys = [key.told];
    const { ask, stop } = await startWorkerd({ ...RULES, AUTH_JWKS_URL: issuer.url });
    onTestFinished(stop);
    const start = async (by: typeof key): Promise<number> => {
      const payload = {
        iss: RULES.AUTH_ISSUER,
        aud: RULES.AUTH_AUDIENCE,
        exp: Math.floor(Date.now() / 1000) + 300,
        sub: "ada",
        tenant_id: "acme",
      };
      const token = await sign(payload, by.sign, { alg: "ES256", kid: "a" });
      const headers = { authorization: `Bearer ${token}` };
      return (await ask("POST", `${BASE}/start`, { headers })).status;
    };
    expect(await start(key)).toBe(201);
    const statuses = await Promise.all(Array.from({ length: 20 }, () => start(key)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(issuer.asked).toBe(1);
    expect(await start(other)).toBe(401);
  });
});

describe("in workerd, with the limits of its config", () => {
  test("returns 429 above the limit for one tenant, and still serves another", async () => {
    // workerd counts per minute of its own clock. Even on a slow machine, the requests exceed a limit of three within a minute: if
    // a minute ends early, they exceed it in the next. docs.test.ts checks the limits that are deployed.
    const limited = await startWorkerd({}, ({ ratelimits }) => {
      for (const { name, simple } of ratelimits) if (name === "LIMIT_TENANT") simple.limit = 3;
    });
    onTestFinished(limited.stop);
    const start = async (tenant: string): Promise<number> =>
      (await limited.ask("POST", `${BASE}/start`, { headers: as(tenant) })).status;
    const statuses: number[] = [];
    while (!statuses.includes(429)) statuses.push(await start("eager"));
    expect(statuses.slice(0, 4)).toEqual([201, 200, 200, expect.any(Number)]);
    expect(await start("patient")).toBe(201);
  });
});
