import { once } from "node:events";
import { expect, test } from "vitest";
import {
  localShop,
  rowCounts,
  type Shop,
  someTenants,
  contentsOf,
} from "../commands/onboard/shop.ts";
import { d1ops, d1opsBuilt, reportOf, start } from "../project.ts";
import { until } from "../until.ts";

const TENANTS = 400;
const FILES = { "tenants.jsonl": someTenants(TENANTS) };
const RUN = ["onboard", "run", "tenants.jsonl", "--local"];

/** The state of a database in which every tenant was onboarded by one run. */
async function undisturbed(): Promise<unknown> {
  const shop = localShop(FILES);
  expect((await d1ops(shop, RUN)).code).toBe(0);
  return contentsOf(shop);
}

function count(shop: Shop): number {
  try {
    return rowCounts(shop)["tenants"] ?? 0;
  } catch (error) {
    if (String(error).includes("database is locked")) return 0;
    throw error;
  }
}

test("an onboard run that is killed many times ends in the state of an undisturbed run", async () => {
  const shop = localShop(FILES);
  for (const at of [1, 30, 31, 120, 250, 390]) {
    const child = start(shop, RUN);
    const closed = once(child, "close");
    await until(() => child.exitCode !== null || count(shop) >= at);
    child.kill("SIGKILL");
    const [code, signal] = await closed;
    // A run that ended before the signal succeeded.
    expect(signal ?? code).toSatisfy((end) => end === "SIGKILL" || end === 0);
    const { onboarding_sessions: sessions, omni_agent_configs: configs, ...rest } = rowCounts(shop);
    expect([sessions, configs, rest["users"], rest["knowledge_documents"]]).toEqual(
      Array(4).fill(rest["tenants"]),
    );
  }
  const last = reportOf(await d1ops(shop, [...RUN, "--json"]));
  expect(last.exitCode).toBe(0);
  expect(contentsOf(shop)).toEqual(await undisturbed());
});

test("an onboard run exits on Ctrl-C with 130 and a report of the onboarded tenants, and the next run continues", async () => {
  const interrupted = async (): Promise<Shop> => {
    const shop = localShop(FILES);
    const child = start(shop, [...RUN, "--format", "json=report.json"]);
    const closed = once(child, "close");
    await until(() => child.exitCode !== null || count(shop) >= 20);
    child.kill("SIGINT");
    const [code] = (await closed) as [number | null];
    // The run ended before this process saw twenty tenants: try again.
    if (code === 0) return interrupted();
    expect(code).toBe(130);
    return shop;
  };
  const shop = await interrupted();
  const done = count(shop);
  expect(done).toBeLessThan(TENANTS);
  const next = reportOf(await d1ops(shop, [...RUN, "--json"]));
  expect(next.summary).toBe(`${TENANTS - done} onboarded, ${done} already onboarded`);
  expect(contentsOf(shop)).toEqual(await undisturbed());
});

test("three concurrent onboard runs onboard each tenant once", async () => {
  const shop = localShop(FILES);
  const runs = await Promise.all([1, 2, 3].map(() => d1opsBuilt(shop, [...RUN, "--json"])));
  const counts = runs.map((run) => {
    expect(run.code, run.stderr).toBe(0);
    return (reportOf(run).data["counts"] as { onboarded: number }).onboarded;
  });
  expect(counts.reduce((sum, n) => sum + n, 0)).toBe(TENANTS);
  expect(contentsOf(shop)).toEqual(await undisturbed());
});
