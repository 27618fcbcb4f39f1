import { describe, expect, onTestFinished, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import { replay } from "../../src/schema/replay.ts";

function memory(): D1Database {
  const database = openMemory();
  onTestFinished(() => database.close());
  return database.d1;
}

test("replay runs migrations in order and skips one without statements", async () => {
  const d1 = memory();
  const result = await replay(d1, [
    { name: "1.sql", statements: ["CREATE TABLE t(a)", "INSERT INTO t VALUES (1)"] },
    { name: "2.sql", statements: [] },
    { name: "3.sql", statements: ["UPDATE t SET a = a + 1"] },
  ]);
  expect(result).toEqual({ ok: true });
  expect(await d1.prepare("SELECT a FROM t").first("a")).toBe(2);
  expect(await replay(d1, [])).toEqual({ ok: true });
});

test("replay stops at the first migration that fails, and rolls it back", async () => {
  const d1 = memory();
  const result = await replay(d1, [
    { name: "1.sql", statements: ["CREATE TABLE t(a)"] },
    {
      name: "2.sql",
      statements: ["CREATE TABLE u(a)", "INSERT INTO nowhere VALUES (1)", "CREATE TABLE v(a)"],
    },
    { name: "3.sql", statements: ["CREATE TABLE w(a)"] },
  ]);
  expect(result).toMatchObject({ ok: false, name: "2.sql", index: 1 });
  expect(result).toMatchObject({ message: expect.stringContaining("no such table: nowhere") });
  const { results } = await d1.prepare("SELECT name FROM sqlite_master").all();
  expect(results).toEqual([{ name: "t" }]);
});

test("replay returns no index for a statement that SQLite rejects only at the end of the batch", async () => {
  const d1 = memory();
  const result = await replay(d1, [
    {
      name: "1.sql",
      statements: [
        "CREATE TABLE p(id INTEGER PRIMARY KEY)",
        "CREATE TABLE c(p REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO c VALUES (1)",
      ],
    },
  ]);
  expect(result).toMatchObject({ ok: false, name: "1.sql", index: null });
});

describe("replay", () => {
  test.each([
    [
      "ignore_check_constraints",
      ["CREATE TABLE t(a CHECK (a > 0))"],
      "INSERT INTO t VALUES (-1)",
      false,
    ],
    [
      "legacy_alter_table",
      ["CREATE TABLE t(a)", "CREATE VIEW v AS SELECT * FROM gone"],
      "ALTER TABLE t RENAME TO u",
      false,
    ],
    [
      "case_sensitive_like",
      ["CREATE TABLE t(a CHECK (a LIKE 'X'))"],
      "INSERT INTO t VALUES ('x')",
      true,
    ],
    [
      "recursive_triggers",
      [
        "CREATE TABLE t(a CHECK (a < 3))",
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO t VALUES (NEW.a + 1); END",
      ],
      "INSERT INTO t VALUES (1)",
      true,
    ],
  ] as const)(
    "resets PRAGMA %s of a migration before the next one",
    async (pragma, first, second, ok) => {
      const migrations = [
        { name: "1.sql", statements: [...first, `PRAGMA ${pragma} = ON`] },
        { name: "2.sql", statements: [second] },
      ];
      expect(await replay(memory(), migrations)).toMatchObject({ ok });
    },
  );

  test("resets the settings of a migration that fails", async () => {
    const d1 = memory();
    await replay(d1, [{ name: "1.sql", statements: ["CREATE TABLE t(a CHECK (a > 0))"] }]);
    const failing = {
      name: "2.sql",
      statements: ["PRAGMA ignore_check_constraints = ON", "INSERT INTO t VALUES (-1)", "oops"],
    };
    expect(await replay(d1, [failing])).toMatchObject({ ok: false, index: 2 });
    expect(
      await replay(d1, [{ name: "3.sql", statements: ["INSERT INTO t VALUES (-1)"] }]),
    ).toMatchObject({ ok: false, index: 0 });
  });
});

test("replay throws an error that is not D1's", async () => {
  const d1: D1Database = { ...memory(), batch: () => Promise.reject(new Error("no network")) };
  d1.prepare = memory().prepare.bind(memory());
  await expect(replay(d1, [{ name: "1.sql", statements: ["SELECT 1"] }])).rejects.toThrow(
    "no network",
  );
});
