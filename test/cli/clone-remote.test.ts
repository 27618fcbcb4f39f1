import { backup as backUp } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type Cloudflare,
  type RemoteDatabase,
  startCloudflare,
} from "../../fixtures/cloudflare/fake.ts";
import { d1ops, errorOf, reportOf, type Run } from "../project.ts";
import { type RecordingProxy, startRecordingProxy } from "../recording-proxy.ts";
import { all, edit, makeRemoteShop, type RemoteShop } from "./clone-remote-shop.ts";
import { clone, openFile, originals } from "./clone-shop.ts";

/** Clones into a remote database, at a fake Cloudflare. */

let cloudflare: Cloudflare;
let proxy: RecordingProxy;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "on" });
  proxy = await startRecordingProxy(cloudflare.origin);
});
afterAll(async () => {
  proxy.close();
  await cloudflare.close();
});
afterEach(() => {
  cloudflare.onRequest = null;
  proxy.requests.length = 0;
});

const KEY = "a secret of the test, long enough";

type Environments = Parameters<typeof makeRemoteShop>[1];

function remoteShop(environments?: Environments): RemoteShop {
  return makeRemoteShop(cloudflare, environments);
}

const ARGS = ["file:prod.sqlite", "env:staging", "--mask", "masks.jsonc"];

function variables(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(cloudflare.variables()).map(([name, value]) => [
    name,
    value.replace(cloudflare.origin, proxy.origin),
  ]);
  return { PATH: process.env["PATH"], HOME: "/nonexistent", ...Object.fromEntries(own), ...more };
}

async function cloneTo(
  shop: RemoteShop,
  args: readonly string[] = ARGS,
  more: NodeJS.ProcessEnv = {},
): Promise<Run> {
  return clone(shop, args, variables(more));
}

const OBJECTS =
  "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'd1ops_%' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY 1";
const USERS = "SELECT * FROM users ORDER BY id";

/** Originals in anything that was sent to this database: SQL, parameters, paths. JSON may escape other characters than these have. */
function sentTo({ id }: RemoteDatabase): string[] {
  const sent = proxy.requests
    .filter(({ path }) => path.includes(id))
    .map(({ path, body }) => `${path}\0${body.toString("latin1")}`.toLowerCase())
    .join("\0");
  return originals().filter(
    (word) => sent.includes(word.toLowerCase()) || sent.includes(Buffer.from(word).toString("hex")),
  );
}

describe("a clone into the remote database of an environment", () => {
  test("writes the masked rows, sends no original, and keeps a way back", async () => {
    const shop = remoteShop();
    edit(shop.staging, "CREATE TABLE mine(x); INSERT INTO mine VALUES (1), (2)");
    const done = await cloneTo(shop, [...ARGS, "--confirm", shop.staging.name]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    const { outcome, target, findings, next, data } = reportOf(done);
    expect([outcome, target]).toMatchObject([
      "changed",
      { place: "remote", id: shop.staging.id, env: "staging" },
    ]);
    expect(findings).toMatchObject([
      { rule: "restored-by", data: { timeTravel: false, batches: expect.any(Number) } },
      { rule: "way-back", data: { snapshot: data["backup"] } },
      { rule: "way-back", data: { bookmark: expect.any(String) } },
    ]);
    expect(sentTo(shop.staging)).toEqual([]);
    expect(all(shop.staging, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
    expect(all(shop.staging, "PRAGMA foreign_key_check")).toEqual([]);
    expect(all(shop.staging, "SELECT count(*) AS n FROM users JOIN orders USING (email)")).toEqual([
      { n: 300 },
    ]);
    expect(
      all(
        shop.staging,
        "SELECT count(*) AS n FROM users WHERE email LIKE '%@example.com' AND ssn IS NULL",
      ),
    ).toEqual([{ n: 300 }]);
    expect(
      all(shop.staging, "SELECT count(*) AS n FROM notes WHERE notes MATCH 'title : note'"),
    ).toEqual([{ n: 300 }]);
    const prod = openFile(shop, "prod.sqlite");
    expect(all(shop.staging, OBJECTS)).toEqual(prod.prepare(OBJECTS).all());
    prod.close();
    expect(all(shop.staging, "SELECT command, ending FROM d1ops_runs")).toEqual([
      { command: "clone", ending: "done" },
    ]);
    const undo = typeof data["backup"] === "string" ? data["backup"] : "";
    expect(next).toEqual([
      expect.stringMatching(/migrate status --remote --env staging$/),
      expect.stringMatching(`snapshot restore ${undo.slice(0, 8)} --to env:staging$`),
      expect.stringMatching(/wrangler d1 time-travel restore .* --env staging$/),
    ]);
    const env = variables();
    const restore = ["snapshot", "restore", undo, "--to", "env:staging"];
    expect((await d1ops(shop, [...restore, "--confirm", shop.staging.name], { env })).code).toBe(0);
    expect(all(shop.staging, OBJECTS)).toEqual([{ name: "mine" }]);
  });

  test("reads a remote production, to which it sends only queries", async () => {
    const shop = remoteShop();
    const prod = openFile(shop, "prod.sqlite");
    prod.exec("PRAGMA journal_mode = DELETE");
    await backUp(prod, shop.production.path);
    const before = all(shop.production, USERS);
    const done = await cloneTo(shop, ["remote", ...ARGS.slice(1), "--confirm", shop.staging.name]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(sentTo(shop.staging)).toEqual([]);
    expect(
      all(shop.staging, "SELECT count(*) AS n FROM users WHERE email LIKE '%@example.com'"),
    ).toEqual([{ n: 300 }]);
    expect(all(shop.production, USERS)).toEqual(before);
    expect(all(shop.production, "SELECT 1 FROM sqlite_schema WHERE name = 'd1ops_runs'")).toEqual(
      [],
    );
    // The search finds originals where they are.
    proxy.requests.push({ path: shop.staging.id, body: Buffer.from("x nia.7@corp-mail.test x") });
    expect(sentTo(shop.staging)).toEqual(["Nia.7@corp-mail.test"]);
    prod.close();
  });

  test("requires the name of the database also if nothing would be lost, and --yes is not enough", async () => {
    const shop = remoteShop();
    const refused = await cloneTo(shop, [...ARGS, "--yes"]);
    expect(refused.code).toBe(5);
    const { code, message, hint } = errorOf(refused);
    expect([code, message]).toEqual([
      "NOT_CONFIRMED",
      expect.stringContaining(`the remote database ${shop.staging.name}`),
    ]);
    expect(hint).toContain("clone file:prod.sqlite env:staging");
    expect(hint).toContain(`--confirm ${shop.staging.name}`);
    expect(errorOf(await cloneTo(shop, [...ARGS, "--confirm", shop.production.name])).code).toBe(
      "NOT_CONFIRMED",
    );
    expect(all(shop.staging, OBJECTS)).toEqual([]);
  });

  test("shows in a dry run what it would replace, and writes nothing", async () => {
    const shop = remoteShop();
    edit(shop.staging, "CREATE TABLE mine(x); INSERT INTO mine VALUES (1), (2)");
    const dry = await cloneTo(shop, [...ARGS, "--dry-run"]);
    expect(dry).toMatchObject({ code: 0, stderr: "" });
    const { findings, next } = reportOf(dry);
    expect(findings.map(({ rule }) => rule)).toEqual(["remote-replaced", "rows-lost"]);
    expect(next).toEqual([
      expect.stringMatching(/clone file:prod\.sqlite env:staging --mask masks\.jsonc$/),
    ]);
    expect(all(shop.staging, OBJECTS)).toEqual([{ name: "mine" }]);
  });

  test("suggests to check the environment of TO if Cloudflare refuses it", async () => {
    const shop = remoteShop();
    cloudflare.onRequest = ({ path }) =>
      path.includes(shop.staging.id) ? { kind: "status", status: 403 } : null;
    const { code, hint } = errorOf(await cloneTo(shop, [...ARGS, "--dry-run"]));
    expect(code).toBe("CREDENTIALS_REFUSED");
    expect(hint).toMatch(/doctor --remote --env staging$/);
  });

  test("continues after a failure if it has a key, and does nothing the third time", async () => {
    const shop = remoteShop();
    edit(shop.staging, "CREATE TABLE mine(x)");
    const args = [...ARGS, "--confirm", shop.staging.name];
    const key = { D1OPS_MASK_KEY: KEY };
    cloudflare.onRequest = ({ sql }) =>
      sql?.some((one) => /INSERT .*INTO "?orders/.test(one)) === true
        ? { kind: "status", status: 403 }
        : null;
    const stopped = await cloneTo(shop, args, key);
    cloudflare.onRequest = null;
    expect(stopped.code).toBe(4);
    expect(reportOf(stopped)).toMatchObject({
      outcome: "partial",
      findings: [
        { level: "error" },
        { rule: "way-back", data: { snapshot: expect.any(String) } },
        { rule: "way-back", data: { bookmark: expect.any(String) } },
      ],
    });
    expect(reportOf(stopped).next.at(-1)).toMatch(
      new RegExp(`time-travel restore ${shop.staging.name} --bookmark=\\S+ --env staging$`),
    );
    expect(all(shop.staging, "SELECT count(*) AS n FROM users")).toEqual([{ n: 300 }]);
    const first = all(shop.staging, USERS);
    proxy.requests.length = 0;
    expect((await cloneTo(shop, args, key)).code).toBe(0);
    expect(all(shop.staging, USERS)).toEqual(first);
    expect(reportOf(await cloneTo(shop, args, key)).outcome).toBe("ok");
  });
});

describe("a clone never replaces production", () => {
  test.each<[string, string, Environments, string]>([
    ["the remote database of the top level", "remote", undefined, "the top level of the config"],
    [
      "an environment named production",
      "env:production",
      ({ staging }) => ({ production: staging }),
      "is named production",
    ],
    [
      "an environment named Prod-EU",
      "env:Prod-EU",
      ({ staging }) => ({ "Prod-EU": staging }),
      "is named Prod-EU",
    ],
    [
      "an environment named live",
      "env:live",
      ({ staging }) => ({ live: staging }),
      "is named live",
    ],
    [
      "an environment with the database of the top level",
      "env:preview",
      ({ production }) => ({ preview: production }),
      "the top level of the config has the same database",
    ],
    [
      "an environment with the database of another one named prod",
      "env:staging",
      ({ staging }) => ({ prod: staging }),
      "the environment prod has the same database",
    ],
  ])("refuses %s", async (_, to, environments, why) => {
    const shop = remoteShop(environments);
    for (const database of [shop.production, shop.staging]) edit(database, "CREATE TABLE mine(x)");
    const { name } = to === "env:preview" || to === "remote" ? shop.production : shop.staging;
    const refused = await cloneTo(shop, ["file:prod.sqlite", to, "--yes", "--confirm", name]);
    expect(refused.code).toBe(2);
    expect(errorOf(refused)).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(why),
    });
    expect(proxy.requests).toEqual([]);
    for (const database of [shop.production, shop.staging]) {
      expect(all(database, OBJECTS)).toEqual([{ name: "mine" }]);
    }
  });

  test("refuses TO that has the database of FROM", async () => {
    const shop = remoteShop(({ staging }) => ({ preview: staging }));
    const args = ["env:preview", "env:staging", "--confirm", shop.staging.name];
    expect(errorOf(await cloneTo(shop, args))).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("the same database"),
    });
    edit(shop.staging, "CREATE TABLE mine(x)");
    const take = ["snapshot", "take", "--remote", "--env", "staging"];
    expect((await d1ops(shop, take, { env: variables() })).code).toBe(0);
    const [id = ""] = /[0-9a-f]{8}/.exec((await d1ops(shop, ["snapshot", "list"])).stdout) ?? [];
    const own = [`snapshot:${id}`, "env:staging", "--confirm", shop.staging.name];
    expect(errorOf(await cloneTo(shop, own))).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("the same database"),
    });
  });

  test("accepts `remote` of an environment that is not production", async () => {
    const shop = remoteShop();
    const args = ["file:prod.sqlite", "remote", "--env", "staging", "--mask", "masks.jsonc"];
    const done = await cloneTo(shop, [...args, "--confirm", shop.staging.name]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
  });
});
