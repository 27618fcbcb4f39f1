import { describe, expect, test } from "vitest";
import {
  priorOutcomes,
  forEachConcurrently,
  type RunContext,
  sendTenant,
  type TenantOutcome,
} from "../../../src/onboarding/file/send-tenants.ts";
import { portsOver } from "../../../src/commands/onboard/options.ts";
import { digestOfSync, type Tenant } from "../../../src/onboarding/file/read-tenants.ts";
import { openMemory } from "../../../src/database/memory.ts";
import type { D1Database } from "../../../src/database/port.ts";
import { wholeInput } from "../../../src/onboarding/whole-tenant.ts";
import { OpsError } from "../../../src/report/error.ts";
import { migrateD1, tenantLine } from "../../commands/onboard/shop.ts";

function tenant(n: number): Tenant {
  const input = wholeInput({}).parse(tenantLine(n));
  return { line: n, input, digest: digestOfSync(input) };
}

function contextOver(d1: D1Database, over: Partial<RunContext> = {}): RunContext {
  return {
    ports: portsOver(d1),
    concurrency: 1,
    now: () => 0,
    sleep: async () => {},
    breathe: async () => {},
    stopping: () => false,
    ...over,
  };
}

async function migrated(): Promise<D1Database> {
  const { d1 } = openMemory();
  await migrateD1(d1);
  return d1;
}

describe("forEachConcurrently", () => {
  test.each([1, 2, 6])(
    "runs at most %d at a time, each once, in their order",
    async (concurrency) => {
      const begun: number[] = [];
      let running = 0;
      let most = 0;
      await forEachConcurrently(
        [...Array(20).keys()],
        contextOver(openMemory().d1, { concurrency }),
        async (n) => {
          begun.push(n);
          running += 1;
          most = Math.max(most, running);
          await new Promise((resume) => setImmediate(resume));
          running -= 1;
        },
      );
      expect(begun).toEqual([...Array(20).keys()]);
      expect(most).toBe(concurrency);
    },
  );

  test("starts no tenant after stopping returns true", async () => {
    const begun: number[] = [];
    const stopping = (): boolean => begun.length >= 3;
    await forEachConcurrently(
      [1, 2, 3, 4, 5],
      contextOver(openMemory().d1, { stopping }),
      async (n) => {
        begun.push(n);
      },
    );
    expect(begun).toEqual([1, 2, 3]);
  });
});

describe("priorOutcomes", () => {
  test("sends one query per hundred tenants", async () => {
    const d1 = await migrated();
    const all = Array.from({ length: 250 }, (_, n) => tenant(n));
    for (const n of [0, 99, 100, 249]) {
      const [one] = all.slice(n, n + 1);
      if (one !== undefined)
        expect((await sendTenant(one, contextOver(d1))).state).toBe("onboarded");
    }
    let questions = 0;
    const counting: D1Database = {
      batch: (statements) => d1.batch(statements),
      exec: (query) => d1.exec(query),
      prepare(query) {
        questions += 1;
        return d1.prepare(query);
      },
    };
    const outcomes = await priorOutcomes(all, contextOver(counting));
    expect(questions).toBe(3);
    const already = outcomes.flatMap(({ state }, n) => (state === "already" ? [n] : []));
    expect(already).toEqual([0, 99, 100, 249]);
  });
});

describe("a lost answer", () => {
  const lost = (): OpsError =>
    new OpsError("OUTCOME_UNKNOWN", { status: null, reason: "cut" }, { message: "cut", hint: "" });

  /** Loses the answers of the first `times` batches, and runs these batches or not. */
  function losing(d1: D1Database, times: number, carriedOut: boolean): D1Database {
    let left = times;
    return {
      prepare: (query) => d1.prepare(query),
      exec: (query) => d1.exec(query),
      async batch(statements) {
        left -= 1;
        if (left < 0) return d1.batch(statements);
        if (carriedOut) await d1.batch(statements).catch(() => {});
        throw lost();
      },
    };
  }

  test.each([
    [1, true],
    [1, false],
    [4, true],
    [4, false],
  ])(
    "makes d1ops send the request again and onboard the tenant if it is lost %d times (carried out: %s)",
    async (times, carriedOut) => {
      const d1 = await migrated();
      const outcome: TenantOutcome = await sendTenant(
        tenant(1),
        contextOver(losing(d1, times, carriedOut)),
      );
      expect(outcome).toMatchObject({ state: "onboarded", error: null });
      const count = await d1.prepare("SELECT count(*) AS n FROM onboarding_sessions").first("n");
      expect(count).toBe(1);
    },
  );

  test("makes the run throw OUTCOME_UNKNOWN if it is lost five times", async () => {
    const d1 = losing(await migrated(), 5, false);
    await expect(sendTenant(tenant(1), contextOver(d1))).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
  });

  const interrupted = (): OpsError =>
    new OpsError("INTERRUPTED", { signal: "SIGINT" }, { message: "", hint: "" });

  test("makes the run throw OUTCOME_UNKNOWN if the wait before the next attempt is interrupted", async () => {
    const d1 = losing(await migrated(), 5, true);
    const sleep = async (): Promise<never> => {
      throw interrupted();
    };
    await expect(sendTenant(tenant(1), contextOver(d1, { sleep }))).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
  });

  test("makes the run throw OUTCOME_UNKNOWN if the retries are interrupted", async () => {
    const d1 = losing(await migrated(), 5, true);
    let sent = 0;
    const impatient: D1Database = {
      ...d1,
      async batch(statements) {
        sent += 1;
        if (sent === 1) return d1.batch(statements);
        throw interrupted();
      },
    };
    await expect(sendTenant(tenant(1), contextOver(impatient))).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
  });
});
