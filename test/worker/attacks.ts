import { expect, test } from "vitest";
import { BASE } from "../../src/worker/routes.ts";
import {
  type Ask,
  as,
  type RequestParts,
  begin,
  BUSINESS,
  KEY,
  KEY_OF_TWO,
  EXPIRED_KEY,
  pathOf,
  prepare,
  problemIn,
  NotTheWorker,
} from "./client.ts";
import { TENANT_PATH, wholeBody } from "./whole-tenant.ts";

/** The sessions of an attack: the victim's, which is not complete, and the attacker's own. */
interface Scene {
  readonly victim: string;
  readonly own: string;
}

interface Attack {
  readonly name: string;
  readonly method?: string;
  readonly path: string | ((scene: Scene) => string);
  readonly headers?: Readonly<Record<string, string>>;
  /** Creates the body of one request. */
  readonly body?: () => RequestParts["body"];
  readonly status: number;
  readonly code?: string;
  readonly reason?: string;
  /** Over a network, the server may close the connection of a sender before the response reaches it. */
  readonly cutOff?: true;
}

const JSON_TYPE = { "content-type": "application/json" };
const MALLORY = as("mallory");
const VICTIMS_NUMBER = "06 39 98 11 01";
const ofVictim =
  (step: string) =>
  ({ victim }: Scene): string =>
    pathOf(victim, step);
const ofOwn =
  (step: string) =>
  ({ own }: Scene): string =>
    pathOf(own, step);
const raw = (text: string | Uint8Array) => (): RequestParts["body"] => text;
const without = (headers: Record<string, string>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));

/** A stream of this many bytes, without a Content-Length. */
function endless(bytes: number): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(65_536).fill(0x20);
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(piece);
      left -= piece.length;
      if (left <= 0) controller.close();
    },
  });
}

const TEN_MEGABYTES = 10 * 1024 * 1024;

const CREDENTIALS: readonly Attack[] = [
  { name: "nothing", headers: without(MALLORY, "authorization") },
  { name: "an empty bearer", headers: { ...MALLORY, authorization: "Bearer " } },
  { name: "Basic", headers: { ...MALLORY, authorization: `Basic ${btoa(`key:${KEY}`)}` } },
  { name: "an unknown key", headers: { ...MALLORY, authorization: "Bearer unknown" } },
  { name: "an expired key", headers: as("mallory", "m", EXPIRED_KEY) },
  { name: "the digest of a key", headers: as("mallory", "m", "e".repeat(64)) },
  { name: "a key with a blank", headers: { ...MALLORY, authorization: `Bearer ${KEY} x` } },
  { name: "a key and another", headers: { ...MALLORY, authorization: `Bearer ${KEY}, Bearer x` } },
].map((one) => ({
  ...one,
  name: `credentials: ${one.name}`,
  path: ofVictim("status"),
  method: "GET",
  status: 401,
  code: "UNAUTHENTICATED",
}));

const FORGED: readonly Attack[] = [
  {
    name: "a tenant that the key does not open",
    headers: as("victim", "victim-ada", KEY_OF_TWO),
    status: 403,
    code: "TENANT_NOT_ALLOWED",
  },
  {
    name: "a placeholder for a tenant",
    headers: as("default"),
    status: 403,
    code: "ONBOARDING_FORBIDDEN",
    reason: "placeholder-identity",
  },
  {
    name: "a placeholder for a user",
    headers: as("mallory", "anonymous"),
    status: 403,
    code: "ONBOARDING_FORBIDDEN",
  },
  { name: "two tenants in one header", headers: as("mallory, victim"), status: 422 },
  { name: "a tenant with a letter outside ASCII", headers: as("victim\u00e9"), status: 422 },
  { name: "a tenant as SQL", headers: as("victim' OR '1'='1"), status: 422 },
  {
    name: "no tenant",
    headers: without(MALLORY, "x-tenant-id"),
    status: 400,
    code: "CLAIM_MISSING",
  },
  { name: "no user", headers: without(MALLORY, "x-user-id"), status: 400, code: "CLAIM_MISSING" },
  { name: "an empty tenant", headers: as(""), status: 422 },
].map((one) => ({
  ...one,
  name: `headers: ${one.name}`,
  path: ofVictim("status"),
  method: "GET",
}));

const STEPS: readonly (readonly [string, object])[] = [
  ["business", BUSINESS],
  ["agents/auto-generate", {}],
  ["assistant", { agent_name: "Mallory" }],
  ["knowledge", { documents: [{ title: "a", content: "b" }] }],
  ["complete", {}],
];

const FOREIGN: readonly Attack[] = STEPS.map(([step, body]) => ({
  name: `session: ${step} of another tenant's`,
  path: ofVictim(step),
  headers: MALLORY,
  body: () => body,
  status: 404,
  code: "ONBOARDING_NOT_FOUND",
}));

const PATHS: readonly Attack[] = [
  { name: "as SQL", path: pathOf("' OR '1'='1", "status"), status: 404 },
  {
    name: "as SQL that deletes",
    path: pathOf("x'; DELETE FROM tenants; --", "status"),
    status: 404,
  },
  { name: "a pattern", path: pathOf("%", "status"), status: 404 },
  { name: "in full-width letters", path: pathOf("ｏｎｂ_1", "status"), status: 404 },
  { name: "with a NUL", path: `${BASE}/session/%00/status`, status: 404 },
  { name: "not UTF-8", path: `${BASE}/session/%ff/status`, status: 404 },
  { name: "with a path to a parent", path: `${BASE}/session/..%2f..%2fhealth/status`, status: 404 },
  {
    name: "with a slash at the end",
    path: (scene: Scene) => `${ofVictim("status")(scene)}/`,
    status: 404,
  },
].map((one) => ({ ...one, name: `session: ${one.name}`, method: "GET", headers: MALLORY }));

const INPUTS: readonly (readonly [string, object])[] = [
  ["a number for a text", { ...BUSINESS, company_name: 1 }],
  ["an operator for a text", { ...BUSINESS, company_name: { $ne: null } }],
  ["an unpaired surrogate", { ...BUSINESS, company_name: "x\ud800" }],
  ["a NUL", { ...BUSINESS, company_name: "x\u0000" }],
  ["a right-to-left override", { ...BUSINESS, company_name: "x\u202ey" }],
  ["only invisible characters", { ...BUSINESS, company_name: "\u200b" }],
  ["a sector as JSON", { ...BUSINESS, industry: '","$.x":"' }],
  ["a sector as SQL", { ...BUSINESS, industry: "x') --" }],
  ["a sector with a Cyrillic letter", { ...BUSINESS, industry: "rеtail" }],
  ["an address with a Cyrillic letter", { ...BUSINESS, email: "аda@example.com" }],
];

const BODIES: readonly Attack[] = [
  {
    name: "JSON without a content type",
    body: raw('{"company_name":"x","industry":"retail"}'),
    status: 415,
  },
  {
    name: "a form",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: raw("company_name=x&industry=retail"),
    status: 415,
  },
  {
    name: "of the type application/jsonp",
    headers: { "content-type": "application/jsonp" },
    body: raw("{}"),
    status: 415,
  },
  { name: "empty", headers: JSON_TYPE, status: 422 },
  { name: "incomplete JSON", headers: JSON_TYPE, body: raw('{"company_name":"x"'), status: 400 },
  { name: "two JSON values", headers: JSON_TYPE, body: raw("{}{}"), status: 400 },
  {
    name: "not even UTF-8",
    headers: JSON_TYPE,
    body: raw(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    status: 400,
  },
  { name: "null", headers: JSON_TYPE, body: raw("null"), status: 422 },
  { name: "a list", headers: JSON_TYPE, body: raw(JSON.stringify([BUSINESS])), status: 422 },
  { name: "a text", headers: JSON_TYPE, body: raw('"x"'), status: 422 },
  {
    name: "nested 30,000 deep",
    headers: JSON_TYPE,
    body: raw("[".repeat(30_000) + "]".repeat(30_000)),
    status: 422,
  },
  ...["__proto__", "constructor", "prototype", "toString", "tenant_id", "id"].map((key) => ({
    name: `the key ${key}`,
    headers: JSON_TYPE,
    body: raw(`{"company_name":"x","industry":"retail","${key}":{"tenant_id":"victim"}}`),
    status: 422,
    code: "ONBOARDING_INVALID",
  })),
  {
    name: "the key __proto__ with an escape",
    headers: JSON_TYPE,
    body: raw(String.raw`{"company_name":"x","industry":"retail","\u005f_proto__":{"a":1}}`),
    status: 422,
  },
  ...INPUTS.map(([name, body]) => ({ name, body: () => body, status: 422 })),
  {
    name: "ten megabytes",
    headers: JSON_TYPE,
    body: () => new Uint8Array(TEN_MEGABYTES).fill(0x20),
    status: 413,
    code: "BODY_TOO_LARGE",
  },
  {
    name: "ten megabytes without a length",
    headers: JSON_TYPE,
    body: () => endless(TEN_MEGABYTES),
    status: 413,
    code: "BODY_TOO_LARGE",
    cutOff: true as const,
  },
  ...["06 39 98 11 01", "+33639981101", "０６３９９８１１０１", "0033 (0)6.39.98.11.01"].map(
    (phone) => ({
      name: `the victim's number as ${phone}`,
      body: () => ({ ...BUSINESS, phone }),
      status: 409,
      reason: "number-taken",
    }),
  ),
].map((one) => ({
  ...one,
  name: `body: ${one.name}`,
  path: ofOwn("business"),
  headers: { ...MALLORY, ...("headers" in one ? one.headers : {}) },
}));

const WHOLE_TENANT: readonly Attack[] = [
  { name: "no credentials", headers: {}, status: 401 },
  { name: "an unknown key", headers: as("mallory", "m", "unknown"), status: 401 },
  {
    name: "a tenant that the key does not open",
    headers: as("victim", "victim-ada", KEY_OF_TWO),
    status: 403,
    code: "TENANT_NOT_ALLOWED",
  },
  {
    name: "a user of another tenant",
    headers: as("mallory", "victim-ada"),
    status: 403,
    reason: "user-of-another-tenant",
  },
  { name: "a placeholder for a tenant", headers: as("default"), status: 403 },
  {
    name: "an idempotency key with a blank",
    headers: { ...MALLORY, "idempotency-key": "a b" },
    status: 422,
  },
  { name: "no body", body: () => undefined, status: 422 },
  { name: "a list", body: () => [wholeBody()], status: 422 },
  ...["tenant", "user", "key", "digest", "__proto__"].map((key) => ({
    name: `the key ${key} in the body`,
    headers: { ...MALLORY, ...JSON_TYPE },
    body: raw(JSON.stringify(wholeBody()).replace("{", `{"${key}":"victim",`)),
    status: 422,
    code: "ONBOARDING_INVALID",
  })),
  {
    name: "the victim's number",
    body: () => wholeBody({ phone: VICTIMS_NUMBER }),
    status: 409,
    reason: "number-taken",
  },
  {
    name: "ten megabytes",
    headers: { ...MALLORY, ...JSON_TYPE },
    body: () => new Uint8Array(TEN_MEGABYTES).fill(0x20),
    status: 413,
    code: "BODY_TOO_LARGE",
  },
].map((one) => ({
  headers: MALLORY,
  body: () => wholeBody(),
  ...one,
  name: `whole tenant: ${one.name}`,
  path: TENANT_PATH,
}));

const METHODS: readonly Attack[] = [
  ...["GET", "PUT", "DELETE", "PATCH"].map((method) => ({
    name: `method: ${method} of a step`,
    method,
    path: ofVictim("complete"),
    headers: MALLORY,
    status: 405,
    code: "METHOD_NOT_ALLOWED",
  })),
  {
    name: "method: an override in a header",
    path: ofVictim("status"),
    headers: { ...MALLORY, "x-http-method-override": "GET" },
    status: 405,
  },
  {
    name: "route: unknown",
    path: "/api/v1/onboarding/admin",
    headers: MALLORY,
    status: 404,
    code: "ROUTE_UNKNOWN",
  },
  {
    name: "idempotency key: with a blank",
    path: `${BASE}/start`,
    headers: { ...MALLORY, "idempotency-key": "a b" },
    status: 422,
  },
  {
    name: "idempotency key: too long",
    path: `${BASE}/start`,
    headers: { ...MALLORY, "idempotency-key": "k".repeat(129) },
    status: 422,
  },
  {
    name: "a user of another tenant",
    path: `${BASE}/start`,
    headers: as("mallory", "victim-ada"),
    status: 403,
    code: "ONBOARDING_FORBIDDEN",
    reason: "user-of-another-tenant",
  },
];

const ATTACKS: readonly Attack[] = [
  ...CREDENTIALS,
  ...FORGED,
  ...FOREIGN,
  ...PATHS,
  ...BODIES,
  ...WHOLE_TENANT,
  ...METHODS,
];

const scenes = new WeakMap<Ask, Promise<Scene>>();

/** Created once per Worker, because no attack may change it. */
function setScene(ask: Ask): Promise<Scene> {
  const known = scenes.get(ask);
  if (known !== undefined) return known;
  const made = (async (): Promise<Scene> => ({
    victim: await prepare(ask, as("victim"), { ...BUSINESS, phone: VICTIMS_NUMBER }),
    own: await begin(ask, MALLORY),
  }))();
  scenes.set(ask, made);
  return made;
}

/** True if the Worker responded and closed the connection before it read the whole body. */
function isCutOff(error: unknown): boolean {
  if (error instanceof NotTheWorker) return true;
  const cause: unknown = error instanceof Error ? error.cause : null;
  const code = cause instanceof Error && "code" in cause ? cause.code : null;
  return code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET";
}

/**
 * The Worker rejects each attack with a problem that reveals nothing of the code or the database, and the victim's session is unchanged.
 * `all` reads the whole database, if that is possible: no row may change.
 */
export function playAttacks(
  sceneOf: () => Promise<{ readonly ask: Ask; readonly all?: () => Promise<unknown> }>,
): void {
  test.each(ATTACKS)("rejects $name with $status", async (attack) => {
    const { ask, all = () => Promise.resolve(null) } = await sceneOf();
    const scene = await setScene(ask);
    const { victim } = scene;
    const look = async (): Promise<unknown> => [
      await (await ask("GET", pathOf(victim, "status"), { headers: as("victim") })).text(),
      await all(),
    ];
    const before = await look();
    const { method = "POST", path, headers = {}, body, status, code, reason } = attack;
    const to = typeof path === "string" ? path : path(scene);
    const asked = body === undefined ? { headers } : { headers, body: body() };
    const answer = await ask(method, to, asked).catch((error: unknown) => {
      if (attack.cutOff === undefined || !isCutOff(error)) throw error;
      return null;
    });
    expect(await look()).toEqual(before);
    if (answer === null) return;
    const text = await answer.clone().text();
    expect([answer.status, text]).toEqual([status, expect.any(String)]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const problem = await problemIn(answer);
    expect(problem).toMatchObject({
      success: false,
      status,
      instance: answer.headers.get("x-request-id"),
      ...(code !== undefined && { code }),
      ...(reason !== undefined && { reason }),
    });
    expect(text).not.toMatch(/SQLITE|D1_|sqlite|\.ts:|\.js:|at async|node_modules/);
  });

  test("returns the same response for a session of another tenant and for one that does not exist", async () => {
    const { ask } = await sceneOf();
    const { victim } = await setScene(ask);
    const none = `onb_${"0".repeat(32)}`;
    const told = async (session: string): Promise<string> => {
      const headers = { ...MALLORY, "x-request-id": "same" };
      const answer = await ask("GET", pathOf(session, "status"), { headers });
      return (await answer.text()).replaceAll(session, "ID");
    };
    expect(await told(victim)).toBe(await told(none));
  });

  test("uses the last of two equal keys in a body", async () => {
    const { ask } = await sceneOf();
    const headers = as("doubled");
    const session = await begin(ask, headers);
    const body = '{"company_name":"First","company_name":"Last","industry":"retail"}';
    await ask("POST", pathOf(session, "business"), { headers: { ...headers, ...JSON_TYPE }, body });
    const answer = await ask("GET", pathOf(session, "status"), { headers });
    expect(await answer.json()).toMatchObject({ session: { company_name: "Last" } });
  });

  test.each([
    `Robert'); DROP TABLE tenants;--`,
    `","x":"y`,
    "${7*7}{{7*7}}",
    "<script>alert(1)</script>",
    "\\u0000",
  ])("stores and returns text unchanged: %s", async (company_name) => {
    const { ask } = await sceneOf();
    const headers = as("texts");
    const session = await begin(ask, headers);
    const body = { ...BUSINESS, company_name };
    const saved = await ask("POST", pathOf(session, "business"), { headers, body });
    expect(saved.status).toBe(200);
    const answer = await ask("GET", pathOf(session, "status"), { headers });
    expect(await answer.json()).toMatchObject({ session: { company_name } });
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });
}
