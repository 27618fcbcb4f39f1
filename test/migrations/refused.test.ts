import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import { REFUSED, refusedBy } from "../../src/migrations/refused.ts";
import { ROOT } from "../project.ts";

test("migrations/README.md lists the same rejected statements as refusedBy", () => {
  const page = readFileSync(join(ROOT, "migrations/README.md"), "utf8");
  const section = /\| what \| instead \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(page)?.[1] ?? "";
  expect(section.trim().split("\n")).toEqual(
    REFUSED.map(({ what, instead }) => `| ${what} | ${instead} |`),
  );
});

const SETUP = `CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT);
CREATE TABLE u(id INTEGER PRIMARY KEY, t INT);
CREATE INDEX t_b ON t(b);
INSERT INTO t VALUES (1, 'x', 'y');`;

/** D1's error message for a statement, without its frame. */
async function refusal(...statements: readonly string[]): Promise<string> {
  const { d1, close } = openMemory();
  try {
    for (const setup of SETUP.split("\n")) await d1.prepare(setup).run();
    await d1.batch(statements.map((one) => d1.prepare(one)));
    return "";
  } catch (error) {
    return error instanceof Error ? error.message.replace("D1_ERROR: ", "") : "";
  } finally {
    close();
  }
}

const CASES: readonly (readonly [row: string, ...statements: string[]])[] = [
  ["BEGIN", "BEGIN"],
  ["BEGIN", "SAVEPOINT s"],
  ["TEMP", "CREATE TEMP TABLE x(a)"],
  ["TEMP", "create temporary view x as select 1"],
  ["ATTACH", "ATTACH 'x' AS x"],
  ["ATTACH", "VACUUM"],
  ["_cf_", "CREATE TABLE _cf_x(a)"],
  ["_cf_", 'ALTER TABLE t RENAME TO "_cf_t"'],
  ["sqlite_master", "DELETE FROM sqlite_master"],
  ["PRAGMA user_version", "PRAGMA user_version = 3"],
  ["PRAGMA user_version", "PRAGMA writable_schema = ON"],
  ["ADD CONSTRAINT", "ALTER TABLE t\n  ADD CONSTRAINT c CHECK (a <> '')"],
  ["ADD CONSTRAINT", "ALTER TABLE t ALTER COLUMN a SET NOT NULL"],
  ["ADD CONSTRAINT", "ALTER TABLE main.t DROP CONSTRAINT c"],
  ["ADD CONSTRAINT", "ALTER TABLE t ALTER COLUMN a TYPE INTEGER"],
  ["ADD CONSTRAINT", "ALTER TABLE t MODIFY COLUMN a INTEGER"],
  ["ADD CONSTRAINT", "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u(id)"],
  ["PRIMARY KEY` or", "ALTER TABLE t ADD COLUMN c INTEGER UNIQUE"],
  ["NOT NULL` without", "ALTER TABLE t ADD COLUMN c TEXT NOT NULL"],
  ["not constant (", "ALTER TABLE t ADD COLUMN c TEXT DEFAULT CURRENT_TIMESTAMP"],
  ["not constant (", "ALTER TABLE t ADD COLUMN c TEXT DEFAULT (datetime('now'))"],
  ["REFERENCES", "ALTER TABLE t ADD COLUMN c INT DEFAULT 1 REFERENCES u(id)"],
  ["STORED", "ALTER TABLE t ADD COLUMN c GENERATED ALWAYS AS (a) STORED"],
  [
    "a view or a trigger",
    "CREATE VIEW v AS SELECT a FROM t",
    "CREATE TABLE n(id INTEGER PRIMARY KEY, a TEXT)",
    "DROP TABLE t",
    "ALTER TABLE n RENAME TO t",
  ],
  ["in an index", "ALTER TABLE t DROP COLUMN b"],
  ["a default in parentheses", "CREATE TABLE x(a, b DEFAULT (a))"],
  ["a default in parentheses", "CREATE TABLE x(a, b DEFAULT ((SELECT 1)))"],
  ["a default in parentheses", "ALTER TABLE t ADD COLUMN c DEFAULT (a || b)"],
  ["a default with a function", "CREATE TABLE x(a INTEGER NOT NULL DEFAULT unixepoch(), b)"],
  ["a default with a function", "CREATE TABLE x(a TEXT default\n datetime('now'))"],
  ["a default with a function", "CREATE TABLE IF NOT EXISTS x(a DEFAULT -1.5 + 1, b)"],
  ["a default with a function", "CREATE TABLE x(a DEFAULT 'it''s' || 'b')"],
  ["a default with a function", "ALTER TABLE t ADD COLUMN c INTEGER DEFAULT unixepoch()"],
  [
    "five terms",
    "SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION ALL SELECT 4 UNION SELECT 5 UNION SELECT 6",
  ],
  ["virtual tables", "CREATE VIRTUAL TABLE x USING fts4(a)"],
  ["load_extension", "SELECT sqlite_version()"],
  ["load_extension", "INSERT INTO t(a) SELECT uuid()"],
];

describe("refusedBy", () => {
  test.each(CASES)(
    "returns the row of a statement that D1 rejects: %s: %s",
    async (row, ...statements) => {
      const message = await refusal(...statements);
      expect(message).not.toBe("");
      const found = refusedBy(statements.at(-1) ?? "", message);
      expect(found?.what ?? message).toContain(row);
    },
  );

  test("has a test case for each row", () => {
    const rows = CASES.map(([row]) => row);
    expect(REFUSED.filter(({ what }) => !rows.some((row) => what.includes(row)))).toEqual([]);
  });
});

test.each([
  "SELECT nope FROM t",
  "SELEC 1",
  "INSERT INTO t VALUES (1, 'x', 'y')",
  "CREATE TABLE t(a)",
  "ALTER TABLE t ADD COLUMN a TEXT",
  "UPDATE t SET id = json('{')",
  "CREATE TABLE x(a DEFAULT (1), (b))",
])("refusedBy returns null for a statement that is merely wrong: %s", async (statement) => {
  const message = await refusal(statement);
  expect(message).not.toBe("");
  expect(refusedBy(statement, message)).toBeNull();
});
