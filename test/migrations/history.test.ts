import { describe, expect, onTestFinished, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import { replayHistory } from "../../src/migrations/history.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import type { Replayed } from "../../src/schema/replay.ts";
import { migration } from "./make.ts";

const TABLE = "d1_migrations";

function replayed(
  folder: readonly Migration[],
  { table = TABLE, names = folder.map(({ name }) => name) } = {},
): { d1: D1Database; result: Promise<Replayed> } {
  const memory = openMemory();
  onTestFinished(() => memory.close());
  const applied = names.map((name) => ({ name, appliedAt: "2026-01-02 03:04:05" }));
  return { d1: memory.d1, result: replayHistory(memory.d1, { table, folder, applied }) };
}

async function rows(d1: D1Database, sql: string): Promise<unknown[]> {
  return (await d1.prepare(sql).all()).results;
}

const users = migration("0001_users.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);");

test("replayHistory fills the ledger with the earlier migrations before it replays each one", async () => {
  const copy = migration(
    "0002_copy.sql",
    "CREATE TABLE seen AS SELECT id, name, applied_at FROM d1_migrations;",
  );
  const { d1, result } = replayed([users, copy], {
    names: ["0000_gone.sql", users.name, copy.name],
  });
  expect(await result).toEqual({ ok: true });
  expect(await rows(d1, "SELECT * FROM seen")).toEqual([
    { id: 1, name: "0000_gone.sql", applied_at: "2026-01-02 03:04:05" },
    { id: 2, name: "0001_users.sql", applied_at: "2026-01-02 03:04:05" },
  ]);
});

test.each([
  [
    "a renamed migration",
    "UPDATE d1_migrations SET name = '0007_users.sql' WHERE name = '0001_users.sql';",
  ],
  [
    "a renaming that would collide",
    "INSERT INTO d1_migrations(name) VALUES ('x');\nUPDATE d1_migrations SET name = 'y';",
  ],
  ["a deletion", 'DELETE FROM main."d1_migrations" WHERE id > 0;'],
  [
    "a record by hand",
    "INSERT OR FAIL INTO [d1_migrations](id, name) VALUES (1, '0001_users.sql');",
  ],
  [
    "the counter of the ledger's ids",
    "UPDATE sqlite_sequence SET seq = 9 WHERE name = 'd1_migrations';",
  ],
  ["a column added to the ledger", "ALTER TABLE d1_migrations ADD COLUMN note TEXT;"],
  ["a CREATE TABLE IF NOT EXISTS of the ledger", "CREATE TABLE IF NOT EXISTS d1_migrations(x);"],
  ["a change of d1ops's own record", "UPDATE d1ops_migrations SET name = 'x' WHERE name = 'y';"],
  ["a deletion that fails", "DELETE FROM d1_migrations WHERE note = 1;"],
  ["a row that fails", "INSERT INTO main.d1_migrations(note) VALUES (1);"],
  ["a row that fails in its other spelling", "REPLACE INTO d1_migrations(note) VALUES (1);"],
  ["a name in quotes", 'DELETE FROM "main"."d1_migrations" WHERE note = 1;'],
  ...["ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK"].map((word) => [
    `an update that fails, OR ${word}`,
    `UPDATE OR ${word} d1_migrations SET note = 1;`,
  ]),
  [
    "a copy of our own runs and backfills",
    "SELECT 1;\nCREATE TABLE runs AS SELECT id FROM d1ops_runs;\nCREATE TABLE states AS SELECT 1 FROM d1ops_backfills;",
  ],
  [
    "a change of d1ops's runs and backfills",
    "DELETE FROM d1ops_runs; DELETE FROM d1ops_backfills;",
  ],
])("replayHistory replays %s in the ledger", async (_, sql) => {
  const after = migration("0003_after.sql", "CREATE TABLE after(a);");
  const { d1, result } = replayed([users, migration("0002_ledger.sql", sql), after]);
  expect(await result).toEqual({ ok: true });
  expect(await rows(d1, "SELECT count(*) AS n FROM after")).toEqual([{ n: 0 }]);
});

test("replayHistory records the current time for a migration whose time is unknown", async () => {
  const memory = openMemory();
  onTestFinished(() => memory.close());
  const applied = [{ name: users.name, appliedAt: "" }];
  await replayHistory(memory.d1, { table: TABLE, folder: [users], applied });
  expect(await rows(memory.d1, "SELECT name, applied_at FROM d1_migrations")).toEqual([
    { name: users.name, applied_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) },
  ]);
});

test("replayHistory creates the ledger with the name in the config", async () => {
  const other = migration("0002.sql", "UPDATE \"my ledger\" SET name = 'x';");
  expect(await replayed([users, other], { table: "my ledger" }).result).toEqual({ ok: true });
  expect(await replayed([users, other]).result).toMatchObject({
    ok: false,
    name: "0002.sql",
    index: 0,
    message: expect.stringContaining("no such table: my ledger"),
  });
});

describe("replayHistory at a wrong statement", () => {
  test.each([
    ["another table", "SELECT 1; UPDATE nowhere SET name = 'd1_migrations';", 1],
    ["an invalid statement", "DROP d1_migrations;", 0],
    ["the ledger's own definition", "CREATE TABLE d1_migrations(a);", 0],
    [
      "an INSERT into another table from the ledger",
      "INSERT INTO nowhere SELECT name FROM d1_migrations;",
      0,
    ],
  ])("fails at a statement that changes no row of the ledger: %s", async (_, sql, index) => {
    const { result } = replayed([users, migration("0002.sql", sql)]);
    expect(await result).toMatchObject({ ok: false, name: "0002.sql", index });
  });
});
