import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type NameCheck, openNameCheck } from "../../src/database/name-check.ts";

const SCHEMA = [
  'CREATE TABLE t(a, "b" TEXT)',
  'CREATE TABLE u(a, "c d" DEFAULT "text", e)',
  'CREATE VIEW v AS SELECT a, "b" FROM t',
  "CREATE TABLE k(id INTEGER PRIMARY KEY, n UNIQUE)",
];

let names: NameCheck;
beforeEach(() => {
  names = openNameCheck();
  names.begin();
  for (const statement of SCHEMA) names.follow(statement);
});
afterEach(() => names.close());

/** The names that are texts, each with the statement's table. */
function texts(statement: string): string[] {
  return names.check(statement).map(({ name, start, end, table }) => {
    expect(statement.slice(start, end)).toBe(`"${name.replaceAll('"', '""')}"`);
    return `${table}: ${name}`;
  });
}

describe("the name check of a name in double quotes that no column has", () => {
  test.each<[string, string[]]>([
    ['INSERT INTO u SELECT "code", "b", 1 FROM t', ["u: code"]],
    ['INSERT INTO "t"("a") VALUES("x"),("y"),("x")', ["t: x", "t: y"]],
    ['UPDATE t SET a = "B c" WHERE "b" = \'x\'', ["t: B c"]],
    ['DELETE FROM t WHERE "b" = "k" ORDER BY "b" LIMIT 1', ["t: k"]],
    [
      'INSERT INTO k VALUES(1,2) ON CONFLICT(id) DO UPDATE SET n="up" RETURNING "re"',
      ["k: up", "k: re"],
    ],
    ['SELECT "a" FROM t ORDER BY "zz"', ["null: zz"]],
    ['SELECT "a""b" FROM t', ['null: a"b']],
    ['WITH "c" AS (SELECT a AS "k" FROM u) SELECT "k", "c"."k", "kk" FROM "c"', ["null: kk"]],
    ['CREATE TABLE x(a CHECK(a <> "no"), b AS ("gen" || a))', ["x: no", "x: gen"]],
    ['CREATE TABLE x AS SELECT "nine" AS "n"', ["x: nine"]],
    ['CREATE INDEX i ON t("bb")', ["t: bb"]],
    ['CREATE INDEX i ON t(a) WHERE "b" = "part"', ["t: part"]],
    ['ALTER TABLE t ADD COLUMN z CHECK("z" <> "zno") DEFAULT "dd"', ["t: zno"]],
    ['CREATE VIEW x AS SELECT "a", "nope" FROM "t"', ["x: nope"]],
    [
      'CREATE TRIGGER g AFTER UPDATE OF "b" ON t WHEN new."b" = "when" BEGIN UPDATE u SET a = "body" WHERE "a" = 1; END',
      ["t: when", "t: body"],
    ],
    ['CREATE TRIGGER g BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, "no"); END', ["t: no"]],
    ['CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT "vv"; END', ["v: vv"]],
    ['SELECT "x", x."x", "y" FROM (SELECT 1 AS "z") AS x', []],
    ['SELECT "x", "y" FROM (SELECT 1 AS "x")', ["null: y"]],
  ])("returns the table and the name: %s", (statement, expected) =>
    expect(texts(statement)).toEqual(expected),
  );

  test("returns the position where it is a text, not a position where a column has the name", () => {
    const statement = 'INSERT INTO u(a, e) SELECT (SELECT "n" FROM k), "n" FROM t';
    expect(names.check(statement)).toMatchObject([
      { name: "n", start: statement.lastIndexOf('"n"') },
    ]);
  });

  test("returns its position before a position where a column has the name", () => {
    const statement = 'INSERT INTO u(a, e) SELECT "n", (SELECT "n" FROM k) FROM t';
    expect(names.check(statement)).toMatchObject([{ name: "n", start: statement.indexOf('"n"') }]);
  });

  test("returns it although a trigger of the table needs a missing table", () => {
    names.follow("CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO later VALUES(1); END");
    expect(texts('INSERT INTO t(a) VALUES("x")')).toEqual(["t: x"]);
    names.follow("DROP TRIGGER g");
    expect(texts('INSERT INTO t(a) VALUES("x")')).toEqual(["t: x"]);
  });

  test("returns it in a migration after one that left legacy_alter_table on", () => {
    names.follow("PRAGMA legacy_alter_table = ON");
    names.begin();
    names.follow("ALTER TABLE t RENAME TO w");
    expect(texts('SELECT "a", "zz" FROM v')).toEqual(["null: zz"]);
  });

  test("uses the schema at that statement", () => {
    expect(texts('SELECT "late" FROM t')).toEqual(["null: late"]);
    names.follow("ALTER TABLE t ADD COLUMN late");
    expect(texts('SELECT "late" FROM t')).toEqual([]);
    names.follow('ALTER TABLE t RENAME COLUMN "late" TO "later"');
    expect(texts('SELECT "late" FROM t')).toEqual(["null: late"]);
    names.follow("DROP TABLE t");
    expect(texts('SELECT "late" FROM t')).toEqual([]);
  });

  test("returns only the new names if the schema contains several such names", () => {
    names.follow('CREATE TABLE x(a, b CHECK(b <> "no"))');
    names.follow('CREATE VIEW y AS SELECT a, "one" AS o FROM x');
    names.follow('CREATE TRIGGER g AFTER INSERT ON x BEGIN SELECT "two"; END');
    names.follow("ALTER TABLE x RENAME COLUMN a TO aa");
    expect(texts('INSERT INTO x("aa") VALUES("three")')).toEqual(["x: three"]);
    expect(texts('SELECT "o", "four" FROM y')).toEqual(["null: four"]);
  });

  test("returns at most twenty of many names in a statement", () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `("x${i % 40}")`);
    const found = texts(`INSERT INTO t(a) VALUES ${rows.join(",")}`);
    expect(found).toHaveLength(20);
    expect(found).toEqual(Array.from({ length: 20 }, (_, i) => `t: x${i + 20}`));
  });
});

describe("the name check of names that exist", () => {
  test.each([
    'INSERT INTO "t"("a", "b") SELECT "a", "A" FROM "u"',
    'SELECT "t"."a", "c d", "rowid" FROM "t", "u" AS "w"',
    'SELECT "x".a FROM t AS "x" GROUP BY "x"."b"',
    'SELECT a AS "al" FROM t ORDER BY "al"',
    'CREATE TABLE "1"("from" DEFAULT "text", "select" COLLATE "nocase", PRIMARY KEY("from"))',
    'CREATE UNIQUE INDEX "i" ON "t"("a") WHERE "b" IS NOT NULL',
    'CREATE VIEW "x" AS SELECT "a" FROM "later"',
    'CREATE TRIGGER "g" AFTER INSERT ON "t" BEGIN DELETE FROM "t" WHERE "a" = new."a"; END',
    'ALTER TABLE "t" RENAME TO "q"',
    'ALTER TABLE "t" ADD COLUMN "z" TEXT DEFAULT "dd" REFERENCES "u"("a")',
    'DROP TABLE "t"',
    'PRAGMA table_info("t")',
    'INSERT INTO t VALUES(\'{"a":"b"}\', \'"x"\')',
    "SELECT [none], `none` FROM t",
  ])("returns nothing: %s", (statement) => expect(texts(statement)).toEqual([]));

  test("returns nothing for statements that SQLite rejects for another reason", () => {
    for (const statement of [
      'SELECT "x" FRM t',
      'SELECT "x" FROM nothing',
      'ATTACH "x" AS y',
      "BEGIN",
    ]) {
      expect(texts(statement)).toEqual([]);
    }
    expect(texts('SELECT "still" FROM t')).toEqual(["null: still"]);
  });
});

test("the name check runs no statement that writes to the disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "d1ops-names-"));
  try {
    const path = join(folder, "x.sqlite");
    for (const statement of [
      `VACUUM INTO '${path}'`,
      `ATTACH '${path}' AS x`,
      "CREATE TABLE x.y(a)",
    ]) {
      names.follow(statement);
      names.check(`${statement} -- "quoted"`);
    }
    expect(existsSync(path)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
