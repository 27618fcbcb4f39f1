import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Fault } from "../../fixtures/cloudflare/fake.ts";
import { ROOT } from "../project.ts";
import { fakeFixture, ID, rowsOf } from "./fake-fixture.ts";

/** What a client receives, and how many rows it left in the table. */
async function insertUnder(fault: Fault): Promise<unknown[]> {
  const { cloudflare, query } = await fakeFixture();
  await query("CREATE TABLE t(a)");
  cloudflare.order(fault);
  const outcome = await query("INSERT INTO t VALUES(1)").then(
    ({ status, body }) => `${status} ${body.errors[0]?.code ?? "success"}`,
    (error: unknown) => (error instanceof SyntaxError ? "no JSON" : "broken"),
  );
  const [rows] = rowsOf(await query("SELECT count(*) AS n FROM t"));
  const { executed, fault: named, status } = cloudflare.log[1] ?? {};
  return [outcome, (rows as { n: number }[])[0]?.n, executed, named, status];
}

const message = "m";

describe("ordered faults", () => {
  test.each<[Fault, string, number, string, number | null]>([
    [
      { kind: "status", status: 429, headers: { "Retry-After": "1" } },
      "429 971",
      0,
      "status 429 before",
      429,
    ],
    [
      { kind: "status", status: 503, when: "after", errors: [{ code: 7, message }] },
      "503 7",
      1,
      "status 503 after",
      503,
    ],
    [{ kind: "status", status: 500, body: "oops" }, "no JSON", 0, "status 500 before", 500],
    [{ kind: "html" }, "no JSON", 0, "html 502 before", 502],
    [{ kind: "html", status: 524, when: "after" }, "no JSON", 1, "html 524 after", 524],
    [{ kind: "internal error" }, "500 7500", 0, "internal error before", 500],
    [{ kind: "internal error", when: "after" }, "500 7500", 1, "internal error after", 500],
    [{ kind: "cut", when: "before" }, "broken", 0, "cut before", null],
    [{ kind: "cut", when: "after" }, "broken", 1, "cut after", null],
    [{ kind: "cut", when: "middle" }, "broken", 1, "cut middle", 200],
    [{ kind: "malformed" }, "no JSON", 1, "malformed after", 200],
    [{ kind: "malformed", when: "before" }, "no JSON", 0, "malformed before", 200],
    [{ kind: "refusal" }, "200 10013", 0, "refusal before", 200],
    [{ kind: "slow", ms: 5 }, "200 success", 1, "slow 5 ms before", 200],
    [{ kind: "slow", ms: 5, when: "after" }, "200 success", 1, "slow 5 ms after", 200],
  ])("have the documented effect and status: %j", async (fault, outcome, rows, named, status) => {
    expect(await insertUnder(fault)).toEqual([outcome, rows, rows === 1, named, status]);
  });

  test("affect only matching requests, as often as ordered", async () => {
    const { cloudflare, query, ask } = await fakeFixture();
    const kind = { kind: "status", status: 418 } as const;
    cloudflare.order({ ...kind, sql: /select 2/i, skip: 1, times: 2 });
    cloudflare.order({ ...kind, operation: "d1.list" });
    cloudflare.order({ ...kind, request: 8 });
    cloudflare.order({ ...kind, operation: /timeTravel/, times: Infinity });
    const statuses = [];
    for (const sql of ["SELECT 1", "SELECT 2", "SELECT 2", "SELECT 2", "SELECT 2"]) {
      statuses.push((await query(sql)).status);
    }
    for (let i = 0; i < 4; i++) statuses.push((await ask("GET", "/d1/database")).status);
    const bookmark = `/d1/database/${ID}/time_travel/bookmark`;
    for (let i = 0; i < 2; i++) statuses.push((await ask("GET", bookmark)).status);
    expect(statuses).toEqual([200, 200, 418, 418, 200, 418, 200, 418, 200, 418, 418]);
    cloudflare.forgetFaults();
    expect((await ask("GET", bookmark)).status).toBe(200);
  });

  test("may be chosen by onRequest when the request arrives", async () => {
    const { cloudflare, query } = await fakeFixture();
    cloudflare.onRequest = ({ sql }, n) =>
      n === 2 ? { kind: "refusal", errors: [{ code: n, message: sql?.join() ?? "" }] } : null;
    await query("SELECT 1");
    const { body } = await query("SELECT 2");
    expect(body.errors).toEqual([{ code: 2, message: "SELECT 2" }]);
  });
});

test("the fake logs operation, SQL and outcome of each request", async () => {
  const { cloudflare, d1, query } = await fakeFixture();
  await d1("POST", "/query", { batch: [{ sql: "SELECT 1" }, { sql: "SELECT 2; SELECT 3" }] });
  await query("SELEC");
  await d1("GET", "/time_travel/bookmark?");
  const path = `/accounts/${cloudflare.account}/d1/database/${ID}`;
  const common = { userAgent: "node", fault: null };
  expect(cloudflare.log).toMatchObject([
    {
      ...common,
      operation: "d1.query",
      method: "POST",
      path: `${path}/query`,
      status: 200,
      executed: true,
      sql: ["SELECT 1", "SELECT 2; SELECT 3"],
    },
    { ...common, operation: "d1.query", status: 400, executed: false, sql: ["SELEC"] },
    { ...common, operation: "d1.timeTravel.bookmark", method: "GET", executed: true },
  ]);
  expect(cloudflare.operations()).toEqual(["d1.query", "d1.query", "d1.timeTravel.bookmark"]);
});

test("the fake can run as a separate process and ends on SIGTERM", async () => {
  const main = join(ROOT, "fixtures/cloudflare/main.ts");
  const child = spawn(process.execPath, [main, "--database", `shop-db=${ID}`, "--latency", "1"]);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const told = JSON.parse(line.toString()) as Record<string, string>;
  expect(told).toMatchObject({ databases: [{ name: "shop-db", id: ID }] });
  const url = `${told["apiBaseUrl"]}/accounts/${told["account"]}/d1/database/${ID}`;
  await (await fetch(url, { headers: { authorization: `Bearer ${told["token"]}` } })).text();
  for (const place of ["/log", "//log"]) {
    const log = await (await fetch(told["origin"] + place)).json();
    expect(log).toMatchObject([{ operation: "d1.get", status: 200 }]);
  }
  child.kill("SIGTERM");
  expect(await once(child, "close")).toEqual([0, null]);
});
