import { describe, expect, onTestFinished, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { Database } from "../../src/database/port.ts";
import type { Failure } from "../../src/migrations/migration-run.ts";
import { countOffending } from "../../src/migrations/locate.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import { migration } from "./make.ts";

/** The rows of the live database that made a statement fail. */

const TABLES = migration(
  "0001_tables.sql",
  "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, age INT NOT NULL CHECK (age > 0));\nCREATE TABLE posts(id INTEGER PRIMARY KEY, author INT REFERENCES users);\nCREATE TABLE notes(n);",
);
const ROWS = "INSERT INTO users VALUES (1, 'a@x', 20), (2, 'b@x', 30)";
const NOTES = "INSERT INTO notes VALUES (1), (1)";

const UNIQUE = "UNIQUE constraint failed: users.email: SQLITE_CONSTRAINT";

function failureOf(message: string, index: number | null): Failure {
  return { kind: "statement", message, index };
}

async function count(
  failure: Failure,
  failed: Migration,
  before: Migration = TABLES,
): Promise<{ readonly found: Failure; readonly opened: number; readonly left: number }> {
  const live = openMemory();
  onTestFinished(() => live.close());
  for (const { text } of TABLES.statements) await live.d1.prepare(text).run();
  for (const rows of [ROWS, NOTES]) await live.d1.prepare(rows).run();
  const memories = { opened: 0, left: 0 };
  const open = (): Database => {
    const memory = openMemory();
    memories.opened += 1;
    memories.left += 1;
    return {
      ...memory,
      close() {
        memories.left -= 1;
        memory.close();
      },
    };
  };
  const history = {
    table: "d1_migrations",
    folder: [before, failed],
    applied: [{ name: before.name, appliedAt: "2026-01-02 03:04:05" }],
  };
  const found = await countOffending(live.d1, failure, {
    migration: failed,
    history,
    openMemory: open,
  });
  return { found, ...memories };
}

/** Each case fails with its message in its last statement. */
const CASES: readonly (readonly [message: string, key: string, sql: string])[] = [
  [UNIQUE, "email = 'a@x'", "SELECT 1;\nINSERT INTO users VALUES (3, 'a@x', 1);"],
  [
    "UNIQUE constraint failed: users.id",
    "id = 1",
    "CREATE TABLE x(a);\nREPLACE INTO posts VALUES (1, NULL);\nINSERT INTO users VALUES (1, 'c', 1);",
  ],
  [
    "UNIQUE constraint failed: index 'i'",
    "n = 1",
    "SELECT 1;\nCREATE  UNIQUE INDEX i ON notes(n);",
  ],
  ["NOT NULL constraint failed: users.age", "id = 1", "UPDATE users SET age = NULL WHERE id = 1;"],
  ["CHECK constraint failed: age > 0", "id = 2", "UPDATE users SET age = 25 - age;"],
  ["FOREIGN KEY constraint failed", "id = 1, author = 9", "INSERT INTO posts VALUES (1, 9);"],
  [
    "cannot store TEXT value in INT column strict.n",
    "n = 'x'",
    "CREATE TABLE strict(n INT) STRICT;\nSELECT 'insert into strict';\nINSERT INTO strict VALUES ('x');",
  ],
];

describe("countOffending", () => {
  test.each(CASES)(
    "counts the rows that made the statement fail: %s: %s",
    async (message, key, sql) => {
      const failed = migration("0002_x.sql", sql);
      const index = failed.statements.length - 1;
      const known = await count(failureOf(message, index), failed);
      expect(known.found).toMatchObject({ index, message, offending: { rows: 1, keys: [key] } });
      expect(known).toMatchObject({ opened: 1, left: 0 });
    },
  );

  test.each(CASES)(
    "finds the statement and counts the rows that made it fail: %s: %s",
    async (message, key, sql) => {
      const failed = migration("0002_x.sql", sql);
      const unknown = await count(failureOf(message, null), failed);
      expect(unknown.found).toMatchObject({
        index: failed.statements.length - 1,
        offending: { rows: 1, keys: [key] },
      });
    },
  );

  test("counts the rows of the failed statement, not of an earlier one that replaced deleted rows", async () => {
    const failed = migration(
      "0002_x.sql",
      "DELETE FROM users WHERE id = 1;\nINSERT INTO users VALUES (5, 'a@x', 1);\nINSERT INTO users VALUES (6, 'b@x', 1);",
    );
    const { found } = await count(failureOf(UNIQUE, 2), failed);
    expect(found).toMatchObject({ index: 2, offending: { rows: 1, keys: ["email = 'b@x'"] } });
  });

  test("counts the rows that violate another constraint in a file that defers keys", async () => {
    const failed = migration(
      "0002_x.sql",
      "PRAGMA defer_foreign_keys = ON;\nINSERT INTO users VALUES (3, 'a@x', 1);",
    );
    const { found } = await count(failureOf(UNIQUE, null), failed);
    expect(found).toMatchObject({ index: 1, offending: { rows: 1, keys: ["email = 'a@x'"] } });
  });

  test("counts the rows that violate a deferred key if the statement is known", async () => {
    const failed = migration("0002_x.sql", DEFERRED);
    const { found } = await count(failureOf("FOREIGN KEY constraint failed", 1), failed);
    expect(found).toMatchObject({ index: 1, offending: { rows: 1 } });
  });
});

const DEFERRED = "PRAGMA defer_foreign_keys = ON;\nINSERT INTO posts VALUES (1, 9);";

describe("countOffending without a result", () => {
  test.each<[string, Failure, string]>([
    [
      "for a deferred key, which may be violated temporarily",
      failureOf("FOREIGN KEY constraint failed", null),
      DEFERRED,
    ],
    [
      "for an error that rows do not cause",
      failureOf("no such table: x", 0),
      "INSERT INTO x VALUES (1);",
    ],
    ["if recording failed", { kind: "record", message: UNIQUE }, "SELECT 1;"],
  ])("returns the failure unchanged and replays nothing %s", async (_, failure, sql) => {
    const { found, opened } = await count(failure, migration("0002_x.sql", sql));
    expect(found).toBe(failure);
    expect(opened).toBe(0);
  });

  test.each<[string, Failure, string]>([
    [
      "if an earlier statement fails in memory",
      failureOf(UNIQUE, 1),
      "INSERT INTO nowhere VALUES (1);\nINSERT INTO users VALUES (3, 'a@x', 1);",
    ],
    [
      "if the statement has no such row any more, although a later one has",
      failureOf(UNIQUE, 0),
      "INSERT INTO users VALUES (3, 'c@x', 1);\nINSERT INTO users VALUES (4, 'a@x', 1);",
    ],
    ["if no statement has such a row", failureOf(UNIQUE, null), "SELECT 1;\nSELECT 2;"],
  ])("returns the failure unchanged %s", async (_, failure, sql) => {
    const { found, left } = await count(failure, migration("0002_x.sql", sql));
    expect(found).toBe(failure);
    expect(left).toBe(0);
  });

  test("returns the failure unchanged if the applied files cannot be replayed", async () => {
    const failure = failureOf(UNIQUE, 0);
    const failed = migration("0002_x.sql", "INSERT INTO users VALUES (3, 'a@x', 1);");
    const broken = migration("0001_tables.sql", `${TABLES.text}\nINSERT INTO nowhere VALUES (1);`);
    const { found, left } = await count(failure, failed, broken);
    expect(found).toBe(failure);
    expect(left).toBe(0);
  });

  test("throws an error of d1ops itself and closes its in-memory database", async () => {
    const bug = new TypeError("a bug");
    const memory = openMemory();
    let closed = false;
    const open = (): Database => ({
      ...memory,
      d1: {
        ...memory.d1,
        prepare(query: string) {
          if (query.includes("boom")) throw bug;
          return memory.d1.prepare(query);
        },
        batch: async (statements) => memory.d1.batch(statements),
      },
      close() {
        closed = true;
        memory.close();
      },
    });
    const failed = migration("0002_x.sql", "SELECT 'boom';\nSELECT 2;");
    const history = { table: "d1_migrations", folder: [failed], applied: [] };
    await expect(
      countOffending(memory.d1, failureOf(UNIQUE, 1), {
        migration: failed,
        history,
        openMemory: open,
      }),
    ).rejects.toBe(bug);
    expect(closed).toBe(true);
  });
});
