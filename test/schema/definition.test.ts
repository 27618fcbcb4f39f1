import { describe, expect, test } from "vitest";
import { type Definition, parseDefinition } from "../../src/schema/definition.ts";
import type { Lexeme } from "../../src/sql/lexemes.ts";

/** Joins lists of lexemes into readable text. */
function readable(definition: Definition | null): unknown {
  const text = (list: readonly Lexeme[]): string => list.map((lexeme) => lexeme.text).join(" ");
  const isLexemes = (value: unknown): value is Lexeme[] =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => item !== null && typeof item === "object" && "kind" in item);
  return JSON.parse(
    JSON.stringify(definition, (_, value: unknown) => (isLexemes(value) ? text(value) : value)),
  );
}

const table = {
  object: "table",
  name: "t",
  columns: [],
  autoincrement: false,
  primaryKey: null,
  uniques: [],
  checks: [],
  foreignKeys: [],
  unknown: [],
};
const column = { notNullConflict: null, collation: null, generated: null };

describe("parseDefinition of CREATE TABLE", () => {
  test("does not read words of a type as constraints", () => {
    expect(
      readable(
        parseDefinition(
          'CREATE TABLE t(a VARCHAR(20) NOT NULL, b "primary" key key, c generated always, d int(1, 2))',
        ),
      ),
    ).toEqual({
      ...table,
      columns: [
        { ...column, name: "a" },
        { ...column, name: "b" },
        { ...column, name: "c" },
        { ...column, name: "d" },
      ],
    });
  });

  test("reads constraints at a column", () => {
    const sql = `CREATE TEMP TABLE IF NOT EXISTS main."t" (
      a INTEGER CONSTRAINT k PRIMARY KEY DESC ON CONFLICT FAIL AUTOINCREMENT NOT NULL ON CONFLICT IGNORE NULL,
      b DEFAULT (a, ')') CHECK (b IN (1, 2)) UNIQUE ON CONFLICT REPLACE COLLATE "NoCase" DEFAULT -5 CONSTRAINT c CHECK (1) CHECK (2),
      c GENERATED ALWAYS AS (a || ',') STORED REFERENCES p (x, y) ON DELETE SET NULL MATCH FULL ON UPDATE NO ACTION NOT DEFERRABLE,
      d AS (1) VIRTUAL REFERENCES q ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
    ) STRICT, WITHOUT ROWID`;
    expect(readable(parseDefinition(sql))).toEqual({
      ...table,
      autoincrement: true,
      columns: [
        { ...column, name: "a", notNullConflict: "IGNORE" },
        { ...column, name: "b", collation: "NoCase" },
        { ...column, name: "c", generated: "a || ','" },
        { ...column, name: "d", generated: "1" },
      ],
      primaryKey: { columns: ["a"], conflict: "FAIL" },
      uniques: [{ columns: ["b"], conflict: "REPLACE" }],
      checks: [
        { name: null, expression: "b IN ( 1 , 2 )" },
        { name: "c", expression: "1" },
        { name: "c", expression: "2" },
      ],
      foreignKeys: [{ deferred: false }, { deferred: true }],
    });
  });

  test("reads constraints of the table, with and without commas", () => {
    const sql = `CREATE TABLE t(a, b
      , PRIMARY KEY (a COLLATE NOCASE DESC, b) ON CONFLICT ROLLBACK CONSTRAINT u UNIQUE ("b", [a])
        CHECK (a) ON CONFLICT IGNORE, CHECK (b)
        FOREIGN KEY (a, b) REFERENCES p (x, y) DEFERRABLE INITIALLY DEFERRED,
      FOREIGN KEY (a) REFERENCES p)`;
    expect(readable(parseDefinition(sql))).toEqual({
      ...table,
      columns: [
        { ...column, name: "a" },
        { ...column, name: "b" },
      ],
      primaryKey: { columns: ["a", "b"], conflict: "ROLLBACK" },
      uniques: [{ columns: ["b", "a"], conflict: null }],
      checks: [
        { name: "u", expression: "a" },
        { name: null, expression: "b" },
      ],
      foreignKeys: [{ deferred: true }, { deferred: false }],
    });
  });

  test("keeps parts that it does not know", () => {
    expect(
      readable(
        parseDefinition(
          "CREATE TABLE t(a INT NOT NULL FROZEN (1, 2) UNIQUE, CONSTRAINT x EXCLUDE USING (a) CHECK (a))",
        ),
      ),
    ).toMatchObject({
      uniques: [{ columns: ["a"] }],
      checks: [{ expression: "a" }],
      unknown: ["FROZEN ( 1 , 2 )", "EXCLUDE USING ( a )"],
    });
  });

  test.each([
    "CREATE TABLE",
    "CREATE TABLE t",
    "CREATE TABLE t(",
    "CREATE TABLE t(a CHECK (",
    "CREATE TABLE t(,,)",
    "CREATE TABLE t(a,)",
    "CREATE TABLE t(-)",
    "CREATE TABLE t(a REFERENCES",
    "CREATE TABLE t(a ON",
    "CREATE TABLE t)(",
    "CREATE TABLE t(a 'open",
  ])("does not fail on an incomplete definition: %s", (sql) => {
    expect(parseDefinition(sql)).toMatchObject({ object: "table" });
  });
});

test.each([
  [
    "create virtual table if not exists main.s using fts5",
    { object: "virtual table", name: "s", module: "fts5", args: [] },
  ],
  [
    "CREATE VIRTUAL TABLE s USING fts5(a, b = 'x,y', f(1, 2))",
    { object: "virtual table", name: "s", module: "fts5", args: ["a", "b = 'x,y'", "f ( 1 , 2 )"] },
  ],
  [
    "CREATE UNIQUE INDEX i ON t(a COLLATE x DESC, f(a, b) ASC, (a) COLLATE y, a || b COLLATE z, desc) WHERE a;",
    {
      object: "index",
      name: "i",
      table: "t",
      unique: true,
      terms: [
        { expression: "a", collation: "x", descending: true },
        { expression: "f ( a , b )", collation: null, descending: false },
        { expression: "( a )", collation: "y", descending: false },
        { expression: "a || b COLLATE z", collation: null, descending: false },
        { expression: "desc", collation: null, descending: true },
      ],
      where: "a",
    },
  ],
  [
    'CREATE TRIGGER tr AFTER UPDATE OF "on", b ON t WHEN NEW.begin BEGIN SELECT 1; END;',
    {
      object: "trigger",
      name: "tr",
      table: "t",
      timing: "AFTER",
      event: "UPDATE",
      columns: ["on", "b"],
      when: "NEW . begin",
      body: "SELECT 1 ;",
    },
  ],
  [
    "CREATE TRIGGER tr INSTEAD OF INSERT ON v FOR EACH ROW BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END",
    {
      object: "trigger",
      name: "tr",
      table: "v",
      timing: "INSTEAD OF",
      event: "INSERT",
      columns: [],
      when: null,
      body: "SELECT CASE 1 WHEN 1 THEN 2 END ;",
    },
  ],
  [
    "CREATE TRIGGER tr ON COMMIT BEGIN SELECT 1; END",
    {
      object: "trigger",
      name: "tr",
      table: "",
      timing: "BEFORE",
      event: "",
      columns: [],
      when: null,
      body: "COMMIT BEGIN SELECT 1 ;",
    },
  ],
  [
    'CREATE VIEW v("A b", c) AS SELECT 1, 2;',
    { object: "view", name: "v", columns: ["A b", "c"], select: "SELECT 1 , 2" },
  ],
  [
    "CREATE TEMPORARY VIEW v AS VALUES (1)",
    { object: "view", name: "v", columns: null, select: "VALUES ( 1 )" },
  ],
  ["DROP TABLE t", null],
  ["CREATE SEQUENCE s", null],
  ["", null],
])("parseDefinition returns the parts of %j", (sql, expected) => {
  expect(readable(parseDefinition(sql))).toEqual(expected);
});
