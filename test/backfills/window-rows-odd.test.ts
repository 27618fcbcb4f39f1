/** Programs that return no decision, or change the row that they receive. */
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { backfillFrom } from "../../src/backfills/define.ts";
import type { D1Database } from "../../src/database/port.ts";
import { OpsError } from "../../src/report/error.ts";
import { memory, progress, quarantine, run } from "./engine.ts";

const NAME = "0001_rows";

async function ten(): Promise<D1Database> {
  return memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 10) INSERT INTO t SELECT i, x'0AFF' FROM k`);
}

/** A backfill without types, as a module in JavaScript exports it. */
function program(definition: unknown): ReturnType<typeof backfillFrom> {
  return backfillFrom(definition, {
    name: NAME,
    file: "backfills/0001_rows.mjs",
    text: "",
    checksum: NAME,
  });
}

function fails(what: unknown): () => never {
  return () => {
    throw what;
  };
}

const circular: Record<string, unknown> = {};
circular["self"] = circular;

describe("decide", () => {
  test.each<[string, () => unknown, string]>([
    ["throws an error", fails(new Error("no")), "no"],
    [
      "throws an object whose toString throws",
      fails({ toString: fails(new Error("again")) }),
      "something that cannot be shown",
    ],
    [
      "throws an error whose message throws",
      fails(Object.defineProperty(new Error("x"), "message", { get: fails(1) })),
      "something that cannot be shown",
    ],
    [
      "throws an object without a prototype",
      fails(Object.create(null)),
      "something that cannot be shown",
    ],
    ["throws undefined", fails(undefined), "undefined"],
    ["throws a symbol", fails(Symbol("s")), "Symbol(s)"],
    ["throws a text without end", fails("x".repeat(100_000)), "x".repeat(2000)],
    ["returns nothing", () => {}, "returned undefined"],
    ["returns a BigInt", () => 7n, 'returned "7n"'],
    [
      "returns an object with a toJSON that throws",
      () => ({ toJSON: fails(new Error("no JSON")) }),
      "returned [object Object]",
    ],
    ["returns a circular object", () => circular, "returned [object Object]"],
    [
      "returns a getter that throws",
      () => Object.defineProperty({}, "outcome", { get: fails(new Error("got")) }),
      "got",
    ],
    [
      "returns writes that throw",
      () => ({
        outcome: "changed",
        writes: Object.defineProperty([1], "0", { get: fails(new Error("got")) }),
      }),
      "got",
    ],
  ])("makes the row invalid with a readable reason if it %s", async (_, act, reason) => {
    const d1 = await ten();
    const decide = ({ id }: { id: number }): unknown => (id === 5 ? act() : { outcome: "already" });
    expect((await run(d1, program({ source: "t", key: "id", decide }))).ending).toEqual({
      kind: "scanned",
    });
    const kept = await quarantine(d1);
    expect(kept).toMatchObject([
      { key: "5", outcome: "invalid", reason: expect.stringContaining(reason) },
    ]);
    expect(String(kept[0]?.["reason"]).length).toBeLessThanOrEqual(2000);
  });
});

describe("the quarantine", () => {
  type Loose = Record<string, unknown>;
  test.each<[string, (row: Loose) => void]>([
    ["makes it circular", (row) => (row["row"] = row)],
    ["gives it a toJSON that throws", (row) => (row["toJSON"] = fails(new Error("no")))],
    ["empties it", (row) => Object.keys(row).forEach((key) => delete row[key])],
    ["changes a blob", (row) => Array.isArray(row["b"]) && row["b"].splice(0)],
  ])("stores a row as it was read if the program %s", async (_, act) => {
    const d1 = await ten();
    const decide = (row: Loose): unknown => {
      act(row);
      return { outcome: "invalid", reason: "odd" };
    };
    await run(d1, program({ source: "t", key: "id", decide }));
    const kept = await quarantine(d1);
    expect(kept).toHaveLength(10);
    expect(kept.find(({ key }) => key === "5")).toMatchObject({ original: '{"id":5,"b":"0AFF"}' });
  });
});

describe("an error of the program for every row", () => {
  test.each<[string, () => unknown]>([
    ["a promise", async () => ({ outcome: "already" })],
    ["a promise that is rejected", async () => fails(new Error("lost"))()],
    ["a promise of another realm", () => runInNewContext("Promise.resolve({})")],
    [
      "a query that would begin with its `then`",
      () => Object.fromEntries(["then"].map((name) => [name, fails(1)])),
    ],
  ])("ends the run and releases its state: decide returns %s", async (_, make) => {
    const d1 = await ten();
    const { ending } = await run(d1, program({ source: "t", key: "id", decide: () => make() }));
    expect(ending).toMatchObject({ kind: "error", error: { code: "BACKFILL_INVALID" } });
    expect(ending).toMatchObject({
      error: { message: expect.stringContaining("`decide` returned a promise") },
    });
    expect((await progress(d1, NAME)).state).toBe("paused");
  });

  test("is BACKFILL_INVALID if a getter of the definition throws", () => {
    const thrown = ((): unknown => {
      try {
        return program(
          Object.defineProperty({}, "source", { enumerable: true, get: fails(new Error("got")) }),
        );
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(OpsError);
    expect(thrown).toMatchObject({
      code: "BACKFILL_INVALID",
      message: expect.stringContaining("got"),
    });
  });
});
