import { describe, expect, test } from "vitest";
import { problemFinding } from "../../src/migrations/findings.ts";
import { unrunnableOf } from "../../src/migrations/unrunnable.ts";
import { migration } from "./make.ts";

function findings(text: string): { rule: string; line?: number; message: string; help?: string }[] {
  const [whole, split] = [migration("0004_x.sql", text), migration("0004_x.sql", text)];
  expect(split.statements.length).toBeGreaterThanOrEqual(0);
  expect([whole.isSplit, split.isSplit]).toEqual([false, true]);
  const [found, again] = [whole, split].map((one) =>
    unrunnableOf(one).map((problem) => problemFinding(problem, "error")),
  );
  expect(again).toEqual(found);
  return found ?? [];
}

function lines(text: string): string[] {
  return findings(text).map(({ rule, line }) => `${rule} ${line}`);
}

describe("transaction statements in a migration", () => {
  test.each([
    ["as SQLite's dumps have it", "BEGIN TRANSACTION;\nCREATE TABLE t(a);\nCOMMIT;", []],
    ["without COMMIT", "BEGIN TRANSACTION;\nCREATE TABLE t(a);", []],
    [
      "after a comment",
      "-- as exported\nBEGIN TRANSACTION; CREATE TABLE t(a); /* end */ COMMIT;",
      [],
    ],
    ["in small letters", "begin transaction;\nCREATE TABLE t(a);\ncommit;", [1, 3]],
    ["in their short form", "BEGIN;\nCREATE TABLE t(a);\nCOMMIT;", [1, 3]],
    ["with END instead of COMMIT", "BEGIN TRANSACTION;\nCREATE TABLE t(a);\nEND;", [3]],
    ["with a comment inside", "BEGIN /* now */ TRANSACTION;\nSELECT 1;\nCOMMIT;", [1, 3]],
    ["with a space before its semicolon", "BEGIN TRANSACTION ;\nSELECT 1;", [1]],
    ["with another mode", "BEGIN IMMEDIATE TRANSACTION;\nSELECT 1;\nCOMMIT TRANSACTION;", [1, 3]],
    [
      "twice",
      "BEGIN TRANSACTION;\nSELECT 1;\nCOMMIT;\nBEGIN TRANSACTION;\nSELECT 2;\nCOMMIT;",
      [4, 6],
    ],
    ["with ROLLBACK", "BEGIN TRANSACTION;\nSELECT 1;\nROLLBACK;", [3]],
    ["with COMMIT alone", "SELECT 1;\nCOMMIT;", [2]],
    ["with savepoints", "SAVEPOINT a;\nSELECT 1;\nROLLBACK TO a;\nRELEASE a;", [1, 3, 4]],
    [
      "not BEGIN and END of a trigger",
      "CREATE TRIGGER r AFTER INSERT ON t BEGIN\n  SELECT CASE 1 WHEN 1 THEN 2 END;\nEND;",
      [],
    ],
    ["not in a comment", "-- BEGIN TRANSACTION; is not needed\n/* COMMIT; */ SELECT 1;", []],
    ["not in a string", "INSERT INTO t VALUES ('BEGIN TRANSACTION;'),\n('COMMIT;');", []],
    ["not as a name", 'SELECT 1 AS "begin", 2 AS [commit];', []],
  ])("are reported where D1 would reject them: %s", (_, text, expected) => {
    expect(lines(text)).toEqual(expected.map((line) => `transaction ${line}`));
  });

  test("are removed if wrangler removes them, and strings stay unchanged", () => {
    const { statements } = migration(
      "0001.sql",
      "BEGIN TRANSACTION;\nINSERT INTO t VALUES ('BEGIN TRANSACTION; COMMIT;');\nCOMMIT;",
    );
    expect(statements).toMatchObject([
      { text: "INSERT INTO t VALUES ('BEGIN TRANSACTION; COMMIT;');", line: 2 },
    ]);
  });

  test("do not change the checksum if wrangler removes them", () => {
    const checksum = (text: string): string => migration("0001.sql", text).checksum;
    expect(checksum("BEGIN TRANSACTION;\nSELECT 1;\nCOMMIT;")).toBe(checksum("SELECT 1;"));
    expect(checksum("BEGIN;\nSELECT 1;\nCOMMIT;")).not.toBe(checksum("SELECT 1;"));
  });

  test.each([
    ["BEGIN;", "Remove BEGIN and COMMIT."],
    ["END;", "Remove BEGIN and COMMIT."],
    ["ROLLBACK;", "Remove ROLLBACK and the statements that it undoes."],
    ["SAVEPOINT s;", "Remove SAVEPOINT and RELEASE."],
  ])("are reported with what to remove: %s", (text, help) => {
    const [finding] = findings(`SELECT 1;\n\n${text}`);
    expect(finding).toMatchObject({
      rule: "transaction",
      level: "error",
      line: 3,
      message: expect.stringContaining(`0004_x.sql: line 3 has ${text.split(/[; ]/)[0]}`),
      help: expect.stringContaining(help),
    });
  });
});

describe("invisible characters in a migration", () => {
  const names: [string, string][] = [
    ["\u00A0", "no-break space (U+00A0)"],
    ["\u3000", "ideographic space (U+3000)"],
    ["\u2028", "line separator (U+2028)"],
    ["\u2029", "paragraph separator (U+2029)"],
    ["\u2003", "typographic space (U+2003)"],
    ["\u202F", "narrow no-break space (U+202F)"],
    ["\u1680", "invisible character (U+1680)"],
    ["\uFEFF", "byte order mark (U+FEFF)"],
    ["\u200B", "zero width space (U+200B)"],
    ["\u00AD", "soft hyphen (U+00AD)"],
    ["\u2066", "invisible character (U+2066)"],
  ];

  test.each(names)(
    "are reported with line and column if they are inside a statement: %j",
    (character, name) => {
      const text = `CREATE TABLE t(a);\r\nSELECT a${character}b FROM t;`;
      expect(findings(text)).toMatchObject([
        {
          rule: "unseen",
          level: "error",
          line: 2,
          message: expect.stringContaining(`line 2 has a ${name} in column 9.`),
        },
      ]);
    },
  );

  test.each([
    ["between statements", "SELECT 1;\u00A0\nSELECT 2;\u3000", []],
    ["before a semicolon", "SELECT a\u00A0;", []],
    [
      "in a string, a comment, a quoted name",
      "SELECT '\u00A0' /* \u3000 */ AS \"a\u00A0b\" -- \u2028\n;",
      [],
    ],
    [
      "not joiners, which words need",
      "SELECT 1 AS \u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645;",
      [],
    ],
    ["a vertical tab before a token", 'SELECT (\n"a"\v);', [2]],
    ["after a number", "SELECT (1\u00A0);", [1]],
    [
      "a zero width space between statements, which wrangler keeps",
      "SELECT 1;\n\u200BSELECT 2;",
      [2],
    ],
    ["once per line", "SELECT\u00A01,\u00A02,\n\u00A03;", [1, 2]],
  ])("are reported only where D1 rejects them: %s", (_, text, expected) => {
    expect(lines(text)).toEqual(expected.map((line) => `unseen ${line}`));
  });

  test("are reported once per line with the name of the first one", () => {
    expect(findings("SELECT\u00A01,\u30002;")).toMatchObject([
      { message: expect.stringContaining("has a no-break space (U+00A0) in column 7.") },
    ]);
  });
});
