import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../../fixtures/cloudflare/fake.ts";
import { onboardAgents } from "../../../src/commands/onboard/agents.ts";
import { onboardAssistant } from "../../../src/commands/onboard/assistant.ts";
import { onboardBusiness } from "../../../src/commands/onboard/business.ts";
import { onboardComplete } from "../../../src/commands/onboard/complete.ts";
import { onboardKnowledge } from "../../../src/commands/onboard/knowledge.ts";
import { onboardStart } from "../../../src/commands/onboard/start.ts";
import { onboardStatus } from "../../../src/commands/onboard/status.ts";
import type { Report } from "../../../src/report/report.ts";
import {
  localShop,
  type Place,
  remoteShop,
  rowCounts,
  sessionOf,
  type Shop,
  contentsOf,
} from "./shop.ts";

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
beforeEach(() => {
  cloudflare.onRequest = null;
});
afterAll(() => cloudflare.close());

const FILES = { "hours.md": "Open from nine to five.\n", "menu.txt": "\uFEFFSoup" };
const makeShop: Readonly<Record<Place, () => Shop>> = {
  local: () => localShop(FILES),
  remote: () => remoteShop(cloudflare, FILES),
};

function done({ steps }: Report): string[] {
  return steps.filter(({ status }) => status === "done").map(({ name }) => name);
}

/** A verb that only reads rejects `yes`. */
function toRead({ options }: Shop): Omit<Shop["options"], "yes"> {
  const { yes: _yes, ...rest } = options;
  return rest;
}

async function begin({ options }: Shop): Promise<string> {
  return sessionOf(await onboardStart({ ...options, tenant: "acme", user: "ada" }));
}

/** All steps in their order. Each may be repeated. */
function stepsOf(
  { options }: Shop,
  session: string,
): readonly (readonly [name: string, take: () => Promise<Report>])[] {
  const of = { ...options, session };
  return [
    ["start", async () => onboardStart({ ...options, tenant: "acme", user: "ada" })],
    [
      "business",
      async () =>
        onboardBusiness({ ...of, company: "Acme", industry: "retail", phone: "06 39 98 01 02" }),
    ],
    ["agents", async () => onboardAgents(of)],
    [
      "assistant",
      async () => onboardAssistant({ ...of, name: "Nia", voice: "male", products: true }),
    ],
    ["knowledge", async () => onboardKnowledge({ ...of, documents: ["hours.md", "menu.txt"] })],
    ["complete", async () => onboardComplete(of)],
  ];
}

describe.each<Place>(["local", "remote"])("%s", (place) => {
  test("each step after start needs only the session's id and suggests the next step", async () => {
    const shop = makeShop[place]();
    const session = await begin(shop);
    const steps = stepsOf(shop, session);
    for (const [i, [name, take]] of steps.entries()) {
      const report = await take();
      expect(report).toMatchObject({ command: `onboard ${name}`, outcome: "changed", exitCode: 0 });
      expect(done(report)).toEqual(steps.slice(0, i + 1).map(([one]) => one));
      const [next] = steps[i + 1] ?? [];
      const command =
        next === undefined
          ? []
          : [expect.stringContaining(`onboard ${next} ${session} --${place}`)];
      expect(report.next).toEqual(command);
    }
    const status = await onboardStatus({ ...toRead(shop), session });
    expect(status).toMatchObject({
      outcome: "ok",
      summary: "acme: onboarded",
      data: {
        session,
        tenant: "acme",
        state: {
          status: "completed",
          company_name: "Acme",
          phone: "+33639980102",
          phone_mapped: 1,
          agent_name: "Nia",
          enable_products: 1,
          documents: 2,
        },
      },
    });
    expect(contentsOf(shop)).toMatchObject({
      documents: [
        { title: "hours.md", content: "Open from nine to five.\n" },
        { title: "menu.txt", content: "Soup" },
      ],
    });
  });

  test("a repeated step changes nothing more", async () => {
    const shop = makeShop[place]();
    const session = await begin(shop);
    for (const [, take] of stepsOf(shop, session).slice(0, 5)) {
      await take();
      const before = contentsOf(shop);
      await take();
      expect(contentsOf(shop)).toEqual(before);
    }
  });

  test("a rejected step suggests the command to run first, or instead", async () => {
    const shop = makeShop[place]();
    const session = await begin(shop);
    const of = { ...shop.options, session };
    await expect(onboardComplete(of)).rejects.toMatchObject({
      code: "ONBOARDING_OUT_OF_ORDER",
      details: { step: "complete", missing: ["business", "agents", "assistant", "knowledge"] },
      hint: `Nothing was changed. Run this step first:\nnpx d1ops onboard business ${session} --${place} --company NAME --industry SECTOR --phone NUMBER`,
    });
    for (const [, take] of stepsOf(shop, session)) await take();
    await expect(onboardAgents(of)).rejects.toMatchObject({
      code: "ONBOARDING_CONFLICT",
      details: { reason: "session-completed" },
      hint: `Nothing was changed. To start another one:\nnpx d1ops onboard start --${place} --tenant TENANT --user USER`,
    });
    await expect(
      onboardStatus({ ...toRead(shop), session, tenant: "other" }),
    ).rejects.toMatchObject({
      code: "ONBOARDING_NOT_FOUND",
      hint: `To start one and print its id:\nnpx d1ops onboard start --${place} --tenant TENANT --user USER`,
    });
  });

  test("a session of another tenant or user is not found", async () => {
    const shop = makeShop[place]();
    const session = await begin(shop);
    for (const tenant of ["other", "default"]) {
      await expect(
        onboardBusiness({
          ...shop.options,
          session,
          tenant,
          company: "Other",
          industry: "retail",
        }),
      ).rejects.toMatchObject({ code: expect.stringMatching(/NOT_FOUND|FORBIDDEN/) });
    }
    await expect(onboardAgents({ ...shop.options, session: "onb_none" })).rejects.toMatchObject({
      code: "ONBOARDING_NOT_FOUND",
    });
    expect(rowCounts(shop)).toMatchObject({ tenants: 1, agents: 0 });
  });

  test("a step suggests the commands that create the tables if they are missing", async () => {
    const shop = makeShop[place]();
    const db = shop.open();
    db.exec("DROP TABLE onboarding_sessions");
    db.close();
    const asked = [
      async () => onboardStart({ ...shop.options, tenant: "acme", user: "ada" }),
      async () => onboardStatus({ ...toRead(shop), session: "onb_1" }),
      async () => onboardAgents({ ...shop.options, session: "onb_1" }),
    ];
    for (const one of asked) {
      await expect(one()).rejects.toMatchObject({
        code: "ONBOARDING_NOT_READY",
        hint: `To copy the missing migrations into the project:\nnpx d1ops onboard init\nThen, to apply them:\nnpx d1ops migrate apply --${place}`,
      });
    }
    expect(rowCountsOf(shop, "tenants")).toBe(0);
  });
});

function rowCountsOf({ open }: Shop, table: string): unknown {
  const db = open();
  const row = db.prepare(`SELECT count(*) AS n FROM ${table}`).get();
  db.close();
  return row?.["n"];
}

describe("input that is rejected before any request", () => {
  const of = { session: "onb_1", tenant: "acme", user: "ada" };

  test.each<[string, (shop: Shop) => Promise<Report>, string]>([
    [
      "no place",
      async ({ dir }) => onboardStart({ cwd: dir, tenant: "acme", user: "ada" }),
      "PLACE_MISSING",
    ],
    [
      "a placeholder as tenant",
      async ({ options }) => onboardStart({ ...options, tenant: "default", user: "ada" }),
      "ONBOARDING_FORBIDDEN",
    ],
    [
      "an invalid number",
      async ({ options }) =>
        onboardBusiness({ ...options, ...of, company: "A", industry: "retail", phone: "12" }),
      "ONBOARDING_INVALID",
    ],
    [
      "an unknown voice",
      async ({ options }) => onboardAssistant({ ...options, ...of, name: "Nia", voice: "robot" }),
      "ONBOARDING_INVALID",
    ],
    [
      "a missing file",
      async ({ options }) => onboardKnowledge({ ...options, ...of, documents: ["nothing.md"] }),
      "INPUT_UNREADABLE",
    ],
    [
      "one title for two documents",
      async ({ options }) =>
        onboardKnowledge({ ...options, ...of, documents: ["hours.md", "menu.txt"], title: "A" }),
      "USAGE",
    ],
  ])("%s fails and writes nothing", async (_, take, code) => {
    const shop = localShop(FILES);
    await expect(take(shop)).rejects.toMatchObject({ code });
    expect(rowCounts(shop)).toMatchObject({ tenants: 0 });
  });

  test("a document that is not text fails and writes nothing", async () => {
    const shop = localShop();
    shop.write("image.png", new Uint8Array([0x89, 0x50, 0xff, 0xfe]));
    await expect(
      onboardKnowledge({ ...shop.options, ...of, documents: ["image.png"] }),
    ).rejects.toMatchObject({ code: "INPUT_UNREADABLE", details: { reason: "it is not UTF-8" } });
  });

  test("a dry run writes nothing to a local database and is rejected for a remote one", async () => {
    const shop = localShop();
    const dry = await onboardStart({ ...shop.options, tenant: "acme", user: "ada", dryRun: true });
    expect(dry).toMatchObject({ outcome: "ok", target: { id: "copy" }, next: [] });
    expect(rowCounts(shop)).toMatchObject({ tenants: 0, onboarding_sessions: 0 });
    const far = remoteShop(cloudflare);
    await expect(
      onboardStart({ ...far.options, tenant: "acme", user: "ada", dryRun: true }),
    ).rejects.toMatchObject({ code: "USAGE" });
  });

  test("a step writes to a remote database only after confirmation", async () => {
    const shop = remoteShop(cloudflare);
    await expect(
      onboardStart({ ...shop.options, yes: false, tenant: "acme", user: "ada" }),
    ).rejects.toMatchObject({ code: "NOT_CONFIRMED" });
    expect(rowCounts(shop)).toMatchObject({ tenants: 0 });
  });
});

test("every step succeeds on a network that loses each answer once", async () => {
  const quiet = remoteShop(cloudflare, FILES);
  for (const [, take] of stepsOf(quiet, await begin(quiet))) await take();
  const shop = remoteShop(cloudflare, FILES);
  const session = await begin(shop);
  for (const [, take] of stepsOf(shop, session)) {
    let before = cloudflare.log.length;
    cloudflare.onRequest = null;
    await take();
    const requests = cloudflare.log.length - before;
    for (let at = 1; at <= requests; at += 1) {
      before = cloudflare.log.length;
      cloudflare.onRequest = (_, n) => (n === before + at ? { kind: "cut", when: "after" } : null);
      expect((await take()).exitCode).toBe(0);
    }
  }
  expect(contentsOf(shop)).toEqual(contentsOf(quiet));
});
