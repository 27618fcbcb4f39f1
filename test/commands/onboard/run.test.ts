import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../../fixtures/cloudflare/fake.ts";
import { onboardRun, type OnboardRunOptions } from "../../../src/commands/onboard/run.ts";
import { OpsError } from "../../../src/report/error.ts";
import type { Report } from "../../../src/report/report.ts";
import { makeProject } from "../../project.ts";
import {
  jsonl,
  localShop,
  numberOf,
  type Place,
  remoteShop,
  rowCounts,
  type Shop,
  someTenants,
  tenantLine,
  contentsOf,
} from "./shop.ts";

test("a stream of numbers instead of texts or bytes is INPUT_UNREADABLE", async () => {
  const { options } = localShop();
  // A stream has parts of any type, so the compiler does not reject it.
  const input = Readable.from([1, 2, 3]);
  const wrong = onboardRun({ ...options, file: "-", input, inputFormat: "jsonl" });
  await expect(wrong).rejects.toMatchObject({
    code: "INPUT_UNREADABLE",
    message: "stdin cannot be read: a part of it is a number, instead of a text or bytes.",
  });
});

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
beforeEach(() => {
  cloudflare.onRequest = null;
});
afterAll(() => cloudflare.close());

const makeShop: Readonly<Record<Place, () => Shop>> = {
  local: () => localShop(),
  remote: () => remoteShop(cloudflare),
};

function run(shop: Shop, text: string, over: Partial<OnboardRunOptions> = {}): Promise<Report> {
  shop.write("tenants.jsonl", text);
  return onboardRun({ ...shop.options, file: "tenants.jsonl", ...over });
}

/** `tenant-1 onboarded`, one per tenant. */
function states({ data }: Report): string[] {
  const tenants = data["tenants"] as { tenant: string; state: string; code: string | null }[];
  return tenants.map(({ tenant, state, code }) =>
    code === null ? `${tenant} ${state}` : `${tenant} ${state} ${code}`,
  );
}

const [one, two, three] = [1, 2, 3].map((n) => JSON.stringify(tenantLine(n)));
/** Two tenants with the same number, for two files. */
const OWNER = JSON.stringify(tenantLine(50));
const TAKEN = tenantLine(9, {
  business: { company_name: "Late", industry: "retail", phone: numberOf(50) },
});

describe.each<Place>(["local", "remote"])("%s", (place) => {
  test("onboards each tenant, and reports each as already onboarded in a second run", async () => {
    const shop = makeShop[place]();
    const first = await run(shop, someTenants(3));
    expect(first).toMatchObject({
      command: "onboard run",
      outcome: "changed",
      exitCode: 0,
      summary: "3 onboarded",
      findings: [],
      data: { counts: { tenants: 3, onboarded: 3, already: 0, failed: 0 } },
    });
    expect(first.data["tenants"]).toEqual(
      [1, 2, 3].map((n) => ({
        line: n,
        tenant: `tenant-${n}`,
        state: "onboarded",
        code: null,
        error: null,
      })),
    );
    const stands = contentsOf(shop);
    expect(stands).toMatchObject({
      tenants: [{ id: "tenant-1", phone: "+33639980001", onboarding_completed: 1 }, {}, {}],
      sessions: [{ tenant_id: "tenant-1", status: "completed", current_step: 6 }, {}, {}],
      mappings: [{ phone_number: "+33639980001", tenant_id: "tenant-1", is_active: 1 }, {}, {}],
      documents: [{ title: "Hours" }, {}, {}],
      broken: [],
    });
    const second = await run(shop, someTenants(3));
    expect(second).toMatchObject({
      outcome: "ok",
      exitCode: 0,
      summary: "3 already onboarded",
      next: [],
    });
    expect(states(second)).toEqual(["tenant-1 already", "tenant-2 already", "tenant-3 already"]);
    expect(contentsOf(shop)).toEqual(stands);
  });

  test("continues where another run has ended", async () => {
    const shop = makeShop[place]();
    await run(shop, someTenants(2));
    const report = await run(shop, someTenants(3));
    expect(report).toMatchObject({
      outcome: "changed",
      summary: "1 onboarded, 2 already onboarded",
    });
    expect(rowCounts(shop)).toMatchObject({ tenants: 3, onboarding_sessions: 3 });
  });

  test("writes no row of a failed tenant, onboards the others, and exits with 4", async () => {
    const shop = makeShop[place]();
    await run(shop, `${OWNER}\n`);
    const report = await run(shop, `${two}\n${JSON.stringify(TAKEN)}\n${three}\n`);
    expect(report).toMatchObject({ outcome: "partial", exitCode: 4 });
    expect(states(report)).toEqual([
      "tenant-2 onboarded",
      "tenant-9 failed ONBOARDING_CONFLICT",
      "tenant-3 onboarded",
    ]);
    expect(report.findings).toEqual([
      expect.objectContaining({
        rule: "tenant-failed",
        level: "error",
        file: "tenants.jsonl",
        line: 2,
        message: "tenant-9: The phone number belongs to another tenant.",
        help: expect.stringMatching(/^Correct line 2 first\. Pass another number/),
        data: { tenant: "tenant-9", code: "ONBOARDING_CONFLICT", reason: "number-taken" },
      }),
    ]);
    expect(JSON.stringify(contentsOf(shop))).not.toContain("tenant-9");
    expect(report.next[0]).toContain(`onboard run tenants.jsonl --${place}`);
  });

  test("rounds the duration of each tenant to tenths of a millisecond", async () => {
    const { steps } = await run(makeShop[place](), `${one}\n`);
    expect(String(steps[0]?.durationMs)).toMatch(/^\d+(\.\d)?$/);
  });

  test("exits with 3 if nothing was changed", async () => {
    const shop = makeShop[place]();
    await run(shop, `${OWNER}\n${one}\n`);
    const before = contentsOf(shop);
    const report = await run(shop, `${one}\n${JSON.stringify(TAKEN)}\n`);
    expect(report).toMatchObject({
      outcome: "failed",
      exitCode: 3,
      summary: "1 already onboarded, 1 failed",
    });
    expect(contentsOf(shop)).toEqual(before);
  });

  test("reports a tenant as failed if its key was used with other data, or if another tenant has its address or user", async () => {
    const shop = makeShop[place]();
    await run(shop, someTenants(3));
    const report = await run(
      shop,
      jsonl([
        tenantLine(1, { assistant: { agent_name: "Max", voice: "male" } }),
        tenantLine(12, { start: { email: "owner2@example.com" } }),
        tenantLine(13, { user: "user-3" }),
      ]),
    );
    expect(report.findings.map(({ data }) => data?.["reason"])).toEqual([
      "key-reused",
      "email-taken",
      "user-of-another-tenant",
    ]);
  });

  test("reports all problems of an invalid file with exit 2, and sends no request", async () => {
    const shop = makeShop[place]();
    const before = cloudflare.log.length;
    const report = await run(
      shop,
      `${one}\n{\n${one}\n${JSON.stringify({ ...TAKEN, user: "", colour: 1 })}\n`,
    );
    expect(report).toMatchObject({
      outcome: "problems",
      exitCode: 2,
      summary: "3 invalid lines in tenants.jsonl; no tenant was onboarded. Correct them first",
      next: [`npx d1ops onboard run tenants.jsonl --${place}`],
    });
    expect((await run(shop, "{\n", { dryRun: true, country: "BE" })).next).toEqual([
      `npx d1ops onboard run tenants.jsonl --${place} --country BE --dry-run`,
    ]);
    expect(report.findings.map(({ rule, file, line }) => [rule, file, line])).toEqual([
      ["invalid-tenant", "tenants.jsonl", 2],
      ["invalid-tenant", "tenants.jsonl", 3],
      ["invalid-tenant", "tenants.jsonl", 4],
      ["invalid-tenant", "tenants.jsonl", 4],
    ]);
    expect(states(report)).toEqual([
      "tenant-1 not-run",
      "null failed ONBOARDING_INVALID",
      "tenant-1 failed ONBOARDING_INVALID",
      "tenant-9 failed ONBOARDING_INVALID",
    ]);
    expect(cloudflare.log).toHaveLength(before);
    expect(rowCounts(shop)).toMatchObject({ tenants: 0, users: 0 });
  });

  test("reports the same outcomes in a dry run and writes nothing", async () => {
    const shop = makeShop[place]();
    await run(shop, `${OWNER}\n${one}\n`);
    const before = contentsOf(shop);
    const lines = `${one}\n${two}\n${JSON.stringify(TAKEN)}\n`;
    const dry = await run(shop, lines, { dryRun: true });
    expect(states(dry)).toEqual([
      "tenant-1 already",
      "tenant-2 planned",
      "tenant-9 failed ONBOARDING_CONFLICT",
    ]);
    expect(dry).toMatchObject({
      outcome: "problems",
      exitCode: 1,
      summary: "1 would be onboarded, 1 already onboarded, 1 would fail",
    });
    expect(contentsOf(shop)).toEqual(before);
    const good = await run(shop, `${two}\n`, { dryRun: true });
    expect(good).toMatchObject({ outcome: "ok", exitCode: 0, summary: "1 would be onboarded" });
    expect(good.next[0]).toContain("onboard run tenants.jsonl");
    expect(good.checks.map(({ outcome }) => outcome)).toEqual(
      place === "remote" ? ["not-checked"] : [],
    );
  });

  test("stops after more failures than --max-failures, and the next run continues", async () => {
    const shop = makeShop[place]();
    await run(shop, `${OWNER}\n`);
    const bad = JSON.stringify(tenantLine(20, { start: { email: "owner50@example.com" } }));
    const lines = `${JSON.stringify(TAKEN)}\n${bad}\n${two}\n${three}\n`;
    const report = await run(shop, lines, { maxFailures: 1, atOnce: 1 });
    expect(states(report)).toEqual([
      "tenant-9 failed ONBOARDING_CONFLICT",
      "tenant-20 failed ONBOARDING_CONFLICT",
      "tenant-2 not-run",
      "tenant-3 not-run",
    ]);
    expect(report.findings.map(({ rule }) => rule)).toContain("limit-reached");
    const rest = await run(shop, `${two}\n${three}\n`, { maxFailures: 0 });
    expect(rest).toMatchObject({ outcome: "changed", summary: "2 onboarded" });
  });

  test("finishes the started tenants and exits with 130 if it is interrupted, and the next run continues", async () => {
    const shop = makeShop[place]();
    const stop = new AbortController();
    const report = await run(shop, someTenants(30), {
      signal: stop.signal,
      atOnce: 2,
      onProgress: () => stop.abort("SIGINT"),
      clock: { now: tick(), sleep: async () => {}, random: () => 0.5 },
    });
    const done = states(report).filter((state) => state.endsWith(" onboarded")).length;
    expect(report).toMatchObject({ outcome: "partial", exitCode: 130 });
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(30);
    expect(rowCounts(shop)["tenants"]).toBe(done);
    expect(report.findings.map(({ rule }) => rule)).toEqual(["interrupted"]);
    expect((await run(shop, someTenants(30))).summary).toBe(
      `${30 - done} onboarded, ${done} already onboarded`,
    );
  });

  test("onboards each tenant once in two concurrent runs of one file", async () => {
    const shop = makeShop[place]();
    const alone = makeShop[place]();
    await run(alone, someTenants(20));
    const reports = await Promise.all([1, 2].map(() => run(shop, someTenants(20))));
    for (const report of reports) expect(report.exitCode).toBe(0);
    const onboarded = reports.flatMap(states).filter((state) => state.endsWith(" onboarded"));
    expect(onboarded).toHaveLength(20);
    expect(contentsOf(shop)).toEqual(contentsOf(alone));
  });

  test("suggests the commands that create the tables if they are missing", async () => {
    const shop = makeShop[place]();
    const db = shop.open();
    db.exec(
      "DROP INDEX ux_onboarding_sessions_key; ALTER TABLE onboarding_sessions DROP COLUMN idempotency_key",
    );
    db.close();
    await expect(run(shop, someTenants(1))).rejects.toMatchObject({
      code: "ONBOARDING_NOT_READY",
      hint: `To copy the missing migrations into the project:\nnpx d1ops onboard init\nThen, to apply them:\nnpx d1ops migrate apply --${place}`,
    });
    expect(rowCounts(shop)["tenants"]).toBe(0);
  });

  test("reports D1's message for a tenant that a trigger rejects, and onboards the others", async () => {
    const shop = makeShop[place]();
    const db = shop.open();
    db.exec(
      "CREATE TRIGGER no BEFORE INSERT ON agents WHEN new.tenant_id = 'tenant-2' BEGIN SELECT raise(ABORT, 'not him'); END",
    );
    db.close();
    const report = await run(shop, someTenants(3));
    expect(states(report)[1]).toBe("tenant-2 failed SQL_FAILED");
    expect(report.findings[0]?.message).toContain("D1 rejected the batch: not him");
    expect(report.exitCode).toBe(4);
  });
});

/** A clock so slow that every tenant is reported as progress. */
function tick(): () => number {
  let now = 0;
  return () => (now += 1000);
}

describe("onboard run over a network", () => {
  test("sends one request per open tenant, one per hundred finished tenants, and one to check the tables", async () => {
    const shop = remoteShop(cloudflare);
    const before = cloudflare.log.length;
    await run(shop, someTenants(150));
    expect(cloudflare.log.length - before).toBe(1 + 2 + 150);
    const again = cloudflare.log.length;
    await run(shop, someTenants(150));
    expect(cloudflare.log.length - again).toBe(1 + 2);
  });

  test("requires no confirmation if no tenant is open, and else writes nothing without it", async () => {
    const shop = remoteShop(cloudflare);
    const refused = await run(shop, someTenants(2), { yes: false }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: "NOT_CONFIRMED" });
    expect(rowCounts(shop)["tenants"]).toBe(0);
    const questions: string[] = [];
    const ask = async ({ text }: { text: string }): Promise<"yes"> => {
      questions.push(text);
      return "yes";
    };
    expect((await run(shop, someTenants(2), { yes: false, ask })).exitCode).toBe(0);
    expect(questions[0]).toContain("onboard 2 tenants");
    expect(questions[0]).toContain("+ tenant-1");
    expect((await run(shop, someTenants(2), { yes: false })).summary).toBe("2 already onboarded");
  });

  test("ends with exit 4 and reports the tenants onboarded so far if the credentials are revoked", async () => {
    const shop = remoteShop(cloudflare);
    const before = cloudflare.log.length;
    cloudflare.onRequest = (_, n) => (n > before + 4 ? { kind: "status", status: 403 } : null);
    const report = await run(shop, someTenants(5), { atOnce: 1 });
    expect(report).toMatchObject({ outcome: "partial", exitCode: 4 });
    expect(states(report)).toEqual([
      "tenant-1 onboarded",
      "tenant-2 onboarded",
      expect.stringMatching(/^tenant-3 failed (?:CREDENTIALS|API)_REFUSED$/),
      "tenant-4 not-run",
      "tenant-5 not-run",
    ]);
    expect(report.findings.at(-1)?.rule).toMatch(/_REFUSED$/);
    const at = cloudflare.log.length;
    cloudflare.onRequest = (_, n) => (n > at + 2 ? { kind: "status", status: 403 } : null);
    const first = await run(shop, someTenants(5), { atOnce: 1 }).catch((error: unknown) => error);
    expect(first, "where nothing was changed it is an error").toBeInstanceOf(OpsError);
  });
});

describe("the input of onboard run", () => {
  test("is read in the format that its file ending or --input-format names", async () => {
    const shop = localShop();
    shop.write("tenants.txt", someTenants(1));
    await expect(onboardRun({ ...shop.options, file: "tenants.txt" })).rejects.toMatchObject({
      code: "USAGE",
      details: { argument: "--input-format" },
    });
    const report = await onboardRun({
      ...shop.options,
      file: "tenants.txt",
      inputFormat: "jsonl",
    });
    expect(report.summary).toBe("1 onboarded");
  });

  test("can be a stream", async () => {
    const shop = localShop();
    const input = (async function* () {
      yield someTenants(1).slice(0, 20);
      yield Buffer.from(someTenants(1).slice(20));
    })();
    const report = await onboardRun({ ...shop.options, file: "-", input, inputFormat: "jsonl" });
    expect(states(report)).toEqual(["tenant-1 onboarded"]);
  });

  test("may be empty, and the run then has nothing to do", async () => {
    const report = await run(localShop(), "\n");
    expect(report).toMatchObject({ outcome: "ok", exitCode: 0, summary: "No tenants" });
  });

  test.each([
    ["an unknown country", { country: "XX" }],
    ["an invalid reserved number", { reserved: ["12"] }],
  ])("is rejected as a usage error with %s", async (_, over) => {
    await expect(run(localShop(), someTenants(1), over)).rejects.toMatchObject({ code: "USAGE" });
  });

  test("is checked against the configured country and reserved numbers", async () => {
    const shop = localShop();
    const belgian = tenantLine(1, {
      business: { company_name: "Maison", industry: "retail", phone: "0470 12 34 56" },
    });
    const reserved = await run(shop, jsonl([belgian]), {
      country: "be",
      reserved: ["0470/12.34.56"],
    });
    expect(reserved.findings[0]?.data).toMatchObject({ code: "number-reserved" });
    await run(shop, jsonl([belgian]), { country: "BE" });
    expect(contentsOf(shop)).toMatchObject({ tenants: [{ phone: "+32470123456" }] });
  });

  test("is not sent to a missing database, which d1ops does not create", async () => {
    const project = makeProject({ "tenants.jsonl": someTenants(1) });
    await expect(
      onboardRun({ cwd: project.dir, place: "local", file: "tenants.jsonl" }),
    ).rejects.toMatchObject({ code: "ONBOARDING_NOT_READY" });
    expect(() => project.open()).toThrow();
  });
});
