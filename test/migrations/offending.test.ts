import { describe, expect, onTestFinished, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import { findOffending, type Offending } from "../../src/migrations/offending.ts";
import { readSchema } from "../../src/schema/read.ts";

const SETUP = [
  "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, age INT NOT NULL CONSTRAINT adult CHECK (age > 17))",
  "CREATE TABLE keys(a TEXT, b INT, note, PRIMARY KEY (a, b)) WITHOUT ROWID",
  "CREATE TABLE posts(id INTEGER PRIMARY KEY, author REFERENCES users ON DELETE RESTRICT, a TEXT, b INT, FOREIGN KEY (a, b) REFERENCES keys(a, b))",
  'CREATE TABLE old(id INTEGER PRIMARY KEY, email TEXT, age INT, "the author" INT)',
  "INSERT INTO users VALUES (1, 'a@x', 30), (2, 'b@x', 40)",
  "INSERT INTO keys VALUES ('k', 1, NULL)",
  "INSERT INTO posts VALUES (7, 1, 'k', 1)",
  "CREATE TABLE codes(n INTEGER UNIQUE CHECK (n < 50), word TEXT COLLATE NOCASE UNIQUE, live INT, part TEXT)",
  "CREATE UNIQUE INDEX live_part ON codes(part) WHERE live = 1",
  "INSERT INTO codes VALUES (1, 'a', 1, 'p'), (6, NULL, 1, 'q'), (7, 'b', 0, 'q')",
  "CREATE TABLE tree(id INTEGER PRIMARY KEY, up REFERENCES tree)",
  "CREATE TABLE twice(a INT, b AS (a / 2) UNIQUE, CHECK (b < 5))",
  "INSERT INTO twice VALUES (2), (4)",
  "INSERT INTO old VALUES (3, 'c@x', 20, 1), (4, 'c@x', NULL, 9), (5, NULL, 3, NULL), (6, 'a@x', 50, 9)",
];

/** What a statement fails with, and the rows that are found for it. */
async function found(statement: string): Promise<Offending | null> {
  const { d1, close } = openMemory();
  onTestFinished(close);
  await d1.batch(SETUP.map((one) => d1.prepare(one)));
  const schema = await readSchema(d1);
  const message = await d1
    .prepare(statement)
    .run()
    .then(
      () => "",
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );
  expect(message).toMatch(/constraint failed/);
  return findOffending(d1, schema, statement, message);
}

describe("the rows that make a statement fail", () => {
  test.each<[statement: string, rows: number, keys: string[]]>([
    ["INSERT INTO users SELECT id, NULL, age FROM old WHERE id = 4", 1, ["id = 4"]],
    ['insert into "main"."USERS" (AGE, ID) select age, id from old where id = 4;', 1, ["id = 4"]],
    [
      "INSERT INTO users WITH o AS (SELECT * FROM old) SELECT id, NULL, age FROM o WHERE id > 4",
      1,
      ["id = 5"],
    ],
    [
      "INSERT OR ABORT INTO users VALUES (8, 'x', 1), (9, 'y', 2), (10, 'z', 3), (11, 'q', 4)",
      4,
      ["id = 8", "id = 9", "id = 10"],
    ],
    ["INSERT INTO users SELECT id + 10, email, 18 FROM old WHERE id < 5", 1, ["email = 'c@x'"]],
    [
      "INSERT INTO users SELECT id, email, 18 FROM old WHERE id = 6 RETURNING id",
      1,
      ["email = 'a@x'"],
    ],
    ["INSERT INTO keys(b, a) VALUES (2, 'k'), (1, 'k')", 1, ["a = 'k', b = 1"]],
    ["UPDATE users SET age = age - 20 WHERE email LIKE '%@x'", 1, ["id = 1"]],
    ["UPDATE users SET email = 'same', age = 20", 1, ["email = 'same'"]],
    ["UPDATE posts SET author = 99", 1, ["id = 7, author = 99"]],
    ["UPDATE posts SET b = b + 1", 1, ["id = 7, a = 'k', b = 2"]],
    [
      'INSERT INTO posts(id, author) SELECT id, "the author" FROM old',
      2,
      ["id = 4, author = 9", "id = 6, author = 9"],
    ],
    // As the column keeps and compares them.
    ["INSERT INTO codes(n) VALUES ('8'), ('08'), ('x'), (9)", 1, ["n = 8"]],
    ["INSERT INTO codes(n) VALUES ('01')", 1, ["n = 1"]],
    ["INSERT INTO codes(n) VALUES ('60'), (70.0), ('3')", 2, ["n = 60", "n = 70"]],
    ["INSERT INTO codes(word) VALUES ('Z'), ('z'), ('y')", 1, ["word = 'Z'"]],
    // Rows that keep their value conflict with nobody.
    ["UPDATE codes SET word = iif(n = 6, 'A', word) WHERE n > 5", 1, ["word = 'a'"]],
    // A row may refer to one of the same statement.
    ["INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 9)", 1, ["id = 3, up = 9"]],
    ["DELETE FROM users WHERE id = 1", 1, ["id = 7, author = 1"]],
    ["DROP TABLE IF EXISTS users", 1, ["id = 7, author = 1"]],
    ["DELETE FROM keys", 1, ["id = 7, a = 'k', b = 1"]],
    ["CREATE UNIQUE INDEX IF NOT EXISTS i ON old(email)", 1, ["email = 'c@x'"]],
    [
      'CREATE UNIQUE INDEX i ON old ("the author" DESC) WHERE email IS NOT NULL',
      1,
      ["the author = 9"],
    ],
  ])("%s", async (statement, rows, keys) => {
    expect(await found(statement)).toMatchObject({ rows, keys });
  });
});

describe("nothing is guessed of", () => {
  test.each([
    [
      "an upsert",
      "INSERT INTO users VALUES (1, 'b@x', 20) ON CONFLICT (id) DO UPDATE SET email = excluded.email",
    ],
    ["an UPDATE with FROM", "UPDATE users SET age = old.age FROM old WHERE old.id = 5"],
    ["a statement behind WITH", "WITH o AS (SELECT 1) INSERT INTO users SELECT 9, 'q', 1"],
    ["an index of an expression", "CREATE UNIQUE INDEX i ON old (lower(email))"],
    ["rows that conflict on the way only", "UPDATE codes SET n = n + 1"],
    [
      "an index over some of the rows",
      "INSERT INTO codes(part, live) VALUES ('r', 0), ('r', 0), ('p', 1)",
    ],
    ["a generated column", "UPDATE twice SET a = a + 8"],
    ["several columns at once", "UPDATE users SET (email, age) = ('q', 1)"],
  ])("%s", async (_, statement) => {
    expect(await found(statement)).toBeNull();
  });
});
