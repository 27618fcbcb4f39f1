import * as fc from "fast-check";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { leadingWords } from "../../src/sql/classify.ts";
import {
  quoteIdentifier,
  quoteString,
  sameIdentifier,
  unquoteIdentifier,
  upperCase,
} from "../../src/sql/quote.ts";
import { tokenize } from "../../src/sql/tokens.ts";

describe("quoteIdentifier", () => {
  test.each([
    ["a", '"a"'],
    ['a"b', '"a""b"'],
    ["", '""'],
    ["select", '"select"'],
    ["a;b]`'", `"a;b]\`'"`],
  ])("%j is %s", (name, quoted) => {
    expect(quoteIdentifier(name)).toBe(quoted);
    expect(unquoteIdentifier(quoted)).toBe(name);
  });

  test("writes names that SQLite returns unchanged", () => {
    const db = new DatabaseSync(":memory:");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        const quoted = quoteIdentifier(name);
        expect(tokenize(quoted)).toEqual([{ kind: "quoted", start: 0, end: quoted.length }]);
        expect(db.prepare(`SELECT 1 AS ${quoted}`).columns()[0]?.name).toBe(name);
      }),
      { seed: 10, numRuns: 500 },
    );
  });
});

describe("quoteString", () => {
  test.each([
    ["a", "'a'"],
    ["", "''"],
    ["it's", "'it''s'"],
    ["a\r\n;--", "'a\r\n;--'"],
    ["a\0b'", "('a' || char(0) || 'b''')"],
    ["\0", "('' || char(0) || '')"],
  ])("%j is %s", (text, quoted) => {
    expect(quoteString(text)).toBe(quoted);
  });

  test("writes strings that SQLite returns unchanged, also with NUL", () => {
    const db = new DatabaseSync(":memory:");
    const texts = fc.string({
      unit: fc.constantFrom("'", '"', "\0", "a", "\n", "😀", "é", ";", "\\", "%"),
    });
    fc.assert(
      fc.property(texts, (text) => {
        const row = db
          .prepare(`SELECT hex(${quoteString(text)}) AS h, typeof(${quoteString(text)}) AS t`)
          .get();
        expect(row).toEqual({ h: Buffer.from(text).toString("hex").toUpperCase(), t: "text" });
      }),
      { seed: 11, numRuns: 1_000 },
    );
  });
});

test.each([
  ["a", "a"],
  ["SELECT", "SELECT"],
  ['"a""b"', 'a"b'],
  ["`a``b`", "a`b"],
  ["[a]", "a"],
  ['[a""b]', 'a""b'],
  ["'it''s'", "it's"],
  ['""', ""],
  ['"', '"'],
  ['"a', '"a'],
  ["[a", "[a"],
  ["", ""],
])("unquoteIdentifier(%j) is %j", (token, name) => {
  expect(unquoteIdentifier(token)).toBe(name);
});

test.each([
  ["users", "USERS", true],
  ["users", "user", false],
  ["É", "é", false],
  ["K", "\u212A", false],
  ["ß", "SS", false],
  ["ſ", "S", false],
  ["a_1$", "A_1$", true],
  ["[", "{", false],
])("sameIdentifier(%j, %j) is %s", (a, b, same) => {
  expect(sameIdentifier(a, b)).toBe(same);
  expect(sameIdentifier(b, a)).toBe(same);
});

test("upperCase changes only a to z", () => {
  expect(upperCase("azAZéßſ\u0131@[`{")).toBe("AZAZéßſ\u0131@[`{");
});

test.each([
  ["create /* x */ Table\n-- y\n t(a)", 3, ["CREATE", "TABLE", "T"]],
  ["create table t(a)", 2, ["CREATE", "TABLE"]],
  ['CREATE TABLE "x"', 5, ["CREATE", "TABLE"]],
  ["pragma foreign_keys = off", 5, ["PRAGMA", "FOREIGN_KEYS"]],
  ["\uFEFF -- x\nSELECT", 1, ["SELECT"]],
  ["straße é", 2, ["STRAßE", "é"]],
  ["(SELECT 1)", 1, []],
  ["", 3, []],
  ["-- SELECT", 3, []],
  ["SELECT 1", 0, []],
])("leadingWords(%j, %d) returns the bare words in upper case", (statement, count, words) => {
  expect(leadingWords(statement, count)).toEqual(words);
});
