import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Cloudflare,
  startCloudflare,
  type Trouble,
} from "../../../fixtures/cloudflare/fake.ts";
import { onboardRun } from "../../../src/commands/onboard/run.ts";
import { OpsError } from "../../../src/report/error.ts";
import type { Report } from "../../../src/report/report.ts";
import { impatientClock } from "../../project/remote.ts";
import { remoteShop, someTenants, contentsOf } from "./shop.ts";

/** Every request of a run meets every fault. The final state equals that of an undisturbed run. */

const FAULTS: Readonly<Record<string, Trouble>> = {
  "the connection is cut before the request is carried out": { kind: "cut", when: "before" },
  "the connection is cut after the commit": { kind: "cut", when: "after" },
  "the connection is cut in the middle of the answer": { kind: "cut", when: "middle" },
  "429 with Retry-After": { kind: "status", status: 429, headers: { "Retry-After": "2" } },
  "500 before": { kind: "status", status: 500 },
  "500 after the commit": { kind: "status", status: 500, when: "after" },
  "504 of a gateway, after the commit": { kind: "html", status: 504, when: "after" },
  "D1's internal error, before": { kind: "internal error" },
  "D1's internal error, after the commit": { kind: "internal error", when: "after" },
  "an answer that is no JSON": { kind: "malformed" },
  "a time-out; carried out later": { kind: "slow", ms: 120, when: "before" },
  "a time-out after the commit": { kind: "slow", ms: 120, when: "after" },
};

const TENANTS = 3;
let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
afterAll(() => cloudflare.close());

type Shop = ReturnType<typeof remoteShop>;

function makeShop(): Shop {
  return remoteShop(cloudflare, { "tenants.jsonl": someTenants(TENANTS) });
}

const clock = impatientClock();

function run({ options }: Shop): Promise<Report> {
  return onboardRun({ ...options, clock, file: "tenants.jsonl", atOnce: 1 });
}

async function undisturbed(): Promise<{ stands: unknown; requests: number }> {
  const shop = makeShop();
  cloudflare.onRequest = null;
  const before = cloudflare.log.length;
  const report = await onboardRun({ ...shop.options, file: "tenants.jsonl", atOnce: 1 });
  expect(report, JSON.stringify(report.findings)).toMatchObject({ summary: "3 onboarded" });
  return { stands: contentsOf(shop), requests: cloudflare.log.length - before };
}

test.each(Object.keys(FAULTS))(
  "the next run completes the work after any request fails with %s",
  async (name) => {
    const trouble = FAULTS[name] ?? null;
    const { stands, requests } = await undisturbed();
    expect(requests).toBe(2 + TENANTS);
    const shop = makeShop();
    for (let at = 1; at <= requests; at += 1) {
      shop.renew();
      const before = cloudflare.log.length;
      cloudflare.onRequest = (_, n) => {
        if (n !== before + at) return null;
        if (trouble?.kind === "slow") clock.expire();
        return trouble;
      };
      const report = await run(shop);
      if (trouble?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, trouble.ms));
      expect(report, `request ${at}: ${JSON.stringify(report.findings)}`).toMatchObject({
        exitCode: 0,
        summary: "3 onboarded",
      });
      expect(contentsOf(shop), `request ${at}`).toEqual(stands);
      // After a lost answer, d1ops sends the tenant again.
      if (trouble?.kind !== "slow") {
        expect(cloudflare.log.length - before).toBeLessThanOrEqual(requests + 3);
      }
    }
  },
);

test("the next run completes the work after the network fails at any request and stays down", async () => {
  const { stands, requests } = await undisturbed();
  const shop = makeShop();
  for (const when of ["before", "after"] as const) {
    for (let at = 1; at <= requests; at += 1) {
      shop.renew();
      const before = cloudflare.log.length;
      cloudflare.onRequest = (_, n) => (n >= before + at ? { kind: "cut", when } : null);
      const broken = await run(shop).catch((error: unknown) => error);
      if (broken instanceof Error) expect(broken, `request ${at}`).toBeInstanceOf(OpsError);
      else expect(broken, `request ${at}`).toMatchObject({ exitCode: 4, outcome: "partial" });
      cloudflare.onRequest = null;
      expect(await run(shop), `request ${at}`).toMatchObject({ exitCode: 0 });
      expect(contentsOf(shop), `request ${at}`).toEqual(stands);
    }
  }
});
