import { createServer, type RequestListener } from "node:http";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { CloudflareOptions, Fault, Trouble } from "../../fixtures/cloudflare/fake.ts";
import { type Api, type ApiOptions, connectApi } from "../../src/cloudflare/api.ts";
import type { Credentials } from "../../src/cloudflare/credentials.ts";
import { makeRequestRate } from "../../src/cloudflare/request-rate.ts";
import type { Effect } from "../../src/cloudflare/retry-policy.ts";
import { connectAs } from "../../src/project/connect-remote.ts";
import type { ProjectSettings } from "../../src/config/wrangler-settings.ts";
import { fakeFixture, type FakeFixture } from "../cloudflare-fake/fake-fixture.ts";
import { heldLimits, type HeldLimits } from "../held-limits.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";
import { failureOf } from "./failure-of.ts";

interface RemoteFixture extends FakeFixture {
  readonly api: Api;
  readonly clock: VirtualClock;
  readonly limits: HeldLimits;
  readonly told: string[];
  /** Lists the databases as a read, or as a write that changes nothing. */
  list(effect?: Effect): Promise<unknown>;
}

const ECHO: NonNullable<CloudflareOptions["routes"]> = [
  {
    operation: "echo",
    method: "GET",
    path: "/echo",
    open: true,
    answer: ({ headers }) => ({ result: headers }),
  },
];

async function remoteFixture(options: Partial<ApiOptions> = {}): Promise<RemoteFixture> {
  const home = await fakeFixture({ routes: ECHO });
  const limits = heldLimits();
  const clock = { ...virtualClock(), ...limits };
  const told: string[] = [];
  const api = connectApi({
    credentials: token(home.cloudflare.token),
    baseUrl: home.cloudflare.apiBaseUrl,
    userAgent: "d1ops/1.2.3",
    clock,
    rate: makeRequestRate({ clock }),
    onWait: (ms, reason) => told.push(`${ms}: ${reason}`),
    ...options,
  });
  return {
    ...home,
    api,
    clock,
    limits,
    told,
    list: async (effect = "read") => (await call(api, effect)).result,
  };
}

function token(value: string): Credentials {
  return { kind: "token", token: value, source: "CLOUDFLARE_API_TOKEN" };
}

function call(api: Api, effect: Effect = "read", path = "/user"): ReturnType<Api["call"]> {
  return api.call(effect, (sdk, options) => sdk.get(path, options));
}

/** A server that always gives the same answer. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

describe("a call", () => {
  test("sends a token, the user agent and the configured headers", async () => {
    const { api } = await remoteFixture({ headers: { "X-Proxy-Pass": "open sesame" } });
    expect((await call(api, "read", "/echo")).result).toMatchObject({
      authorization: "Bearer fake-token-with-all-rights",
      "user-agent": "d1ops/1.2.3",
      "x-proxy-pass": "open sesame",
    });
  });

  test("sends a key and its e-mail address, and no other credentials of the process", async () => {
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "a-token-of-the-environment");
    vi.stubEnv("CLOUDFLARE_API_USER_SERVICE_KEY", "a-key-of-the-environment");
    onTestFinished(() => void vi.unstubAllEnvs());
    const credentials: Credentials = { kind: "key", key: "k", email: "a@example.com", source: "x" };
    const { api } = await remoteFixture({ credentials });
    const { result } = await call(api, "read", "/echo");
    expect(result).toMatchObject({ "x-auth-key": "k", "x-auth-email": "a@example.com" });
    expect(result).not.toHaveProperty("authorization");
    expect(JSON.stringify(result)).not.toContain("of-the-environment");
  });

  const settings: ProjectSettings = {
    configPath: "",
    projectPath: "",
    statePath: "",
    workerName: null,
    accountId: null,
    env: null,
    section: null,
    environments: [],
    knownEnvironments: [],
    databases: [],
  };

  test("sends CLOUDFLARE_API_HEADERS and WRANGLER_TRACE_ID as wrangler does", async () => {
    const { cloudflare } = await remoteFixture();
    const variables = {
      CLOUDFLARE_API_BASE_URL: cloudflare.apiBaseUrl,
      CLOUDFLARE_API_HEADERS: '{"X-One":"1","X-Two":2}',
      WRANGLER_TRACE_ID: "trace",
    };
    const { api, account } = connectAs({
      credentials: token("t"),
      settings,
      variables,
      options: {},
    });
    expect(account).toBeNull();
    expect((await call(api, "read", "/echo")).result).toMatchObject({
      "x-one": "1",
      "x-two": "2",
      "cf-trace-id": "trace",
      "user-agent": expect.stringMatching(/^d1ops\/\d+\.\d+\.\d+/),
    });
  });

  test.each(["{", "[}", "X-One: 1", '{"X-One":"1\\n2"}'])(
    "is a usage error with CLOUDFLARE_API_HEADERS=%s",
    (text) => {
      const variables = { CLOUDFLARE_API_HEADERS: text };
      expect(() =>
        connectAs({ credentials: token("t"), settings, variables, options: {} }),
      ).toThrow(
        expect.objectContaining({ code: "USAGE", details: { argument: "CLOUDFLARE_API_HEADERS" } }),
      );
    },
  );
});

describe("a failed call", () => {
  const all: readonly [Trouble, "not done" | "unknown" | "refused"][] = [
    [{ kind: "cut", when: "before" }, "unknown"],
    [{ kind: "cut", when: "after" }, "unknown"],
    [{ kind: "cut", when: "middle" }, "unknown"],
    [{ kind: "status", status: 500 }, "unknown"],
    [{ kind: "status", status: 503, when: "after" }, "unknown"],
    [{ kind: "status", status: 200, body: "" }, "unknown"],
    [{ kind: "status", status: 200, body: "null" }, "unknown"],
    [{ kind: "status", status: 200, body: "[]" }, "unknown"],
    [{ kind: "status", status: 200, body: "{}" }, "unknown"],
    [{ kind: "html" }, "unknown"],
    [{ kind: "html", status: 524, when: "after" }, "unknown"],
    [{ kind: "malformed" }, "unknown"],
    [{ kind: "internal error", when: "after" }, "unknown"],
    [{ kind: "status", status: 429, headers: { "Retry-After": "3" } }, "not done"],
    [{ kind: "status", status: 429 }, "not done"],
    [{ kind: "html", status: 429 }, "not done"],
    [
      { kind: "status", status: 403, body: "<html>", headers: { "cf-mitigated": "challenge" } },
      "not done",
    ],
    [{ kind: "refusal" }, "refused"],
    [{ kind: "status", status: 400, errors: [{ code: 7400, message: "no" }] }, "refused"],
  ];

  test.each(all)(
    "is repeated if it is a read, unless it is refused: %j is %s",
    async (trouble, kind) => {
      const { cloudflare, list } = await remoteFixture();
      cloudflare.order(trouble);
      const outcome = await list().catch((error: unknown) => error);
      if (kind === "refused") expect(outcome).toMatchObject({ kind });
      else expect(outcome).toMatchObject({ email: "operator@example.com" });
      expect(cloudflare.log).toHaveLength(kind === "refused" ? 1 : 2);
    },
  );

  test.each(all)("repeats a write only if it was not done: %j is %s", async (trouble, kind) => {
    const { cloudflare, list } = await remoteFixture();
    cloudflare.order(trouble);
    const outcome = await list("write").catch((error: unknown) => error);
    if (kind === "not done") expect(outcome).toMatchObject({ email: "operator@example.com" });
    else expect(outcome).toMatchObject({ kind });
    expect(cloudflare.log).toHaveLength(kind === "not done" ? 2 : 1);
  });

  test("is made seven times or `attempts` times, and then fails with the last failure", async () => {
    for (const attempts of [undefined, 1, 3]) {
      const { cloudflare, list } = await remoteFixture(attempts === undefined ? {} : { attempts });
      cloudflare.order({ kind: "html", times: Infinity });
      const failure = await failureOf(list());
      expect(failure).toMatchObject({ status: 502, kind: "unknown" });
      expect(failure.ray).toMatch(/-AMS$/);
      expect(cloudflare.log).toHaveLength(attempts ?? 7);
    }
  });

  test("ends as not done after seven attempts if no server listens", async () => {
    const home = await remoteFixture();
    await home.cloudflare.close();
    const failure = await failureOf(home.list("write"));
    expect(failure).toMatchObject({ status: null, kind: "not done" });
    expect(failure.message).toContain("ECONNREFUSED");
    expect(home.clock.slept).toHaveLength(6);
  });

  test("ends after one attempt if fetch itself rejects the address", async () => {
    const { list, clock } = await remoteFixture({ baseUrl: "http://127.0.0.1:22/client/v4" });
    expect(await failureOf(list())).toMatchObject({ kind: "not done", message: "bad port" });
    expect(clock.slept).toEqual([]);
  });

  test("calls onWait with the reason before a wait of a second or more", async () => {
    const { cloudflare, list, told } = await remoteFixture();
    cloudflare.order({ kind: "html", times: 3 });
    await list();
    expect(told).toEqual([
      expect.stringMatching(/^1500: The answer is not Cloudflare's API's: HTTP 502/),
    ]);
  });

  test("ends with INTERRUPTED and no further call if a wait is interrupted", async () => {
    const controller = new AbortController();
    const { cloudflare, list } = await remoteFixture({
      signal: controller.signal,
      onWait: () => controller.abort(),
    });
    cloudflare.order({ kind: "status", status: 429, headers: { "Retry-After": "60" } });
    await expect(list()).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(cloudflare.log).toHaveLength(1);
  });
});

describe("the rate limit", () => {
  const limited: Fault = { kind: "status", status: 429, headers: { "Retry-After": "5" } };

  test("delays a call with status 429 as long as Retry-After says, and up to a second more", async () => {
    const { cloudflare, list, clock } = await remoteFixture();
    cloudflare.order(limited);
    await list("write");
    expect(clock.now()).toBe(5500);
  });

  test("delays all other calls while a call with status 429 waits", async () => {
    const { cloudflare, list, clock } = await remoteFixture();
    cloudflare.order({ ...limited, request: 1 });
    const refused = list();
    while (clock.slept.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await list();
    expect(clock.now()).toBeGreaterThanOrEqual(5000);
    await refused;
  });

  test("is shared by connections with the same token only", async () => {
    const { cloudflare } = await remoteFixture();
    for (const name of ["shared-token-of-two", "token-of-another"]) cloudflare.tokens.add(name);
    const clock = virtualClock();
    const connect = (name: string): Api =>
      connectApi({
        credentials: token(name),
        baseUrl: cloudflare.apiBaseUrl,
        userAgent: "d1ops/test",
        clock,
        attempts: 1,
      });
    const [one, two, other] = [
      connect("shared-token-of-two"),
      connect("shared-token-of-two"),
      connect("token-of-another"),
    ];
    cloudflare.order(limited);
    await failureOf(call(one));
    await call(other);
    expect(clock.now()).toBe(0);
    await call(two);
    expect(clock.now()).toBe(5000);
  });

  test("delays the next call if an answer reports no remaining calls", async () => {
    const { cloudflare, list, clock } = await remoteFixture();
    cloudflare.rate.limit = 1;
    cloudflare.rate.windowMs = 4000;
    await list();
    cloudflare.rate.limit = 1000;
    expect(clock.now()).toBe(0);
    await list();
    expect(clock.now()).toBe(4000);
  });

  test("fails a call with a Retry-After of an hour at once, and delays others by the API's window at most", async () => {
    const { cloudflare, list, clock } = await remoteFixture();
    cloudflare.order({ kind: "status", status: 429, headers: { "Retry-After": "3600" } });
    expect(await failureOf(list())).toMatchObject({ status: 429, retryAfterMs: 3_600_000 });
    expect(clock.now()).toBe(0);
    await list();
    expect(clock.now()).toBeLessThanOrEqual(300_000);
  });

  test("is shared by connections of a token only if they have the same clock", async () => {
    const { cloudflare } = await remoteFixture();
    const clock = { ...virtualClock(), ...heldLimits() };
    const other = { ...virtualClock(), ...heldLimits() };
    const connect = (by: typeof clock): Api =>
      connectApi({
        credentials: token(cloudflare.token),
        baseUrl: cloudflare.apiBaseUrl,
        userAgent: "d1ops/1.2.3",
        clock: by,
      });
    cloudflare.order({ kind: "status", status: 429, headers: { "Retry-After": "3600" } });
    expect(await failureOf(call(connect(clock)))).toMatchObject({ status: 429 });
    await call(connect(other));
    expect([other.slept, clock.slept]).toEqual([[], []]);
    await call(connect(clock));
    expect(clock.slept).toEqual([300_000]);
  });
});

describe("an answer", () => {
  test("makes the outcome of a write unknown if it arrives too late", async () => {
    const { cloudflare, list, limits } = await remoteFixture();
    cloudflare.order({ kind: "slow", ms: 400, when: "after" });
    cloudflare.onRequest = (_, n) => {
      if (n === 1) limits.expire();
      return null;
    };
    const failure = await failureOf(list("write"));
    expect(failure).toMatchObject({ kind: "unknown", status: null });
    expect(failure.message).toMatch(/^There was no answer within /);
    expect(cloudflare.log).toHaveLength(1);
    await list();
  });

  test("makes d1ops retry a read if it arrives too late", async () => {
    const { cloudflare, list, limits } = await remoteFixture();
    cloudflare.order({ kind: "slow", ms: 400 });
    cloudflare.onRequest = (_, n) => {
      if (n === 1) limits.expire();
      return null;
    };
    expect(await list()).toMatchObject({ email: "operator@example.com" });
    expect(cloudflare.log).toHaveLength(2);
  });

  test.each([200, 500])("is a failure if it has status %i and never ends", async (status) => {
    const baseUrl = await serve((_, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.write('{"success":true,');
    });
    const { list } = await remoteFixture({ baseUrl, timeoutMs: 60, clock: virtualClock() });
    expect(await failureOf(list("write"))).toMatchObject({ kind: "unknown" });
  });

  test("succeeds or fails by its envelope, whatever its status and content type", async () => {
    const envelope = JSON.stringify({ success: true, result: { a: 1 }, errors: [], messages: [] });
    for (const [status, type] of [
      [200, "text/plain"],
      [201, "application/json"],
      [500, "application/json"],
    ] as const) {
      const baseUrl = await serve((_, response) => {
        response.writeHead(status, { "content-type": type });
        response.end(envelope);
      });
      const { api } = await remoteFixture({ baseUrl });
      expect(await call(api)).toMatchObject({ result: { a: 1 }, status });
    }
  });

  test.each([
    ["errors that are not a list", '{"success":false,"errors":"no"}'],
    ["an error that is null", '{"success":false,"errors":[null]}'],
    [
      "an error with fields of other types",
      '{"success":false,"errors":[{"code":"7500","message":7}]}',
    ],
    ["a success that is a text", '{"success":"true","result":1}'],
  ])("is a failure with its status if it has %s", async (_, body) => {
    const { cloudflare, list } = await remoteFixture();
    cloudflare.order({ kind: "malformed", body });
    const failure = await failureOf(list("write"));
    expect(failure).toMatchObject({ status: 200 });
  });

  test("contains exact integers, and other numbers unchanged", async () => {
    const { cloudflare, list } = await remoteFixture();
    const numbers =
      '[9007199254740991,9007199254740993,-9007199254740993,9223372036854775807,-9223372036854775808,1.5,0.1234567890123456789,1e300,1E3,-0,"9007199254740993"]';
    cloudflare.order({ kind: "malformed", body: `{"success":true,"result":${numbers}}` });
    expect(await list()).toEqual([
      9007199254740991,
      9007199254740993n,
      -9007199254740993n,
      9223372036854775807n,
      -9223372036854775808n,
      1.5,
      0.12345678901234568,
      1e300,
      1000,
      -0,
      "9007199254740993",
    ]);
  });

  test("contains an integer beyond 64 bits as a number, because JSON writes 1e20 that way", async () => {
    const { cloudflare, list } = await remoteFixture();
    cloudflare.order({
      kind: "malformed",
      body: '{"success":true,"result":[100000000000000000000,-20000000000000000000]}',
    });
    expect(await list()).toEqual([1e20, -2e19]);
  });

  test("returns undefined if it has no result", async () => {
    const { cloudflare, list } = await remoteFixture();
    cloudflare.order({ kind: "malformed", body: '{"success":true}' });
    expect(await list()).toBeUndefined();
  });
});

describe("a signed address", () => {
  test("is requested without credentials", async () => {
    const { api, cloudflare } = await remoteFixture({ headers: { "X-Secret": "s" } });
    const response = await api.fetch("read", `${cloudflare.apiBaseUrl}/echo`);
    const said = await response.text();
    expect(said).not.toMatch(/authorization|x-secret/i);
  });

  test.each([
    ["read", 2, true],
    ["write", 1, false],
  ] as const)(
    "is requested as a %s %i times if the server fails",
    async (effect, times, succeeds) => {
      const { api, cloudflare } = await remoteFixture();
      cloudflare.order({ kind: "html" });
      const done = await api.fetch(effect, `${cloudflare.apiBaseUrl}/echo`).then(
        ({ ok }) => ok,
        (error: unknown) => {
          expect(error).toMatchObject({ kind: "unknown", status: 502 });
          return false;
        },
      );
      expect(done).toBe(succeeds);
      expect(cloudflare.log).toHaveLength(times);
    },
  );
});
