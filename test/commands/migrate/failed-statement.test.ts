import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../../fixtures/cloudflare/fake.ts";
import { migrateApply } from "../../../src/commands/migrate/apply.ts";
import type { Finding } from "../../../src/report/report.ts";
import { makeProject } from "../../project.ts";
import { impatientClock, makeRemoteProject } from "../../project/remote.ts";

/** Reports of a failed statement, which are the same for a local database and one at Cloudflare. */

const TABLES = `CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, age INTEGER);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), code TEXT UNIQUE);`;

const ROWS = `INSERT INTO users VALUES (1, 'a@x', 20), (2, 'a@x', -1), (3, NULL, 30), (4, 'b@x', -5), (5, 'b@x', NULL), (6, NULL, 9), (7, NULL, 8), (8, NULL, 7);
INSERT INTO orders VALUES (10, 1, 'A'), (11, 2, 'B'), (12, 2, NULL);`;

interface Case {
  readonly name: string;
  readonly sql: string;
  /** `line:column` of the caret; null if there is no caret. */
  readonly at: string | null;
  readonly help: string;
  readonly rows?: number;
  readonly keys?: readonly string[];
}

const CHANGE_STATEMENT =
  "D1 rolled the whole migration back. Change the statement and run the same command again.";

const CASES: readonly Case[] = [
  {
    name: "a column that the source does not have, also named in the target's list",
    sql: "SELECT 1;\nINSERT INTO users (\n  id, email, code)\nSELECT id,\n  user_id,\n  code\nFROM users;",
    at: "3:14",
    help: CHANGE_STATEMENT,
  },
  {
    name: "a column that is valid in the list and invalid in the SELECT",
    sql: "INSERT INTO orders (id, user_id, code)\nSELECT\n  id,\n  id,\n  code\nFROM users;",
    at: "5:3",
    help: CHANGE_STATEMENT,
  },
  {
    name: "an ambiguous column",
    sql: "INSERT INTO users (id)\nSELECT orders.id\nFROM users, orders\nWHERE orders.code IN (\n  SELECT code FROM orders)\n  AND id > 1;",
    at: "6:7",
    help: CHANGE_STATEMENT,
  },
  {
    name: "the second of two columns with one name",
    sql: "CREATE TABLE x (\n  code TEXT,\n  id INT,\n  Code TEXT\n);",
    at: "4:3",
    help: CHANGE_STATEMENT,
  },
  {
    name: "ADD CONSTRAINT",
    sql: "SELECT 1;\nALTER TABLE users\n  ADD CONSTRAINT adult CHECK (age > 17);",
    at: null,
    help: "Instead: rebuild the table: create a new one, copy the rows, drop the old one, rename the new one.",
  },
  {
    name: "ALTER COLUMN",
    sql: "ALTER TABLE users\n  ALTER COLUMN email TYPE INTEGER;",
    at: "2:22",
    help: "Instead: rebuild the table",
  },
  {
    name: "a default that is not constant",
    sql: "ALTER TABLE users\n  ADD COLUMN at TEXT DEFAULT CURRENT_TIMESTAMP;",
    at: null,
    help: "Instead: `ADD COLUMN` without a default, then `UPDATE`",
  },
  {
    name: "more than five terms of UNION",
    sql: "INSERT INTO users (id)\nSELECT 21 UNION SELECT 22 UNION SELECT 23\nUNION SELECT 24 UNION SELECT 25 UNION SELECT 26;",
    at: null,
    help: "Instead: several statements",
  },
  {
    name: "a view on a rebuilt table",
    sql: "CREATE VIEW emails AS SELECT email FROM users;\nCREATE TABLE users_new(id INTEGER PRIMARY KEY, email TEXT);\nDROP TABLE orders;\nDROP TABLE users;\nALTER TABLE users_new RENAME TO users;",
    at: null,
    help: "Instead: drop the view or trigger first",
  },
  {
    name: "NOT NULL in a rebuild",
    sql: "CREATE TABLE users_new(id INTEGER PRIMARY KEY, email TEXT NOT NULL);\nINSERT INTO users_new (id, email)\nSELECT id, email\nFROM users;",
    at: "2:28",
    help: "4 rows: users_new.email would be NULL (the first are id = 3; id = 6; id = 7). Change the data",
    rows: 4,
    keys: ["id = 3", "id = 6", "id = 7"],
  },
  {
    name: "NOT NULL in an UPDATE",
    sql: "UPDATE orders SET user_id = NULL WHERE id > 10;",
    at: "1:19",
    help: "2 rows: orders.user_id would be NULL (id = 11; id = 12). Change the data",
    rows: 2,
    keys: ["id = 11", "id = 12"],
  },
  {
    name: "UNIQUE of an index",
    sql: "SELECT 1;\nCREATE UNIQUE INDEX users_email\n  ON users (email);",
    at: "3:13",
    help: "2 values: more than once in users.email (email = 'a@x'; email = 'b@x'). Change the data",
    rows: 2,
    keys: ["email = 'a@x'", "email = 'b@x'"],
  },
  {
    name: "UNIQUE in a rebuild",
    sql: "CREATE TABLE mails(email TEXT PRIMARY KEY);\nINSERT INTO mails\nSELECT email FROM users WHERE email IS NOT NULL;",
    at: "3:8",
    help: "2 values: more than once in mails.email",
    rows: 2,
  },
  {
    name: "UNIQUE against existing rows",
    sql: "INSERT INTO orders (id, user_id, code) VALUES\n  (20, 1, 'B'),\n  (21, 1, 'C');",
    at: "1:34",
    help: "1 row: orders.code is in the table already (code = 'B'). Change the data",
    rows: 1,
    keys: ["code = 'B'"],
  },
  {
    name: "CHECK with a name",
    sql: "CREATE TABLE ages(id INTEGER PRIMARY KEY, age INT, CONSTRAINT positive CHECK (age > 0));\nINSERT INTO ages SELECT id, age FROM users;",
    at: null,
    help: "2 rows: ages fails the check positive (id = 2; id = 4). Change the data",
    rows: 2,
    keys: ["id = 2", "id = 4"],
  },
  {
    name: "CHECK without a name",
    sql: "CREATE TABLE ages(id INTEGER PRIMARY KEY, age INT CHECK (age > 0));\nINSERT INTO ages SELECT id, age FROM users;",
    at: null,
    help: "2 rows: ages fails the check age > 0",
    rows: 2,
  },
  {
    name: "FOREIGN KEY of new rows",
    sql: "INSERT INTO orders (id, user_id)\nVALUES (20, 1), (21, 99);",
    at: null,
    help: "1 row: orders.user_id refers to no row of users (id = 21, user_id = 99). Change the data",
    rows: 1,
    keys: ["id = 21, user_id = 99"],
  },
  {
    name: "FOREIGN KEY of a deletion",
    sql: "DELETE FROM users\nWHERE age < 0;",
    at: null,
    help: "2 rows: orders.user_id refers to what the statement deletes (id = 11, user_id = 2; id = 12, user_id = 2). Change the data",
    rows: 2,
  },
  {
    name: "the type of a STRICT table",
    sql: "CREATE TABLE strict(id INTEGER PRIMARY KEY, age TEXT, code INT) STRICT;\nINSERT INTO strict SELECT id, age, email FROM users;",
    at: null,
    help: "4 rows: strict.code would not be INT",
    rows: 4,
  },
  {
    name: "malformed JSON",
    sql: "UPDATE users SET age = json(email);",
    at: null,
    help: "Change the data or the statement: a value causes this.",
  },
];

function check(finding: Finding | undefined, { at, help, rows, keys }: Case): void {
  expect(finding).toMatchObject({ rule: "statement-failed", level: "error" });
  expect(finding?.help).toContain(help);
  const carets = /^ *\| *\^+$/m.test(finding?.excerpt ?? "");
  expect([carets, finding?.excerpt]).toEqual([at !== null, finding?.excerpt]);
  const [line, column] = (at ?? "").split(":").map(Number);
  if (at !== null) expect(finding).toMatchObject({ line, data: { column } });
  expect(finding?.data?.["rows"]).toBe(rows);
  if (keys !== undefined) expect(finding?.data?.["keys"]).toEqual(keys);
}

const FILES = { "migrations/0001_tables.sql": TABLES };

describe("apply --local of a migration that fails", () => {
  test.each(CASES)("reports the position and the cause of $name", async (one) => {
    const project = makeProject(FILES);
    const options = { cwd: project.dir, place: "local" } as const;
    await migrateApply(options);
    const db = project.open();
    db.exec(ROWS);
    db.close();
    project.write("migrations/0002_x.sql", one.sql);
    const report = await migrateApply(options);
    expect(report.exitCode).toBe(3);
    check(report.findings[0], one);
  });
});

describe("apply --remote of a migration that fails", () => {
  let cloudflare: Cloudflare;
  beforeAll(async () => {
    cloudflare = await startCloudflare({ timeTravel: "off" });
  });
  afterAll(() => cloudflare.close());

  test.each(CASES)("reports the position and the cause of $name", async (one) => {
    const project = makeRemoteProject(cloudflare, FILES);
    const options = {
      cwd: project.dir,
      place: "remote",
      yes: true,
      confirm: project.database.name,
      clock: impatientClock(),
      variables: {
        CLOUDFLARE_API_TOKEN: cloudflare.token,
        CLOUDFLARE_ACCOUNT_ID: cloudflare.account,
        CLOUDFLARE_API_BASE_URL: cloudflare.apiBaseUrl,
      },
    } as const;
    await migrateApply(options);
    const db = project.database.open();
    db.exec(ROWS);
    db.close();
    project.write("migrations/0002_x.sql", one.sql);
    const report = await migrateApply(options);
    expect(report.exitCode).toBe(3);
    check(
      report.findings.find(({ rule }) => rule === "statement-failed"),
      one,
    );
  });
});
