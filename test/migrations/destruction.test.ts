import { describe, expect, test } from "vitest";
import { destructionFindings } from "../../src/migrations/destruction.ts";
import { migration } from "./make.ts";

/** Describes what these files delete. */
function losses(...texts: string[]): string[] {
  return destructionFindings(texts.map((text, i) => migration(`${i + 1}.sql`, text))).map(
    ({ message }) => message,
  );
}

describe("destructionFindings", () => {
  test.each([
    ["DROP TABLE users", "drops the table users with all its data"],
    ["drop table if exists users;", "drops the table users with all its data"],
    ["-- x\nDROP /* y */ TABLE\n users", "drops the table users with all its data"],
    ['DROP TABLE main."us ers"', "drops the table us ers with all its data"],
    ["DROP TABLE IF EXISTS main.[users]", "drops the table users with all its data"],
    ['DROP TABLE "if"', "drops the table if with all its data"],
    ["ALTER TABLE users DROP COLUMN email", "drops the column users.email with all its data"],
    ["alter table users drop email", "drops the column users.email with all its data"],
    [
      'ALTER TABLE main."users" DROP COLUMN "e mail"',
      "drops the column users.e mail with all its data",
    ],
    ["DELETE FROM users", "deletes every row of users"],
    ["DELETE FROM users RETURNING id", "deletes every row of users"],
    ["DELETE FROM main.users WHERE id = 1", "deletes rows of users"],
    ['DELETE FROM "where"', "deletes every row of where"],
    [
      "WITH old AS (SELECT id FROM users WHERE age > 100) DELETE FROM users WHERE id IN old",
      "deletes rows of users",
    ],
    [
      `WITH x AS (SELECT ${Array.from({ length: 60 }, (_, i) => i).join(", ")}) DELETE FROM users`,
      "deletes every row of users",
    ],
    ["WITH RECURSIVE x(n) AS (SELECT 1) DELETE FROM main.users", "deletes every row of users"],
  ])("reports a statement that destroys data: %s", (statement, what) => {
    expect(losses(statement)).toEqual([`1.sql ${what}.`]);
  });
});

describe("destructionFindings of a harmless migration", () => {
  test.each([
    "CREATE TABLE t(a)",
    "ALTER TABLE users ADD COLUMN email",
    "ALTER TABLE users RENAME TO people",
    'ALTER TABLE users RENAME COLUMN "drop" TO x',
    "DROP INDEX i",
    "DROP VIEW v",
    "DROP TRIGGER g",
    "INSERT INTO t VALUES ('DROP TABLE users')",
    "UPDATE users SET a = 1",
    "REPLACE INTO users VALUES (1)",
    "EXPLAIN DELETE FROM users",
    "SELECT 1 -- DROP TABLE users",
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM users; END",
    "WITH x AS (SELECT 1) INSERT INTO users SELECT * FROM x",
    "WITH x AS (SELECT 'DELETE FROM users') SELECT * FROM x",
    "",
  ])("does not report a statement that destroys no data: %s", (statement) => {
    expect(losses(statement)).toEqual([]);
  });
});

describe("destructionFindings of a table created by the same migrations", () => {
  test.each([
    ["created and dropped", ["CREATE TABLE t(a); DROP TABLE t;"]],
    ["dropped in another file", ["CREATE TABLE t(a);", "DELETE FROM t;\nDROP TABLE t;"]],
    ["dropped with another spelling", ['CREATE TABLE "Tmp"(a);', "DROP TABLE IF EXISTS main.tmp;"]],
    [
      "created from a query",
      ["CREATE TABLE main.t AS SELECT 1 AS a;", "ALTER TABLE t DROP COLUMN a;"],
    ],
    [
      "another one was renamed",
      ["CREATE TABLE a(x); CREATE TABLE b(x);", "ALTER TABLE a RENAME TO c;", "DROP TABLE b;"],
    ],
    [
      "renamed, with another table present",
      ["CREATE TABLE a(x); CREATE TABLE b(x);", "ALTER TABLE a RENAME TO c;", "DROP TABLE c;"],
    ],
    ["with a renamed column", ["CREATE TABLE t(a); ALTER TABLE t RENAME a TO b; DROP TABLE t;"]],
    ["renamed", ["CREATE TABLE t(a); ALTER TABLE t RENAME TO s; DROP TABLE s;"]],
  ])("reports nothing for one %s", (_, texts) => {
    expect(losses(...texts)).toEqual([]);
  });

  test("reports a DROP before its CREATE", () => {
    expect(losses("DROP TABLE IF EXISTS t; CREATE TABLE t(a);")).toHaveLength(1);
  });

  test("reports a DROP after CREATE VIEW or CREATE INDEX of that name", () => {
    expect(losses("CREATE INDEX t ON x(a); DROP TABLE t")).toHaveLength(1);
    expect(losses("CREATE TABLE t(a)", "DROP TABLE u")).toHaveLength(1);
  });

  test("reports a DROP after CREATE TABLE IF NOT EXISTS, which may have created nothing", () => {
    expect(losses("CREATE TABLE IF NOT EXISTS users(a); DROP TABLE users;")).toEqual([
      "1.sql drops the table users with all its data.",
    ]);
  });

  test("reports a DROP of another table that took its name", () => {
    const swap =
      "CREATE TABLE tmp(a); ALTER TABLE tmp RENAME TO fresh; ALTER TABLE users RENAME TO tmp; DROP TABLE tmp;";
    expect(losses(swap)).toEqual(["1.sql drops the table tmp with all its data."]);
  });

  test("reports a DROP of a table with the name of a renamed column", () => {
    for (const rename of ["RENAME COLUMN a TO users", "RENAME a TO users"]) {
      const text = `CREATE TABLE t(a); ALTER TABLE t ${rename}; DROP TABLE users;`;
      expect(losses(text)).toEqual(["1.sql drops the table users with all its data."]);
    }
  });

  test("reports a DROP of another table that takes the name of a dropped one", () => {
    const text =
      "CREATE TABLE tmp(a); DROP TABLE tmp; ALTER TABLE users RENAME TO tmp; DROP TABLE tmp;";
    expect(losses(text)).toEqual(["1.sql drops the table tmp with all its data."]);
  });

  test("does not read IF as the name of a created table", () => {
    expect(losses('CREATE TABLE IF NOT EXISTS t(a); DROP TABLE "if";')).toHaveLength(1);
  });

  test("reports the DROP of a table rebuild", () => {
    const rebuild =
      "CREATE TABLE users_new(a);\nINSERT INTO users_new SELECT a FROM users;\nDROP TABLE users;\nALTER TABLE users_new RENAME TO users;";
    expect(losses(rebuild)).toEqual(["1.sql drops the table users with all its data."]);
  });
});

describe("destructionFindings of a table that took over rows", () => {
  test.each([
    [
      "a rebuild",
      "CREATE TABLE n(a); INSERT INTO n SELECT a FROM users; ALTER TABLE users RENAME TO old; ALTER TABLE n RENAME TO users; DELETE FROM users;",
      "deletes every row of users",
    ],
    [
      "a copy by REPLACE with a WITH",
      "CREATE TABLE n(a); WITH x AS (SELECT a FROM users) REPLACE INTO main.n SELECT a FROM x; DROP TABLE n;",
      "drops the table n with all its data",
    ],
    [
      "CREATE TABLE AS",
      "CREATE TABLE n AS SELECT a FROM users; DROP TABLE n;",
      "drops the table n with all its data",
    ],
  ])("reports the loss after %s", (_, text, what) => {
    expect(losses(text)).toEqual([`1.sql ${what}.`]);
  });

  test("reports no loss of a table with constant rows", () => {
    expect(losses("CREATE TABLE n(a); INSERT INTO n VALUES ('from'); DROP TABLE n;")).toEqual([]);
  });
});

test("destructionFindings reports line and table, and the flag that confirms the run", () => {
  const text = "CREATE TABLE t(a);\n\n  -- it goes\n  DROP TABLE users;\nDELETE FROM logs;\n";
  expect(destructionFindings([migration("0007_drop.sql", text)])).toEqual([
    {
      rule: "destructive",
      level: "warning",
      file: "migrations/0007_drop.sql",
      line: 4,
      table: "users",
      message: "0007_drop.sql drops the table users with all its data.",
      help: expect.stringContaining("--confirm NAME"),
    },
    expect.objectContaining({ line: 5, table: "logs" }),
  ]);
});

test("destructionFindings recognises a long statement by its first words", () => {
  const ids = Array.from({ length: 5000 }, (_, i) => i).join(", ");
  expect(losses(`DELETE FROM users WHERE id IN (${ids})`)).toEqual([
    "1.sql deletes rows of users.",
  ]);
});

test("destructionFindings reports nothing without migrations", () => {
  expect(destructionFindings([])).toEqual([]);
});
