import { describe, expect, test } from "vitest";
import { backfillFrom, defineBackfill } from "../../src/backfills/define.ts";

const FILE = { name: "0002_tidy", file: "backfills/0002_tidy.ts", text: "", checksum: "c" };
const decide = (): { outcome: "skipped" } => ({ outcome: "skipped" });

test("defineBackfill returns its argument unchanged", () => {
  const definition = { source: "users", key: "id", decide };
  expect(defineBackfill(definition)).toBe(definition);
  expect(backfillFrom(definition, FILE)).toMatchObject({
    kind: "rows",
    name: "0002_tidy",
    source: "users",
    key: ["id"],
    after: null,
    reconcile: null,
    prepare: null,
  });
});

test("a definition may have a trailing semicolon and a key of several columns", () => {
  const backfill = backfillFrom(
    {
      source: " SELECT a, b FROM t; ",
      key: ["a", "b"],
      reconcile: "SELECT 1 WHERE 0;",
      after: "0001_a.sql",
      decide,
    },
    FILE,
  );
  expect(backfill).toMatchObject({
    source: "SELECT a, b FROM t",
    key: ["a", "b"],
    reconcile: "SELECT 1 WHERE 0",
    after: "0001_a.sql",
  });
});

test.each<[name: string, exported: unknown, problem: string]>([
  ["nothing", null, "exports no backfill"],
  ["a text", "users", "exports no backfill"],
  [
    "an unknown key",
    { source: "t", key: "id", decide, recncile: "SELECT 1" },
    "`recncile` is not a key",
  ],
  ["no decide", { source: "t", key: "id" }, "`decide` must be a function"],
  [
    "an async decide",
    { source: "t", key: "id", decide: async () => ({ outcome: "skipped" }) },
    "`decide` returned a promise",
  ],
  [
    "a prepare that is not a function",
    { source: "t", key: "id", decide, prepare: 1 },
    "`prepare` must be a function",
  ],
  ["no source", { key: "id", decide }, "`source` is missing"],
  ["an empty source", { source: " ", key: "id", decide }, "`source` must be a text"],
  ["no key", { source: "t", decide }, "`key` must be the name of a column"],
  ["a number as key", { source: "t", key: 5, decide }, "`key` must be the name of a column"],
  ["no columns", { source: "t", key: [], decide }, "`key` must be the name of a column"],
  [
    "a column that is not a text",
    { source: "t", key: ["a", null], decide },
    "`key` must be the name of a column",
  ],
  ["an empty column", { source: "t", key: ["a", " "], decide }, "without a name"],
  ["five columns", { source: "t", key: ["a", "b", "c", "d", "e"], decide }, "at most 4 columns"],
  [
    "a reconciliation that is no text",
    { source: "t", key: "id", decide, reconcile: 3 },
    "`reconcile` must be a text",
  ],
])("rejects a definition: %s", (_, exported, problem) => {
  expect(() => backfillFrom(exported, FILE)).toThrow(problem);
  expect(() => backfillFrom(exported, FILE)).toThrow(
    expect.objectContaining({ code: "BACKFILL_INVALID" }),
  );
});

describe("the result of decide", () => {
  const answering = (answer: unknown): unknown =>
    backfillFrom({ source: "t", key: "id", decide: () => answer }, FILE).decide(
      { id: 1 },
      undefined,
    );

  test.each([
    [{ outcome: "already" }, { outcome: "already" }],
    [
      { outcome: "skipped", reason: "no-phone" },
      { outcome: "skipped", reason: "no-phone" },
    ],
    [{ outcome: "invalid" }, { outcome: "invalid", reason: "no reason given" }],
    [
      { outcome: "conflict", reason: "two" },
      { outcome: "conflict", reason: "two" },
    ],
    [
      { outcome: "invalid", reason: "long".repeat(1000) },
      { outcome: "invalid", reason: "long".repeat(500) },
    ],
    [
      { outcome: "changed", writes: ["DELETE FROM x", ["UPDATE t SET a = ?", 1]] },
      { outcome: "changed", writes: ["DELETE FROM x", ["UPDATE t SET a = ?", 1]] },
    ],
  ])("is accepted and completed: %j", (given, verdict) => {
    expect(answering(given)).toEqual(verdict);
  });

  test.each([
    undefined,
    null,
    "changed",
    {},
    { outcome: "done" },
    { outcome: "changed" },
    { outcome: "changed", writes: "x" },
    { outcome: "changed", writes: [5] },
    { outcome: "changed", writes: [[5]] },
  ])("is rejected with a TypeError: %j", (given) => {
    expect(() => answering(given)).toThrow(TypeError);
  });
});
