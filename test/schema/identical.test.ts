import { describe, expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import { countIdentical, definitionsStatement } from "../../src/schema/identical.ts";

async function count(
  left: string,
  right: string,
  ignore: readonly string[] = [],
): Promise<number | null> {
  const [one, other] = [openMemory(), openMemory()];
  try {
    if (left !== "") await one.d1.prepare(left).run();
    if (right !== "") await other.d1.prepare(right).run();
    const [these, those] = [
      await definitionsStatement(one.d1).all(),
      await definitionsStatement(other.d1).all(),
    ];
    return countIdentical(these.results, those.results, ignore);
  } finally {
    one.close();
    other.close();
  }
}

const T =
  "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b UNIQUE); CREATE INDEX i ON t(b); CREATE VIEW v AS SELECT a FROM t;";

describe("countIdentical", () => {
  test.each([
    ["the number of objects for identical definitions", T, T, 3],
    ["0 for two empty databases", "", "", 0],
    [
      "the number of objects if only the order of creation differs",
      "CREATE TABLE a(x); CREATE TABLE b(x);",
      "CREATE TABLE b(x); CREATE TABLE a(x);",
      2,
    ],
    ["null for another column", "CREATE TABLE t(a)", "CREATE TABLE t(b)", null],
    [
      "null for another spelling, which needs the full comparison",
      "CREATE TABLE t(a)",
      "CREATE TABLE t( a )",
      null,
    ],
    ["null for one more index", T, `${T} CREATE INDEX j ON t(a);`, null],
    ["null for a missing table", T, "", null],
  ])("returns %s", async (_, left, right, expected) => {
    expect(await count(left, right)).toBe(expected);
  });

  test("ignores a ledger and its indexes", async () => {
    expect(
      await count(T, `${T} CREATE TABLE d1_migrations(id); CREATE INDEX k ON d1_migrations(id);`, [
        "d1_migrations",
      ]),
    ).toBe(3);
  });
});
