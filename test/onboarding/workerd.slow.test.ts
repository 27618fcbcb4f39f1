import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getPlatformProxy } from "wrangler";
import { migrations } from "../../fixtures/legacy/load.ts";
import type { D1Database } from "../../src/database/port.ts";
import { split } from "../../src/sql/split.ts";
import { acme, whole } from "./operations.ts";
import { expectedOf, play, scenarios } from "./contract.ts";
import { clockAt, portsOver } from "./databases.ts";
import { brokenIn } from "./invariants.ts";
import { clientOf, libraryOver } from "./library.ts";
import { outcomeOf } from "./outcome.ts";
import { dumpOf } from "./dump.ts";

process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false"; // No call to the network.

/** All scenarios in one database, through the binding of a real workerd. */

const folder = mkdtempSync(join(tmpdir(), "onboarding-"));
let d1: D1Database;
let dispose: () => Promise<void>;

beforeAll(async () => {
  const configPath = join(folder, "wrangler.json");
  const database = { binding: "DB", database_name: "onboarding", database_id: "onboarding" };
  const config = { name: "onboarding", compatibility_date: "2026-10-01", d1_databases: [database] };
  writeFileSync(configPath, JSON.stringify(config));
  const proxy = await getPlatformProxy<{ DB: D1Database }>({
    configPath,
    persist: { path: join(folder, "state") },
    envFiles: [],
  });
  ({ dispose } = proxy);
  d1 = proxy.env.DB;
  for (const { sql } of migrations()) {
    await d1.batch(split(sql).map(({ text }) => d1.prepare(text)));
  }
});

afterAll(async () => {
  await dispose();
  rmSync(folder, { recursive: true });
});

describe("through the binding of workerd", () => {
  test.each(scenarios.map((scenario, i) => [scenario.name, scenario, i] as const))(
    "%s",
    async (_, scenario, index) => {
      const prefix = `w${index}`;
      const client = clientOf(libraryOver(portsOver(d1, clockAt(), index + 10)));
      expect(await play(client, scenario, prefix, index)).toEqual(
        expectedOf(scenario, prefix, index),
      );
    },
  );

  test("five concurrent calls onboard a whole tenant once, and other data is a conflict", async () => {
    const came = await Promise.all(
      [1, 2, 3, 4, 5].map((i) => whole(portsOver(d1, clockAt(), i), {})),
    );
    expect(came.toSorted()).toEqual(["already", "already", "already", "already", "onboarded"]);
    const before = await dumpOf(d1);
    expect(await whole(portsOver(d1, clockAt(), 6), {})).toBe("already");
    expect(
      await outcomeOf(whole(portsOver(d1, clockAt(), 7), { assistant: { agent_name: "Malo" } })),
    ).toBe("conflict key-reused");
    expect(await dumpOf(d1)).toEqual(before);
  });

  test("ten concurrent starts create one session", async () => {
    const came = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        libraryOver(portsOver(d1, clockAt(), i)).start(
          { ...acme, tenant: "at_once", user: "al" },
          {},
        ),
      ),
    );
    expect(new Set(came.map(({ session }) => session)).size).toBe(1);
  });

  test("the database breaks no invariant", async () => {
    expect(await brokenIn(d1, "2026")).toEqual([]);
  });
});
