import { describe, expect, test } from "vitest";
import { culprit } from "../../src/sql/culprit.ts";
import { tokenize } from "../../src/sql/tokens.ts";
import { random } from "./random.ts";
import { SCHEMA, script } from "./scripts.ts";
import { execute, prepare } from "./sqlite.ts";

/** Returns the statement with the culprit in guillemets. The message may have D1's frame (`D1_ERROR: …`). */
function marked(
  statement: string,
  message: string,
  refuses?: (prefix: string) => boolean,
): string | null {
  const found = culprit(statement, message, refuses);
  if (found === null) return null;
  const end = found.start + found.length;
  return `${statement.slice(0, found.start)}«${statement.slice(found.start, end)}»${statement.slice(end)}`;
}

/** A message, and the statement with its culprit marked. */
type Case = readonly [message: string, expected: string];
const bare = (expected: string): string => expected.replace("«", "").replace("»", "");

describe("culprit with D1's offset, in messages of workerd", () => {
  test.each<Case>([
    ['D1_ERROR: near "SELEC": syntax error at offset 0: SQLITE_ERROR', "«SELEC» 1"],
    ["D1_ERROR: no such column: é at offset 7: SQLITE_ERROR", "SELECT «é», zz FROM t"],
    ["D1_ERROR: no such column: t.zz at offset 17: SQLITE_ERROR", "SELECT 'ééé', «t.zz» FROM t"],
    ["D1_ERROR: no such column: zz at offset 16: SQLITE_ERROR", "/* é */ SELECT «zz» FROM t"],
    ["D1_ERROR: no such column: zz at offset 15: SQLITE_ERROR", "SELECT '\uD800' , «zz» FROM t"],
    ["D1_ERROR: no such column: zz at offset 14: SQLITE_ERROR", "SELECT '😀', «zz» FROM t"],
    ["D1_ERROR: no such column: zz.q at offset 7: SQLITE_ERROR", 'SELECT «"zz".q» FROM t'],
    ['D1_ERROR: no such column: "zz" at offset 26: SQLITE_ERROR', "ALTER TABLE t DROP COLUMN «zz»"],
    ["D1_ERROR: no such function: nof at offset 7: SQLITE_ERROR", "SELECT «nof»(1)"],
    ["D1_ERROR: table t already exists at offset 18: SQLITE_ERROR", "CREATE TABLE main.«t»(a)"],
    [`D1_ERROR: unrecognized token: "'abc" at offset 7: SQLITE_ERROR`, "SELECT «'abc»"],
    [
      'D1_ERROR: unrecognized token: "[abc FROM t" at offset 7: SQLITE_ERROR',
      "SELECT «[abc FROM t»",
    ],
    ["D1_ERROR: ambiguous column name: a at offset 7: SQLITE_ERROR", "SELECT «a» FROM t, t AS q"],
    [
      "D1_ERROR: misuse of aggregate: max() at offset 27: SQLITE_ERROR",
      "SELECT max(a) FROM t WHERE «max»(a)>1",
    ],
    [
      "D1_ERROR: not authorized to use function: sqlite_version at offset 7: SQLITE_ERROR",
      "SELECT «sqlite_version»()",
    ],
    ['D1_ERROR: near ";": syntax error at offset 11: SQLITE_ERROR', "SELECT 1 + «;»"],
    ['near "x": syntax error at offset 9: SQLITE_ERROR [code: 7500]', "SELECT x «x» x"],
    ['near "x": syntax error at offset 9', "SELECT x «x» x"],
  ])("returns the part at the offset: %s", (message, expected) => {
    expect(marked(bare(expected), message)).toBe(expected);
  });

  test.each([
    [
      "D1_ERROR: not authorized to use function: sqlite_fail at offset 7: SQLITE_ERROR",
      "ALTER TABLE t\n  ADD CONSTRAINT positive CHECK (a > 0)",
    ],
    [
      "D1_ERROR: not authorized to use function: sqlite_drop_constraint at offset 38: SQLITE_ERROR",
      "ALTER TABLE long_name_of_a_table\n  DROP CONSTRAINT positive",
    ],
    [
      'D1_ERROR: near "FROM": syntax error at offset 7: SQLITE_ERROR',
      "ALTER TABLE t RENAME b TO c",
    ],
  ])("ignores an offset into a statement that ALTER TABLE generates: %s", (message, statement) => {
    expect(marked(statement, message)).toBeNull();
  });

  test("ignores an offset outside the statement", () => {
    expect(marked("SELECT zz", "no such column: zz at offset 99: SQLITE_ERROR")).toBe(
      "SELECT «zz»",
    );
    expect(marked("SELECT 'é', zz", "no such column: zz at offset 9: SQLITE_ERROR")).toBe(
      "SELECT 'é', «zz»",
    );
    expect(marked("SELECT 1", "no such column: zz at offset 99: SQLITE_ERROR")).toBeNull();
  });
});

describe("culprit without an offset", () => {
  test.each<Case>([
    ["D1_ERROR: no such table: main.nope: SQLITE_ERROR", "SELECT nope FROM «main.nope»"],
    ["no such table: main.nope", "SELECT nope FROM «nope»"],
    ["no such table: nope", "SELECT nope.a, nope, 'nope' FROM t JOIN «\"NOPE\"»"],
    ["no such table: x y", "DROP TABLE «[x y]»"],
    ["no such table: x", "INSERT INTO t SELECT «x».* FROM t"],
    ["no such view: v", "DROP VIEW «v»"],
    ["no such index: i", "DROP INDEX «i»"],
    ["no such function: nof", "SELECT nof, t.nof, «nof» (1)"],
    ["no such column: t.zz", "UPDATE t SET a = zz, b = «t.zz»"],
    [
      "no such column: NEW.zz",
      "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT zz, «new . zz»; END",
    ],
    ["D1_ERROR: no such column: zz: SQLITE_ERROR", "UPDATE zz SET «zz» = 1"],
    ['no such column: "zz" - should this be a string literal in single-quotes?', 'SELECT «"zz"»'],
    ["no such column: zz", "SELECT 'zz', t.zz, «zz» FROM t"],
    [
      "D1_ERROR: table t has no column named zz: SQLITE_ERROR",
      "INSERT INTO t(a, «zz») VALUES(1, 'zz')",
    ],
    ["table zz has no column named zz", "INSERT INTO zz(a, «zz») VALUES(1, 2)"],
    ["D1_ERROR: duplicate column name: A: SQLITE_ERROR", "CREATE TABLE u(«a», A)"],
    ['D1_ERROR: table "t" already exists: SQLITE_ERROR', 'CREATE TABLE «"t"»(a)'],
    ["view v already exists", "CREATE VIEW «v» AS SELECT 1"],
    ["trigger g already exists", "CREATE TRIGGER «g» AFTER INSERT ON t BEGIN SELECT 1; END"],
    ["index i already exists", "CREATE INDEX «i» ON t(a)"],
    ["there is already a table named t", "CREATE INDEX «t» ON u(a)"],
    ["there is already another table or index with this name: u", "ALTER TABLE t RENAME TO «u»"],
    [
      "D1_ERROR: table t has 3 columns but 1 values were supplied: SQLITE_ERROR",
      "INSERT INTO «t» VALUES(1)",
    ],
    [
      'D1_ERROR: table "p" has more than one primary key: SQLITE_ERROR',
      "CREATE TABLE «p»(a PRIMARY KEY, b PRIMARY KEY)",
    ],
    ["table sqlite_master may not be modified", "DELETE FROM «sqlite_master»"],
    ["D1_ERROR: cannot modify v because it is a view: SQLITE_ERROR", "DELETE FROM «v»"],
    ["D1_ERROR: use DROP VIEW to delete view v: SQLITE_ERROR", "DROP TABLE «v»"],
    [
      "D1_ERROR: object name reserved for internal use: sqlite_x: SQLITE_ERROR",
      "CREATE TABLE «sqlite_x»(a)",
    ],
    [
      'D1_ERROR: unknown column "zz" in foreign key definition: SQLITE_ERROR',
      "CREATE TABLE w(a, FOREIGN KEY(«zz») REFERENCES t(a))",
    ],
    [
      "D1_ERROR: cannot join using column qq - column not present in both tables: SQLITE_ERROR",
      "SELECT a FROM t JOIN u USING(«qq»)",
    ],
    [
      'D1_ERROR: cannot INSERT into generated column "b": SQLITE_ERROR',
      "INSERT INTO ga(«b») VALUES(1)",
    ],
    ['cannot drop PRIMARY KEY column: "a"', "ALTER TABLE t DROP COLUMN «a»"],
    ['cannot drop column "a": no other columns exist', "ALTER TABLE t DROP COLUMN «a»"],
    [
      "D1_ERROR: default value of column [a] is not constant: SQLITE_ERROR",
      "CREATE TABLE q(«a» INT DEFAULT (b))",
    ],
    ["unknown database nope", "SELECT * FROM «nope».t"],
    [
      "D1_ERROR: wrong number of arguments to function abs(): SQLITE_ERROR",
      "SELECT abs, «abs»(1,2)",
    ],
    ["misuse of window function rank()", "SELECT «rank»() FROM t"],
    [
      "D1_ERROR: UNIQUE constraint failed: t.c: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)",
      "INSERT INTO t(a, «c») VALUES(2, 'b')",
    ],
    ["UNIQUE constraint failed: t.b, t.c", "INSERT INTO t(«c») VALUES(2)"],
    ["UNIQUE constraint failed: t.b, t.c", "INSERT INTO «t» VALUES(2)"],
    [
      "D1_ERROR: NOT NULL constraint failed: t.b: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_NOTNULL)",
      "UPDATE t SET a = 1, «b» = NULL",
    ],
    [
      "D1_ERROR: cannot store TEXT value in INTEGER column s.x: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_DATATYPE)",
      "INSERT INTO s(«x») VALUES('x')",
    ],
    ["CHECK constraint failed: positive", "CREATE TABLE q(a CONSTRAINT «positive» CHECK(a > 0))"],
    ['D1_ERROR: unrecognized token: "1__0": SQLITE_ERROR', "SELECT 10, «1__0»"],
    [`unrecognized token: "'abc\n"`, "SELECT 'a', «'abc\n»"],
    ["D1_ERROR: incomplete input: SQLITE_ERROR", "SELECT (1«» -- so\n"],
    ["incomplete input", "«»"],
    ["D1_ERROR: error in view v: no such column: zz: SQLITE_ERROR", "DROP TABLE zz; SELECT «v»"],
    ["error in index i after drop column: no such column: c", "ALTER TABLE t DROP COLUMN «c»"],
    ['near "x": syntax error', "SELECT 'x' \"x\" «x» x"],
    [`near "'it''s'": syntax error`, "SELECT 1 2 «'it''s'»"],
    ['near """"x"""": syntax error', 'SELECT 1 2 "x" «"""x"""»'],
  ])("returns the part that the message names: %s", (message, expected) => {
    expect(marked(bare(expected), message)).toBe(expected);
  });

  test.each([
    ["FOREIGN KEY constraint failed", "INSERT INTO t VALUES(1)"],
    [
      "D1_ERROR: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_FOREIGNKEY)",
      "DELETE FROM t",
    ],
    ["D1_ERROR: not authorized: SQLITE_AUTH", "CREATE TABLE _cf_x(a)"],
    ["D1_ERROR: malformed JSON: SQLITE_ERROR", "SELECT json('x')"],
    ["internal error; reference = 0123", "SELECT 1"],
    ["no such table: gone", "SELECT * FROM v"],
    ["error in view v: no such column: zz", "ALTER TABLE u DROP COLUMN zz"],
    ['near "nope": syntax error', "SELECT 1"],
    ["", ""],
  ])("returns null for a message that names nothing in the statement: %s", (message, statement) => {
    expect(marked(statement, message)).toBeNull();
  });
});

describe("culprit with `refuses`", () => {
  const long = `SELECT ${"(1), ".repeat(1_000)}(1), (, 1)${", (1)".repeat(1_000)}`;

  test("finds the first place that SQLite rejects, in few calls", () => {
    let questions = 0;
    const message = prepare(long).error ?? "";
    expect(message).toBe('near ",": syntax error');
    const refuses = (prefix: string): boolean => {
      questions += 1;
      return prepare(prefix).error === message;
    };
    expect(culprit(long, message)).toEqual({ start: 10, length: 1 });
    expect(culprit(long, message, refuses)).toEqual({
      start: long.indexOf("(,") + 1,
      length: 1,
    });
    expect(questions).toBeLessThan(14);
  });

  test("returns null if SQLite rejects no prefix", () => {
    expect(culprit("SELECT 1,", 'near ",": syntax error', () => false)).toBeNull();
  });

  /** Returns a valid statement with one token doubled, dropped, replaced or moved. */
  function broken(statement: string, seed: number): string {
    const from = random(seed);
    const tokens = tokenize(statement);
    const texts = tokens.map((token) => statement.slice(token.start, token.end));
    const at = from.below(texts.length);
    const extra = from.of([
      ...texts,
      ",",
      "(",
      ")",
      "SELECT",
      "zz",
      "FROM",
      "1",
      "'é'",
      "nope(1)",
      "t.zz",
      "'",
      "1__0",
      "AS",
      ";",
    ]);
    texts.splice(at, from.below(2), ` ${extra} `);
    return texts.join("");
  }

  test("finds the place of SQLite's own offset in 3,000 broken statements", () => {
    execute(
      SCHEMA.replaceAll("TABLE", "TABLE IF NOT EXISTS").replace("VIEW", "VIEW IF NOT EXISTS"),
    );
    const from = random(12);
    const tally = { near: 0, ambiguous: 0, others: 0, othersByName: 0 };
    for (let index = 0; tally.near + tally.others < 3_000; index += 1) {
      const { statements } = script(from, 1);
      const statement = broken(statements[0] ?? "", index);
      const { error, offset } = prepare(statement);
      if (error === null || offset < 0) continue;
      const bytes = Buffer.from(statement);
      const start = bytes.subarray(0, offset).toString().length;
      const framed = culprit(statement, `D1_ERROR: ${error} at offset ${offset}: SQLITE_ERROR`);
      expect([statement, error, framed?.start]).toEqual([statement, error, start]);
      const refuses = (prefix: string): boolean => prepare(prefix).error === error;
      const alone = culprit(statement, error, refuses);
      if (error.startsWith("near ")) {
        tally.near += 1;
        if (culprit(statement, error)?.start !== start) tally.ambiguous += 1;
        expect([statement, error, alone?.start]).toEqual([statement, error, start]);
      } else {
        tally.others += 1;
        if (alone?.start === start) tally.othersByName += 1;
      }
    }
    process.stdout.write(`culprit: ${JSON.stringify(tally)}\n`);
    expect(tally.near).toBeGreaterThan(1_500);
    expect(tally.ambiguous).toBeGreaterThan(300);
    expect(tally.othersByName / tally.others).toBeGreaterThan(0.8);
  });
});
