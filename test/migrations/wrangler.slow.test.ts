import { renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { unstable_splitSqlQuery as splitByWrangler } from "wrangler";
import { d1ops, makeProject, type Project, reportOf, wrangler } from "../project.ts";
import { migration } from "./make.ts";

const RECORD = "INSERT INTO d1_migrations (name) values ('x')";

/** The statements that wrangler would send to D1; null if wrangler itself rejects the file. */
function sent(text: string): string[] | null {
  try {
    const statements = splitByWrangler(`${text}\n${RECORD};`);
    expect(statements.pop()).toBe(RECORD);
    return statements;
  } catch {
    return null;
  }
}

function ours(text: string): string[] {
  return migration("x.sql", text).statements.map((one) => one.text.replace(/;$/, "").trim());
}

describe("the statements that wrangler and d1ops send to D1", () => {
  test.each([
    "BEGIN TRANSACTION;\nCREATE TABLE t(a);\nCOMMIT;",
    "-- dump\nBEGIN TRANSACTION;\nCREATE TABLE t(a);",
    "CREATE TABLE t(a);BEGIN TRANSACTION;SELECT 1;COMMIT;SELECT 2;",
    "-- BEGIN TRANSACTION;\nSELECT 1;\nCOMMIT;",
    "BEGIN;\nSELECT 1;\nCOMMIT;",
    "begin transaction;\nSELECT 1;\ncommit;",
    "SELECT 1;\nCOMMIT;",
    "BEGIN TRANSACTION;\nSELECT 1;\nROLLBACK;",
    "SAVEPOINT s;\nSELECT 1;\nRELEASE s;",
    "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;SELECT 2;",
    ...["\u00A0", "\u3000", "\u2028", "\u2029", "\u2003", "\u202F", "\u1680", "\uFEFF", "\v"].map(
      (space) => `${space}SELECT 1;${space}\n${space}SELECT (2)${space};SELECT a${space};${space}`,
    ),
    "SELECT 1;\u200BSELECT 2;",
    "SELECT\u00A01;",
  ])("are the same for %j", (text) => {
    // d1ops excludes a comment before a statement.
    const theirs = sent(text)?.map((one) => one.replace(/^(?:--.*\n+)+/, ""));
    expect(ours(text)).toEqual(theirs);
  });

  test("differ in a string, which wrangler changes and d1ops does not", () => {
    const text = "INSERT INTO t VALUES ('say BEGIN TRANSACTION; now', 'COMMIT;');";
    expect(sent(text)).toEqual(["INSERT INTO t VALUES ('say  now', '')"]);
    expect(ours(text)).toEqual([text.slice(0, -1)]);
  });

  test.each([
    "BEGIN TRANSACTION ;\nSELECT 1;",
    "BEGIN TRANSACTION;\nSELECT 1;\nCOMMIT;\nBEGIN TRANSACTION;\nSELECT 2;\nCOMMIT;",
  ])("are rejected by both, and the plan stops, at %j", async (text) => {
    expect(sent(text)).toBeNull();
    const project = makeProject({ "migrations/0001_x.sql": text });
    const run = await d1ops(project, ["migrate", "plan", "--json"]);
    expect(run.code).toBe(1);
    expect(reportOf(run).findings).toMatchObject([
      { rule: "transaction" },
      ...(text.length > 50 ? [{}] : []),
    ]);
  });
});

const FILES = {
  "migrations/0001_users.sql":
    "BEGIN TRANSACTION;\nCREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);\nINSERT INTO users(name) VALUES ('Zoé');\nCOMMIT;\n",
  "migrations/0002_spaces.sql":
    "\u00A0\nCREATE TABLE a(x);\u3000\n\u2028CREATE INDEX a_x ON a(x)\u00A0;\n\u2029\u00A0INSERT INTO a VALUES (1);\n\u00A0\n",
  "migrations/0003_renumber.sql":
    "UPDATE d1_migrations SET name = '0001_people.sql' WHERE name = '0001_users.sql';\n",
  "migrations/0004_counter.sql":
    "DELETE FROM sqlite_sequence WHERE name = 'users';\nCREATE VIEW history AS SELECT name FROM d1_migrations;\n",
  "migrations/0005_open.sql": "BEGIN TRANSACTION;\nCREATE TABLE b(y);\n",
};

function schemaOf(project: Project): unknown[] {
  const db = project.open();
  try {
    return db
      .prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE 'd1%' AND tbl_name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY type, name",
      )
      .all();
  } finally {
    db.close();
  }
}

/** The rows of wrangler's ledger. */
function ledgerOf(project: Project): unknown {
  const db = project.open();
  try {
    return db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'd1_migrations'").get();
  } finally {
    db.close();
  }
}

test("verify replays what the real wrangler has applied, and a new database gets the same schema from apply", async () => {
  const theirs = makeProject(FILES);
  expect(await wrangler(theirs, ["d1", "migrations", "apply", "DB", "--local"])).toMatchObject({
    code: 0,
  });
  renameSync(
    join(theirs.dir, "migrations/0001_users.sql"),
    join(theirs.dir, "migrations/0001_people.sql"),
  );
  const verified = await d1ops(theirs, ["migrate", "verify", "--json"]);
  expect(reportOf(verified)).toMatchObject({
    exitCode: 0,
    findings: [],
    checks: expect.arrayContaining([
      expect.objectContaining({ id: "schema.matches", outcome: "pass" }),
    ]),
  });
  const { "migrations/0001_users.sql": users, ...others } = FILES;
  const fresh = makeProject({ ...others, "migrations/0001_people.sql": users });
  const applied = await d1ops(fresh, ["migrate", "apply", "--local", "--json"]);
  expect(reportOf(applied)).toMatchObject({ exitCode: 0, findings: [] });
  expect(schemaOf(fresh)).toEqual(schemaOf(theirs));
  expect(ledgerOf(fresh)).toEqual(ledgerOf(theirs));
});

test("the real wrangler fails at the line that the plan reports", async () => {
  const project = makeProject({
    "migrations/0001_t.sql": "CREATE TABLE t(a);\nBEGIN;\nINSERT INTO t VALUES (1);\nCOMMIT;\n",
  });
  const planned = await d1ops(project, ["migrate", "plan", "--json"]);
  expect(planned.code).toBe(1);
  expect(reportOf(planned).findings).toMatchObject([
    { rule: "transaction", line: 2 },
    { rule: "transaction", line: 4 },
  ]);
  const run = await wrangler(project, ["d1", "migrations", "apply", "DB", "--local"]);
  expect(run.code).toBe(1);
  expect(run.stdout + run.stderr).toContain("To execute a transaction");
});
