import { describe, expect, test } from "vitest";
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";
import { applyMigrations } from "../../src/migrations/apply.ts";
import type { Lease } from "../../src/lease/lease.ts";
import { closeRun, type FinalState } from "../../src/migrations/close.ts";
import { OpsError } from "../../src/report/error.ts";
import { migration } from "./make.ts";
import { database, databaseForEach, lease, LOST_ANSWER, request, TABLE } from "./run-fixture.ts";

databaseForEach();

const ONE = migration("0001_one.sql", "CREATE TABLE one(a);");

async function close(d1: D1Database, held: Lease | null, ending: string): Promise<FinalState> {
  return closeRun({ d1, table: TABLE, lease: held, ending, sleep: async () => {} });
}

async function recorded(): Promise<void> {
  await applyMigrations(await request([ONE]));
}

/** Calls `happens` before or after each batch, numbered from 1. What it throws replaces the answer. */
function meeting(
  happens: (n: number) => unknown,
  when: "before" | "after" = "after",
): { d1: D1Database; batches: () => number } {
  let n = 0;
  const d1 = {
    prepare: (query: string) => database.d1.prepare(query),
    exec: (query: string) => database.d1.exec(query),
    async batch<T>(statements: D1PreparedStatement[]) {
      n += 1;
      if (when === "before") happens(n);
      const answers = await database.d1.batch<T>(statements);
      if (when === "after") happens(n);
      return answers;
    },
  };
  return { d1, batches: () => n };
}

async function endings(): Promise<unknown[]> {
  const { results } = await database.d1.prepare("SELECT ending FROM d1ops_runs").all();
  return results.map((row) => row["ending"]);
}

const names = (rows: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
  rows.map(({ name }) => name).filter((name) => !String(name).startsWith("d1"));

describe("closeRun", () => {
  test("ends the lease and reads the ledger and the definitions in one request", async () => {
    await recorded();
    const held = await lease();
    const { d1, batches } = meeting(() => {});
    const { applied, definitions } = await close(d1, held, "done");
    expect(batches()).toBe(1);
    expect(await endings()).toEqual(["done"]);
    expect(applied).toMatchObject([{ name: ONE.name, record: { checksum: ONE.checksum } }]);
    expect(names(definitions)).toEqual(["one"]);
  });

  test("reads the ledger and the definitions without a lease", async () => {
    await recorded();
    const { applied, definitions } = await close(database.d1, null, "done");
    expect(applied).toMatchObject([{ name: ONE.name, record: { checksum: ONE.checksum } }]);
    expect(names(definitions)).toEqual(["one"]);
  });

  test.each(["failed", "interrupted"])(
    "ends the lease as %s if nothing was recorded yet and the ledgers are missing",
    async (ending) => {
      const held = await lease();
      await database.d1.exec("CREATE TABLE mine(a)");
      const { applied, definitions } = await close(database.d1, held, ending);
      expect(await endings()).toEqual([ending]);
      expect(applied).toEqual([]);
      expect(names(definitions)).toEqual(["mine"]);
    },
  );

  test("sends no empty request if there is neither a lease nor a ledger", async () => {
    const { d1, batches } = meeting(() => {});
    expect((await close(d1, null, "done")).applied).toEqual([]);
    // The two reads of the ledgers, both of which fail.
    expect(batches()).toBe(2);
  });
});

describe("after a lost answer, closeRun", () => {
  const losing = (times: number) => (n: number) => {
    if (n <= times) throw LOST_ANSWER;
  };

  test("sends the request up to four times more", async () => {
    await recorded();
    const { d1, batches } = meeting(losing(4));
    const { applied } = await close(d1, await lease(), "done");
    expect(batches()).toBe(5);
    expect(applied).toHaveLength(1);
    expect(await endings()).toEqual(["done"]);
  });

  test("throws the error after the fifth attempt", async () => {
    await recorded();
    const { d1, batches } = meeting(losing(9));
    await expect(close(d1, await lease(), "done")).rejects.toBe(LOST_ANSWER);
    expect(batches()).toBe(5);
  });

  test("sends the request again if the ledgers are missing", async () => {
    // The first batch, which also reads the ledgers, fails; then the one that only ends the lease.
    const { d1, batches } = meeting((n) => {
      if (n === 2) throw LOST_ANSWER;
    });
    expect((await close(d1, await lease(), "failed")).applied).toEqual([]);
    // The last request reads the ledgers that exist.
    expect(batches()).toBe(4);
    expect(await endings()).toEqual(["failed"]);
  });

  test("throws any other OpsError at once", async () => {
    await recorded();
    const refused = new OpsError(
      "API_UNREACHABLE",
      { url: "u", reason: "r" },
      { message: "No network.", hint: "Wait." },
    );
    const { d1, batches } = meeting(() => {
      throw refused;
    }, "before");
    await expect(close(d1, await lease(), "done")).rejects.toBe(refused);
    expect(batches()).toBe(1);
  });
});
