import { describe, expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { Database } from "../../src/database/port.ts";
import type { Failure } from "../../src/migrations/migration-run.ts";
import { type FailedMigration, locateFailure } from "../../src/migrations/locate.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import { OpsError } from "../../src/report/error.ts";
import { migration } from "./make.ts";

const users = migration(
  "0001_users.sql",
  "CREATE TABLE users(id INTEGER PRIMARY KEY, name UNIQUE);",
);

const failureOf = (message: string, index: number | null = null): Failure => ({
  kind: "statement",
  message,
  index,
});

/** The failed migration, and the history before it. */
function ran(
  before: readonly Migration[],
  failed: Migration,
  memories: { open(): Database },
): FailedMigration {
  const applied = before.map(({ name }) => ({ name, appliedAt: "2026-01-02 03:04:05" }));
  const history = { table: "d1_migrations", folder: [...before, failed], applied };
  return { migration: failed, history, openMemory: () => memories.open() };
}

/** Counts the databases that it opens and closes. */
function counter(): { open(): Database; readonly left: number; readonly opened: number } {
  let opened = 0;
  let left = 0;
  return {
    open() {
      const memory = openMemory();
      opened += 1;
      left += 1;
      return {
        ...memory,
        close() {
          left -= 1;
          memory.close();
        },
      };
    },
    get left() {
      return left;
    },
    get opened() {
      return opened;
    },
  };
}

describe("locateFailure", () => {
  test.each([
    [
      "the second",
      "INSERT INTO users(name) VALUES ('a');\nINSERT INTO nope VALUES (1);\nSELECT 1;",
      "no such table: nope: SQLITE_ERROR",
      1,
      12,
    ],
    ["the first", "ALTER TABLE nope ADD COLUMN x;", "no such table: nope: SQLITE_ERROR", 0, 12],
    [
      "one that conflicts with a row of the same file",
      "INSERT INTO users(name) VALUES ('a');\nINSERT INTO users(name) VALUES ('a');",
      "UNIQUE constraint failed: users.name: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)",
      1,
      null,
    ],
    [
      "one with a position in its text",
      "SELECT 1;\nSELEC 2;",
      'near "SELEC": syntax error at offset 0: SQLITE_ERROR',
      1,
      0,
    ],
  ])("returns the failed statement: %s", async (_, text, message, index, place) => {
    const memories = counter();
    const found = await locateFailure(
      failureOf(message),
      ran([users], migration("0002.sql", text), memories),
    );
    expect(found).toEqual({ kind: "statement", message, index, place });
    expect([memories.opened, memories.left]).toEqual([1, 0]);
  });
});

test("locateFailure returns the only statement of a file, even if it does not fail in memory", async () => {
  const failure = failureOf("UNIQUE constraint failed: users.name");
  const sql = "INSERT INTO users(name) VALUES ('a');";
  const memories = counter();
  const found = await locateFailure(failure, ran([users], migration("0002.sql", sql), memories));
  expect(found).toEqual({ ...failure, index: 0 });
});

test("locateFailure returns the only statement that D1 rejects with this message", async () => {
  const failure = failureOf("Cannot add a column with non-constant default: SQLITE_ERROR");
  const sql =
    "ALTER TABLE users ADD COLUMN a TEXT;\nALTER TABLE users ADD COLUMN b TEXT DEFAULT CURRENT_DATE;";
  const memories = counter();
  const found = await locateFailure(failure, ran([users], migration("0002.sql", sql), memories));
  expect(found).toEqual({ ...failure, index: 1 });
});

describe("locateFailure without a result", () => {
  const text = "INSERT INTO users(name) VALUES ('a');\nSELECT 1;";

  test.each([
    [
      "if the statement does not fail in memory, where the conflicting row is missing",
      text,
      "UNIQUE constraint failed: users.name",
    ],
    [
      "if the statement fails in memory with another message",
      "SELECT * FROM nope;",
      "UNIQUE constraint failed: users.name",
    ],
  ])("returns the failure unchanged %s", async (_, sql, message) => {
    const memories = counter();
    const failure = failureOf(message);
    const found = await locateFailure(failure, ran([users], migration("0002.sql", sql), memories));
    expect(found).toBe(failure);
    expect(memories.left).toBe(0);
  });

  test("returns the failure unchanged if an earlier migration fails in memory", async () => {
    const memories = counter();
    const failure = failureOf("no such table: nope: SQLITE_ERROR");
    const broken = migration("0001.sql", "SELECT * FROM nope;");
    const found = await locateFailure(
      failure,
      ran([broken], migration("0002.sql", "SELECT * FROM nope;"), memories),
    );
    expect(found).toBe(failure);
    expect(memories.left).toBe(0);
  });
});

describe("locateFailure without a replay", () => {
  test.each<[string, Failure]>([
    ["if the database named the statement", failureOf("no such table: nope: SQLITE_ERROR", 3)],
    ["if recording failed", { kind: "record", message: "no" }],
    [
      "if the failure is not that of a statement",
      {
        kind: "error",
        error: new OpsError("LEASE_LOST", { run: 1 }, { message: "over", hint: "again" }),
      },
    ],
  ])("replays nothing %s", async (_, failure) => {
    const memories = counter();
    const found = await locateFailure(
      failure,
      ran([], migration("0002.sql", "SELECT * FROM nope;"), memories),
    );
    expect(found).toBe(failure);
    expect(memories.opened).toBe(0);
  });
});
