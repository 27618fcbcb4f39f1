import { all, batch, exec, raw, type Case } from "../case.ts";

const t = all(
  "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT NOT NULL DEFAULT 'x', c CHECK(c < 100), d UNIQUE)",
);
const some = all("INSERT INTO t VALUES(1,'one',1,1),(2,'two',2,2)");

/** A batch that fails at its third statement of four. */
const failing: { readonly [why: string]: string } = {
  "a syntax error": "INSERT INT t VALUES(9)",
  "a missing table": "INSERT INTO missing VALUES(1)",
  "a missing column": "INSERT INTO t(zz) VALUES(1)",
  "a primary key": "INSERT INTO t(a) VALUES(1)",
  "a unique column": "INSERT INTO t(a,d) VALUES(9,1)",
  "a NOT NULL": "INSERT INTO t(a,b) VALUES(9,NULL)",
  "a CHECK": "INSERT INTO t(a,c) VALUES(9,100)",
  "malformed JSON": "SELECT json('{')",
  "an object that exists already": "CREATE TABLE t(a)",
  "a refused function": "SELECT sqlite_version()",
  "a refused pragma": "PRAGMA user_version",
  "an unfinished statement": "CREATE TABLE z(",
  "a BEGIN": "BEGIN",
  "a block comment": "/* nothing */",
  "a type": "INSERT INTO t(a) VALUES('x')",
  "a missing parameter": "INSERT INTO t(a) VALUES(?)",
  "an integer overflow": "SELECT abs(-9223372036854775808)",
  "a LIKE pattern": `SELECT 'a' LIKE '${"x".repeat(51)}'`,
  "OR FAIL": "INSERT OR FAIL INTO t(a) VALUES(8),(1)",
  "OR ABORT": "INSERT OR ABORT INTO t(a) VALUES(8),(1)",
};

export const atomicity: Case[] = [
  ...Object.entries(failing).map(([why, statement]): Case => ({
    name: `a failed batch leaves nothing, if the cause is ${why}`,
    steps: [
      t,
      some,
      batch("CREATE TABLE made(a)", "INSERT INTO t(a) VALUES(3)", statement, "DROP TABLE t"),
      all("SELECT count(*) FROM t"),
    ],
  })),
  {
    name: "a batch sees its own writes, schema changes included",
    steps: [
      batch(
        "CREATE TABLE b(a)",
        "INSERT INTO b VALUES(1)",
        "ALTER TABLE b ADD COLUMN c DEFAULT 7",
        "SELECT * FROM b",
        "CREATE INDEX i ON b(c)",
        "UPDATE b SET c=c+1 RETURNING *",
        "ALTER TABLE b RENAME TO b2",
        "SELECT count(*) AS n FROM b2",
        "DROP TABLE b2",
        "SELECT count(*) AS n FROM sqlite_master WHERE name LIKE 'b%'",
      ),
    ],
  },
  {
    name: "the meta fields changes, last_row_id, size_after and changed_db",
    steps: [
      t,
      some,
      batch(
        "INSERT INTO t(a) VALUES(10),(11)",
        "UPDATE t SET b='y'",
        "UPDATE t SET b='y' WHERE a=99",
        "SELECT * FROM t",
        "DELETE FROM t WHERE a>10",
        "CREATE INDEX i ON t(b)",
        "ALTER TABLE t ADD COLUMN e",
        "DROP INDEX i",
        "CREATE TRIGGER g AFTER DELETE ON t BEGIN INSERT INTO t(a) VALUES(old.a+100); END",
        "DELETE FROM t",
        "INSERT OR IGNORE INTO t(a) VALUES(101)",
        "INSERT OR REPLACE INTO t(a) VALUES(101)",
        "CREATE TABLE copy AS SELECT * FROM t",
        "DROP TABLE t",
        "ANALYZE",
        "SELECT changes(), total_changes() > 0, last_insert_rowid()",
      ),
      all("SELECT 1"),
    ],
  },
  {
    name: "empty batches and batches of comments",
    reads: true,
    steps: [
      batch(),
      batch(""),
      batch(" \n "),
      batch(" -- c"),
      batch("-- c"),
      batch("/* c */"),
      batch(";"),
      batch("SELECT 1 AS a", "", "SELECT 2 AS b"),
      batch("SELECT 1 AS a", "\n-- c\n", "SELECT 2 AS b"),
      batch("SELECT 1 AS a", "-- c", "SELECT 2 AS b"),
      batch("\n  -- c\nSELECT 3 AS c"),
      batch(" -- c", "SELEC"),
      all(""),
      all("-- c"),
      all(" -- c"),
      all("/* c */"),
      all(";"),
      all(";;SELECT 1"),
    ],
  },
  {
    name: "OR ROLLBACK undoes the whole batch",
    steps: [
      t,
      some,
      batch(
        "INSERT INTO t(a) VALUES(5)",
        "INSERT OR ROLLBACK INTO t(a) VALUES(1)",
        "INSERT INTO t(a) VALUES(6)",
      ),
      raw("SELECT 1"),
    ],
  },
  {
    name: "OR ROLLBACK alone",
    steps: [t, some, all("INSERT OR ROLLBACK INTO t(a) VALUES(1)"), raw("SELECT 1")],
  },
  {
    name: "RAISE(ROLLBACK) undoes the whole batch",
    steps: [
      t,
      some,
      all(
        "CREATE TRIGGER g BEFORE INSERT ON t WHEN new.a=9 BEGIN SELECT RAISE(ROLLBACK,'no nine'); END",
      ),
      batch("INSERT INTO t(a) VALUES(5)", "INSERT INTO t(a) VALUES(9)"),
      raw("SELECT 1"),
    ],
  },
  ...["ABORT, 'no nine'", "FAIL, 'no nine'", "IGNORE", "ABORT, 'no '||new.a"].map(
    (raise): Case => ({
      name: `RAISE(${raise})`,
      steps: [
        t,
        some,
        all(`CREATE TRIGGER g BEFORE INSERT ON t WHEN new.a=9 BEGIN SELECT RAISE(${raise}); END`),
        batch("INSERT INTO t(a) VALUES(5)", "INSERT INTO t(a) VALUES(9)"),
        all("INSERT INTO t(a) VALUES(8),(9),(10)"),
      ],
    }),
  ),
  {
    name: "two concurrent batches do not mix",
    steps: [
      all("CREATE TABLE log(who, i INTEGER PRIMARY KEY)"),
      async (d1) => {
        const rows = (who: string) =>
          Array.from({ length: 20 }, () => d1.prepare("INSERT INTO log(who) VALUES(?)").bind(who));
        await Promise.all([d1.batch(rows("a")), d1.batch(rows("b"))]);
        const { results } = await d1
          .prepare("SELECT count(*) AS n FROM log x JOIN log y ON y.i=x.i+1 WHERE x.who<>y.who")
          .all();
        return results;
      },
    ],
  },
  {
    name: "a failing statement leaves the connection usable",
    steps: [
      t,
      all("INSERT INTO t VALUES(1"),
      all("INSERT INTO t(a) VALUES(1)"),
      all("INSERT INTO t(a) VALUES(1)"),
      all("SELECT count(*) AS n FROM t"),
    ],
  },
  {
    name: "several statements in one text are one transaction",
    steps: [
      all("CREATE TABLE m(a UNIQUE); INSERT INTO m VALUES(1); SELECT * FROM m"),
      all("INSERT INTO m VALUES(2); INSERT INTO m VALUES(1); INSERT INTO m VALUES(3)"),
      all("INSERT INTO m VALUES(4); SELEC"),
      all("SELECT 1; SELECT 2; "),
      all("SELECT 1;SELECT 2;-- c"),
      all("SELECT 1;\n-- c\nSELECT 2"),
      all("SELECT 1; ;SELECT 2"),
      all("SELECT 1;;"),
      all("SELECT 1; /* c */"),
      all("SELECT 1;\u00a0SELECT 2"),
      all("SELECT 1\0; SELECT 2"),
      all("SELECT 1;\0"),
      all("\ufeffSELECT 1"),
      all("SELECT 1; BEGIN; SELECT 2"),
      all("INSERT INTO m VALUES(5); INSERT INTO m VALUES(6)"),
      all("INSERT INTO m VALUES(7); UPDATE m SET a=a WHERE a>5 RETURNING a"),
      all("SELECT json(a) FROM (SELECT '1' AS a UNION ALL SELECT '{'); SELECT 2"),
      all(
        "CREATE TRIGGER g AFTER INSERT ON m BEGIN DELETE FROM m WHERE a=9; SELECT 1; END; INSERT INTO m VALUES(9)",
      ),
      all("SELECT 1; SELECT zz"),
      all("SELECT 1;   SELEC 2"),
    ],
  },
  {
    name: "only the last statement of a text may return what it has changed",
    steps: [
      all("CREATE TABLE m(a)"),
      all("INSERT INTO m VALUES(8) RETURNING a; SELECT count(*) FROM m"),
    ],
  },
  {
    name: "exec",
    steps: [
      exec("CREATE TABLE e(a); INSERT INTO e VALUES(1)"),
      exec("INSERT INTO e VALUES(2)\nINSERT INTO e VALUES(3)"),
      exec("\n\nINSERT INTO e VALUES(4)\n\n   -- c\nINSERT INTO e VALUES(5)\n"),
      exec("-- c\nINSERT INTO e VALUES(6)"),
      exec("CREATE TABLE f(\n a\n)"),
      exec("INSERT INTO e VALUES(7)\nSELEC"),
      exec("SELECT 1;"),
      exec(""),
      exec("   "),
      exec("SELECT ?"),
      exec("INSERT INTO e VALUES(8)\r\nINSERT INTO e VALUES(9)"),
      exec("BEGIN"),
    ],
  },
];
