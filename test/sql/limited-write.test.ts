import { describe, expect, test } from "vitest";
import {
  needsNumbers,
  readLimitedWrite,
  type RowKey,
  withNumbers,
  withoutLimit,
} from "../../src/sql/limited-write.ts";

function rewritten(sql: string, key: RowKey = [{ name: "rowid" }]): string | null {
  const write = readLimitedWrite(sql);
  return write === null ? null : withoutLimit(write, key).replaceAll(/\s+/g, " ");
}

describe("withoutLimit and readLimitedWrite", () => {
  test.each([
    ["DELETE FROM t LIMIT 1", "DELETE FROM t WHERE rowid IN (SELECT rowid FROM t LIMIT 1)"],
    [
      "DELETE FROM t AS x INDEXED BY i WHERE a RETURNING b ORDER BY c LIMIT 1;",
      "DELETE FROM t AS x WHERE rowid IN (SELECT rowid FROM t AS x INDEXED BY i WHERE a ORDER BY c LIMIT 1) RETURNING b",
    ],
    [
      "UPDATE main.t SET a = b IS DISTINCT FROM c LIMIT 1, 2",
      "UPDATE main.t SET a = b IS DISTINCT FROM c WHERE rowid IN (SELECT rowid FROM main.t LIMIT 1, 2)",
    ],
    [
      "WITH t AS (SELECT 1) UPDATE OR IGNORE t SET a = 1 LIMIT 1",
      "WITH t AS (SELECT 1) UPDATE OR IGNORE t SET a = 1 WHERE rowid IN (SELECT rowid FROM main.t LIMIT 1)",
    ],
    [
      "UPDATE t SET a = f.a FROM f WHERE f.k = t.k LIMIT 1",
      "UPDATE t SET a = f.a FROM f WHERE (f.k = t.k) AND t.rowid IN (SELECT t.rowid FROM t , f WHERE f.k = t.k GROUP BY t.rowid LIMIT 1)",
    ],
    [
      "UPDATE t SET a = y.a FROM f AS y JOIN g ON g.k = y.k LIMIT 1",
      "UPDATE t SET a = y.a FROM f AS y JOIN g ON g.k = y.k WHERE t.rowid IN (SELECT t.rowid FROM t , (f AS y JOIN g ON g.k = y.k) GROUP BY t.rowid LIMIT 1)",
    ],
    [
      "WITH replace AS (SELECT 1) DELETE FROM t WHERE a IN replace LIMIT 1",
      "WITH replace AS (SELECT 1) DELETE FROM t WHERE rowid IN (SELECT rowid FROM main.t WHERE a IN replace LIMIT 1)",
    ],
  ])("rewrites %s", (sql, expected) => expect(rewritten(sql)).toBe(expected));

  test("identifies the rows of a table without rowid by their whole key", () => {
    expect(rewritten("DELETE FROM t LIMIT 1", [{ name: '"a"' }, { name: '"b"' }])).toBe(
      'DELETE FROM t WHERE ("a", "b") IN (SELECT "a", "b" FROM t LIMIT 1)',
    );
  });

  test("compares the key of an UPDATE with FROM in the key's collation", () => {
    const key = [{ name: '"a"', collation: "BINARY" }];
    expect(rewritten("UPDATE t SET b = 1 FROM f LIMIT 1", key)).toBe(
      'UPDATE t SET b = 1 FROM f WHERE t."a" COLLATE BINARY IN (SELECT t."a" FROM t , f GROUP BY t."a" LIMIT 1)',
    );
  });

  test.each([
    "DELETE FROM t",
    "DELETE FROM t WHERE a IN (SELECT 1 ORDER BY 1 LIMIT 1)",
    "UPDATE t SET a = (SELECT 1 LIMIT 1)",
    "SELECT * FROM t LIMIT 1",
    "INSERT INTO t SELECT 1 ORDER BY 1 LIMIT 1",
    "REPLACE INTO t SELECT 1 LIMIT 1",
    "WITH c AS (SELECT 1) INSERT INTO t SELECT * FROM c LIMIT 1",
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM u LIMIT 1; END",
    "",
  ])("returns null for a statement that is not a limited write: %s", (sql) =>
    expect(readLimitedWrite(sql)).toBeNull(),
  );

  test("reports the end of the first statement", () => {
    const sql = "DELETE FROM t LIMIT 1; DELETE FROM u LIMIT 2";
    expect(sql.slice(0, readLimitedWrite(sql)?.end)).toBe("DELETE FROM t LIMIT 1;");
  });
});

describe("withNumbers and needsNumbers", () => {
  test("gives parameters the numbers that SQLite gives them", () => {
    expect(withNumbers("? ?5 ? :a ? :a @a ?1 '?' -- ?")).toBe("?1 ?5 ?6 ?7 ?8 ?7 ?9 ?1 '?' -- ?");
  });

  test("requires numbers if the order of the parameters changes", () => {
    const needs = (sql: string): boolean => {
      const write = readLimitedWrite(sql);
      return write !== null && needsNumbers(write);
    };
    expect(needs("DELETE FROM t WHERE a = ? LIMIT ?")).toBe(false);
    expect(needs("DELETE FROM t WHERE a = ? RETURNING ? LIMIT ?")).toBe(true);
    expect(needs("UPDATE t SET a = ? FROM f WHERE b = ? LIMIT ?")).toBe(true);
  });
});
