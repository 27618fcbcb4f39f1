import { describe, expect, onTestFinished, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import { findOffending, type Offending } from "../../src/migrations/offending.ts";
import { readSchema } from "../../src/schema/introspect.ts";

const SETUP = [
  "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, age INT NOT NULL CHECK (id < 1000) CONSTRAINT adult CHECK (age > 17))",
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
  'CREATE TABLE twice(a INT, b AS (a / 2) UNIQUE, CHECK ("b" < 5))',
  "INSERT INTO twice VALUES (2), (4)",
  // Indexes that do not concern the columns under test.
  "CREATE INDEX users_some ON users(email) WHERE age > 90",
  "CREATE TABLE copy(email, live)",
  "CREATE UNIQUE INDEX copy_email ON copy(email) WHERE live",
  "CREATE UNIQUE INDEX keys_a ON keys(a) WHERE b > 900",
  "CREATE UNIQUE INDEX keys_note ON keys(a, note) WHERE b > 900",
  // Rows that are deleted or changed together with the one they refer to.
  "CREATE TABLE a_cascade(user REFERENCES users ON DELETE CASCADE)",
  "CREATE TABLE b_null(user REFERENCES users ON DELETE SET NULL)",
  "CREATE TABLE c_default(user REFERENCES users ON DELETE SET DEFAULT)",
  "CREATE TABLE d_other(up REFERENCES tree)",
  "INSERT INTO users VALUES (100, 'h@x', 50)",
  "INSERT INTO tree VALUES (100, NULL), (102, 100)",
  "INSERT INTO posts VALUES (8, 100, NULL, NULL)",
  "INSERT INTO a_cascade VALUES (1), (100)",
  "INSERT INTO b_null VALUES (1), (100)",
  "INSERT INTO c_default VALUES (1), (100)",
  "INSERT INTO d_other VALUES (100)",
  "CREATE TABLE strict(id INTEGER PRIMARY KEY, i INTEGER, n INT, r REAL, t TEXT, b BLOB) STRICT",
  "CREATE TABLE anything(a ANY UNIQUE) STRICT",
  "CREATE TABLE kinds(v VARCHAR(9) UNIQUE, ci CHARINT UNIQUE, bi BLOBINT UNIQUE, lb LONGBLOB UNIQUE, ic INTCHAR UNIQUE, ib INTBLOB UNIQUE, bare UNIQUE)",
  "CREATE TABLE indexed(a TEXT)",
  "CREATE UNIQUE INDEX indexed_a ON indexed(a)",
  "CREATE TABLE folded(a TEXT, PRIMARY KEY (a COLLATE NOCASE))",
  "CREATE TABLE both(a UNIQUE, live)",
  "CREATE UNIQUE INDEX both_a ON both(a) WHERE live",
  "CREATE TABLE mix(a TEXT, b TEXT)",
  "CREATE UNIQUE INDEX mix_ab ON mix(a, b COLLATE NOCASE)",
  "CREATE TABLE duo(a, b, x NOT NULL, PRIMARY KEY (a, b))",
  "CREATE TABLE made(id INTEGER PRIMARY KEY, a NOT NULL, b AS (id + 1))",
  "INSERT INTO made VALUES (1, 'x')",
  "CREATE TABLE given(id INTEGER PRIMARY KEY, n INT DEFAULT 5 CHECK (n < 5))",
  "CREATE TABLE log(a NOT NULL UNIQUE)",
  "CREATE TABLE traced(a)",
  "CREATE TRIGGER trace AFTER INSERT ON traced BEGIN INSERT INTO log VALUES (new.a); END",
  "CREATE TABLE typed(a)",
  "CREATE TRIGGER type AFTER INSERT ON typed BEGIN INSERT INTO strict(n) VALUES (new.a); END",
  "CREATE TABLE pair(a, b DEFAULT 1, UNIQUE (a, b))",
  "CREATE TABLE part(a TEXT, b INT DEFAULT 9, FOREIGN KEY (a, b) REFERENCES keys(a, b))",
  'CREATE TABLE quoted(id INTEGER PRIMARY KEY, age INT, CHECK ("age" > 17), CHECK (id < 99), CONSTRAINT young CHECK (age < 99))',
  'CREATE TABLE vague(age INT, CHECK ("age" > 17), CHECK ("age" < 99))',
  "CREATE TABLE flags(id INTEGER PRIMARY KEY, live INT CHECK (live))",
  "CREATE VIEW emails AS SELECT email FROM users",
  ...["INSERT", "UPDATE", "DELETE"].map(
    (verb) =>
      `CREATE TRIGGER emails_${verb} INSTEAD OF ${verb} ON emails BEGIN INSERT INTO users(email) VALUES ('q'); END`,
  ),
  "INSERT INTO old VALUES (3, 'c@x', 20, 1), (4, 'c@x', NULL, 9), (5, NULL, 3, NULL), (6, 'a@x', 50, 9)",
];

/** The error of a statement, and the rows that findOffending finds for it. */
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
  expect(message).toMatch(/constraint failed|cannot store/);
  return findOffending(d1, schema, statement, message);
}

describe("findOffending", () => {
  test.each<[statement: string, rows: number, keys: string[]]>([
    ["INSERT INTO users SELECT id, NULL, age FROM old WHERE id = 4", 1, ["id = 4"]],
    ["REPLACE INTO users VALUES (9, 'q', 1)", 1, ["id = 9"]],
    ["INSERT OR FAIL INTO users VALUES (9, 'q', 1)", 1, ["id = 9"]],
    ["INSERT OR ROLLBACK INTO users VALUES (9, 'q', 1)", 1, ["id = 9"]],
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
    ["UPDATE users SET age = 1 WHERE id = 2", 1, ["id = 2"]],
    ["UPDATE users SET age = 1 WHERE id = 2 RETURNING id", 1, ["id = 2"]],
    ["UPDATE users SET age = 1 RETURNING id", 3, ["id = 1", "id = 2", "id = 100"]],
    ["UPDATE users SET email = 'same', age = 20", 1, ["email = 'same'"]],
    ["UPDATE posts SET author = 99 WHERE id = 7", 1, ["id = 7, author = 99"]],
    ["UPDATE posts SET b = b + 1", 1, ["id = 7, a = 'k', b = 2"]],
    [
      'INSERT INTO posts(id, author) SELECT id, "the author" FROM old',
      2,
      ["id = 4, author = 9", "id = 6, author = 9"],
    ],
    // As the column stores and compares them.
    ["INSERT INTO codes(n) VALUES ('8'), ('08'), ('x'), (9)", 1, ["n = 8"]],
    ["INSERT INTO codes(n) VALUES ('01')", 1, ["n = 1"]],
    ["INSERT INTO codes(n) VALUES ('60'), (70.0), ('3')", 2, ["n = 60", "n = 70"]],
    ["INSERT INTO codes(word) VALUES ('Z'), ('z'), ('y')", 1, ["word = 'Z'"]],
    ["INSERT INTO codes(word) VALUES (5), ('5')", 1, ["word = '5'"]],
    ["INSERT INTO kinds(v) VALUES ('01'), ('1'), ('2'), ('2')", 1, ["v = '2'"]],
    ["INSERT INTO kinds(ci) VALUES ('01'), (1)", 1, ["ci = 1"]],
    ["INSERT INTO kinds(bi) VALUES ('01'), (1)", 1, ["bi = 1"]],
    ["INSERT INTO kinds(ic) VALUES ('01'), (1)", 1, ["ic = 1"]],
    ["INSERT INTO kinds(ib) VALUES ('01'), (1)", 1, ["ib = 1"]],
    ["INSERT INTO kinds(lb) VALUES ('01'), (1), ('1'), ('2'), ('2')", 1, ["lb = '2'"]],
    ["INSERT INTO kinds(bare) VALUES ('01'), (1), ('1'), ('2'), ('2')", 1, ["bare = '2'"]],
    ["INSERT INTO anything VALUES ('01'), (1), ('1'), ('2'), ('2')", 1, ["a = '2'"]],
    ["INSERT INTO indexed VALUES ('x'), ('x')", 1, ["a = 'x'"]],
    ["INSERT INTO given(id) VALUES (1)", 1, ["id = 1"]],
    ["INSERT INTO made VALUES (2, NULL)", 1, ["id = 2"]],
    ["INSERT INTO duo(a, x) VALUES ('p', NULL)", 1, ["a = 'p'"]],
    // For a check that starts with a quoted name, SQLite's message contains only that name.
    ["INSERT INTO quoted VALUES (1, 0), (2, 5), (3, 20)", 2, ["id = 1", "id = 2"]],
    ["INSERT INTO quoted VALUES (100, 20), (2, 20)", 1, ["id = 100"]],
    ["INSERT INTO flags VALUES (1, 0), (2, 1)", 1, ["id = 1"]],
    // The types of a STRICT table.
    ["INSERT INTO strict(id, i) VALUES (1, 2), (2, 'x'), (3, NULL)", 1, ["id = 2"]],
    ["INSERT INTO strict(id, n) VALUES (1, 2), (2, 'x'), (3, NULL)", 1, ["id = 2"]],
    ["INSERT INTO strict(id, r) VALUES (1, 2), (2, 'x'), (3, NULL), (4, 0.5)", 1, ["id = 2"]],
    ["INSERT INTO strict(id, t) VALUES (1, 2), (2, x'00'), (3, NULL), (4, 't')", 1, ["id = 2"]],
    ["INSERT INTO strict(id, b) VALUES (1, x'00'), (2, 7), (3, NULL)", 1, ["id = 2"]],
    // Rows that the statement does not write keep their value.
    ["UPDATE codes SET n = n + 1 WHERE n = 6", 1, ["n = 7"]],
    // Rows that keep their value cause no conflict.
    ["UPDATE codes SET word = iif(n = 6, 'A', word) WHERE n > 5", 1, ["word = 'a'"]],
    // A row may refer to another row of the same statement.
    ["INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 9)", 1, ["id = 3, up = 9"]],
    ["INSERT INTO tree VALUES (5, 100), (6, 9)", 1, ["id = 6, up = 9"]],
    ["UPDATE tree SET id = id + 1000", 1, ["id = 1102, up = 100"]],
    ["DELETE FROM users WHERE id = 1 RETURNING id", 1, ["id = 7, author = 1"]],
    ["DELETE FROM users WHERE id = 100", 1, ["id = 8, author = 100"]],
    ["DELETE FROM users WHERE id = 1", 1, ["id = 7, author = 1"]],
    ["DROP TABLE IF EXISTS users", 2, ["id = 7, author = 1", "id = 8, author = 100"]],
    ["DELETE FROM keys", 1, ["id = 7, a = 'k', b = 1"]],
    ["CREATE UNIQUE INDEX IF NOT EXISTS i ON old(email)", 1, ["email = 'c@x'"]],
    ["CREATE UNIQUE INDEX i ON old(email ASC)", 1, ["email = 'c@x'"]],
    ["CREATE UNIQUE INDEX i ON codes(part)", 1, ["part = 'q'"]],
    [
      'CREATE UNIQUE INDEX i ON old ("the author" DESC) WHERE email IS NOT NULL',
      1,
      ["the author = 9"],
    ],
  ])("returns the rows that make the statement fail: %s", async (statement, rows, keys) => {
    expect(await found(statement)).toMatchObject({ rows, keys });
  });
});

describe("findOffending of an unsupported statement", () => {
  test.each([
    [
      "an upsert",
      "INSERT INTO users VALUES (1, 'b@x', 20) ON CONFLICT (id) DO UPDATE SET email = excluded.email",
    ],
    ["an UPDATE with FROM", "UPDATE users SET age = old.age FROM old WHERE old.id = 5"],
    ["a statement after WITH", "WITH o AS (SELECT 1) INSERT INTO users SELECT 9, 'q', 1"],
    ["an index of an expression", "CREATE UNIQUE INDEX i ON old (lower(email))"],
    ["rows that conflict only temporarily", "UPDATE codes SET n = n + 1"],
    [
      "an index over some of the rows",
      "INSERT INTO codes(part, live) VALUES ('r', 0), ('r', 0), ('p', 1)",
    ],
    ["a generated column", "UPDATE twice SET a = a + 8"],
    ["an UPDATE of a table with a generated column", "UPDATE made SET a = NULL"],
    ["two checks that begin with the same quoted name", "INSERT INTO vague VALUES (0), (5)"],
    ["a check of a generated column", "INSERT INTO twice(a) VALUES (8), (20)"],
    ["an UPDATE with LIMIT", "UPDATE users SET age = 1 LIMIT 1"],
    ["a DELETE with LIMIT", "DELETE FROM users WHERE id > 0 LIMIT 1"],
    ["column names in single quotes", "INSERT INTO users('id', 'email') VALUES (9, NULL)"],
    ["a column that the statement omits", "INSERT INTO users(id, email) VALUES (9, 'z@x')"],
    ["a key of which the statement omits a part", "INSERT INTO pair(a) VALUES ('x'), ('x')"],
    ["a reference of which the statement omits a part", "INSERT INTO part(a) VALUES ('k')"],
    ["a value of another type that a trigger writes", "INSERT INTO typed VALUES ('x')"],
    ["a NULL that a trigger writes", "INSERT INTO traced VALUES (NULL)"],
    ["a value that a trigger writes twice", "INSERT INTO traced VALUES (1), (1)"],
    ["an INSERT into a view", "INSERT INTO emails VALUES ('q')"],
    ["an UPDATE of a view", "UPDATE emails SET email = 'q'"],
    ["a DELETE from a view", "DELETE FROM emails"],
    ["a key with another collation", "INSERT INTO folded VALUES ('x'), ('x')"],
    [
      "one of two indexes, the other over some of the rows",
      "INSERT INTO both VALUES (1, 0), (1, 0)",
    ],
    [
      "an index that compares one column in another way",
      "INSERT INTO mix VALUES ('x', 'y'), ('x', 'y')",
    ],
    ["several columns at once", "UPDATE users SET (email, age) = ('q', 1)"],
  ])("returns null for %s", async (_, statement) => {
    expect(await found(statement)).toBeNull();
  });
});
