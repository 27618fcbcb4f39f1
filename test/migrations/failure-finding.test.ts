import { describe, expect, test } from "vitest";
import { adviceFor } from "../../src/migrations/failure-finding.ts";
import type { Offending } from "../../src/migrations/offending.ts";

const STATEMENT =
  "D1 rolled the whole migration back. Change the statement and run the same command again.";

function advice(message: string, statements = ["SELECT 1;"], offending: Offending | null = null) {
  return adviceFor(statements, message, offending);
}

describe("adviceFor a failed migration", () => {
  test.each([
    "no such table: x",
    'near "SELEC": syntax error at offset 0: SQLITE_ERROR',
    "my NOT NULL constraint failed",
    "row: malformed JSON",
    "it cannot store TEXT value in INT column a.b",
    "datatype mismatch, says the trigger",
  ])("suggests changing the statement after: %s", (message) => {
    expect(advice(message)).toBe(STATEMENT);
  });

  test.each<readonly [message: string, says: RegExp]>([
    ["NOT NULL constraint failed: users.email", /back\. Change the data, or replace NULL/],
    [
      "D1_ERROR: UNIQUE constraint failed: users.email: SQLITE_CONSTRAINT",
      /each value occurs once/,
    ],
    ["CHECK constraint failed: age > 17", /passes the check/],
    ["FOREIGN KEY constraint failed: SQLITE_CONSTRAINT", /insert the referenced rows first/],
    ["cannot store TEXT value in INT column a.b", /the column has another type/],
    ["datatype mismatch: SQLITE_MISMATCH", /the column has another type/],
    ...[
      "malformed JSON",
      "bad JSON path: '$x'",
      "JSON path error near 'x'",
      "integer overflow",
      "LIKE or GLOB pattern too complex",
      "string or blob too big",
      "triggers nested too deep",
      "too many levels of trigger recursion",
    ].map((message) => [message, /a value causes this/] as const),
  ])("suggests changing the data after: %s", (message, says) => {
    const found = advice(message);
    expect(found).toMatch(says);
    expect(found).toMatch(
      /^D1 rolled the whole migration back\. .* Then run the same command again\.$/,
    );
  });

  test("suggests changing the statement that D1 rejects, among all that may have failed", () => {
    const statements = ["SELECT 1;", "ALTER TABLE t ADD COLUMN a TEXT NOT NULL;"];
    expect(advice("Cannot add a NOT NULL column with default value NULL", statements)).toMatch(
      /back\. D1 rejects this\. Instead: a constant default/,
    );
  });

  test("suggests removing a statement that has no replacement", () => {
    expect(advice("To execute a transaction, please use", ["BEGIN;"])).toBe(
      "D1 rolled the whole migration back. Remove the statement: each file is already one transaction.",
    );
  });
});

describe("adviceFor incomplete input", () => {
  const TRIGGER = "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END";

  test.each([
    [TRIGGER],
    [`${TRIGGER.toLowerCase()} ;  `],
    ["SELECT 1;", `${TRIGGER.replace("TRIGGER", "TRIGGER IF NOT EXISTS")};`],
    [TRIGGER.replace("CREATE", "CREATE TEMP")],
  ])("names D1's API as the cause for a complete trigger: %j", (...statements) => {
    expect(advice("incomplete input: SQLITE_ERROR", statements)).toContain(
      "D1's API has cut a trigger",
    );
  });

  test.each([
    TRIGGER.replace(" END", ""),
    `${TRIGGER}ED`,
    `${TRIGGER} x`,
    "SELECT CASE 1 WHEN 1 THEN 2 END",
    "SELECT (1",
  ])("names the statement as the cause for any other statement: %s", (statement) => {
    expect(advice("incomplete input: SQLITE_ERROR", [statement])).toBe(STATEMENT);
  });

  test("names the statement as the cause of another error of a complete trigger", () => {
    expect(advice("no such table: t", [TRIGGER])).toBe(STATEMENT);
  });
});

describe("adviceFor offending rows", () => {
  const told = (rows: number, keys: string[]): string =>
    advice("NOT NULL constraint failed: t.a", ["SELECT 1;"], { rows, keys, what: "t.a is NULL" });

  test.each([
    [1, ["id = 4"], "1 row: t.a is NULL (id = 4)."],
    [2, ["id = 4", "id = 9"], "2 rows: t.a is NULL (id = 4; id = 9)."],
    [1234, ["id = 4", "id = 9"], "1,234 rows: t.a is NULL (the first are id = 4; id = 9)."],
  ])("contains their number and their keys: %i", (rows, keys, says) => {
    expect(told(rows, keys)).toContain(`back. ${says} Change the data`);
  });
});
