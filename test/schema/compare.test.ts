import { describe, expect, test } from "vitest";
import { differencesOf } from "./database.ts";

type Row = readonly [left: string | string[], right: string | string[], ...differences: string[]];

/** `changed table t: STRICT | -` */
async function described(left: string | string[], right: string | string[]): Promise<string[]> {
  const differences = await differencesOf([left].flat(), [right].flat());
  return differences.map(
    (one) => `${one.kind} ${one.object} ${one.name}: ${one.left ?? "-"} | ${one.right ?? "-"}`,
  );
}

const same: Record<string, Row[]> = {
  "white space, comments, case and quotes": [
    [
      "CREATE TABLE t(a INTEGER CHECK(a>0))",
      'create table "T" (\n  [A] integer -- positive\n  check ( /* yes */ "a" > 0 )\n)',
    ],
    [
      "CREATE TABLE t(a, b, UNIQUE(a, b))",
      "CREATE TABLE t('a', `b`, CONSTRAINT u UNIQUE([A], \"B\"))",
    ],
    ["CREATE TABLE t(a CHECK(a == 1 AND a <> 2))", "CREATE TABLE t(a CHECK((a = 1 and a != 2)))"],
    ["CREATE TABLE t(a VARCHAR(20))", "CREATE TABLE t(a varchar /* short */ ( 20 ))"],
    ["CREATE TABLE t(a 'some type')", "CREATE TABLE t(a SOME TYPE)"],
  ],
  defaults: [
    ["CREATE TABLE t(a DEFAULT 5)", "CREATE TABLE t(a DEFAULT ((5)))"],
    ["CREATE TABLE t(a DEFAULT 'x')", 'CREATE TABLE t(a DEFAULT "x")'],
    ["CREATE TABLE t(a DEFAULT 'x')", "CREATE TABLE t(a DEFAULT x)"],
    ["CREATE TABLE t(a DEFAULT 'x')", "CREATE TABLE t(a DEFAULT ('x'))"],
    ["CREATE TABLE t(a DEFAULT NULL)", "CREATE TABLE t(a)"],
    ["CREATE TABLE t(a DEFAULT (NULL))", "CREATE TABLE t(a NULL)"],
    ["CREATE TABLE t(a DEFAULT - 5)", "CREATE TABLE t(a DEFAULT (-5))"],
    [
      "CREATE TABLE t(a DEFAULT CURRENT_TIMESTAMP)",
      "CREATE TABLE t(a DEFAULT (current_timestamp))",
    ],
    ["CREATE TABLE t(a DEFAULT TRUE)", "CREATE TABLE t(a DEFAULT (true))"],
    ["CREATE TABLE t(a DEFAULT x'ab')", "CREATE TABLE t(a DEFAULT X'AB')"],
  ],
  keys: [
    [
      "CREATE TABLE t(a INTEGER PRIMARY KEY)",
      "CREATE TABLE t(a INTEGER NOT NULL, PRIMARY KEY (a DESC))",
    ],
    [
      "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT)",
      "CREATE TABLE t(a INTEGER, PRIMARY KEY (a AUTOINCREMENT))",
    ],
    [
      "CREATE TABLE t(a TEXT PRIMARY KEY UNIQUE)",
      "CREATE TABLE t(a TEXT, UNIQUE(a), PRIMARY KEY(a))",
    ],
    [
      "CREATE TABLE t(a PRIMARY KEY) WITHOUT ROWID",
      "CREATE TABLE t(a NOT NULL PRIMARY KEY) WITHOUT ROWID",
    ],
    ["CREATE TABLE t(a UNIQUE, b UNIQUE)", "CREATE TABLE t(a, b, UNIQUE(b), UNIQUE(a), UNIQUE(a))"],
    [
      "CREATE TABLE t(a COLLATE NOCASE, UNIQUE(a))",
      "CREATE TABLE t(a COLLATE NOCASE, UNIQUE(a COLLATE nocase ASC))",
    ],
    ["CREATE TABLE t(a UNIQUE ON CONFLICT ABORT)", "CREATE TABLE t(a UNIQUE)"],
  ],
  "foreign keys": [
    [
      "CREATE TABLE t(a REFERENCES p)",
      "CREATE TABLE t(a, FOREIGN KEY (A) REFERENCES [P] ON DELETE NO ACTION)",
    ],
    [
      ["CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE t(a REFERENCES p)"],
      [
        "CREATE TABLE p(id INTEGER PRIMARY KEY)",
        "CREATE TABLE t(a REFERENCES p(ID) NOT DEFERRABLE INITIALLY DEFERRED)",
      ],
    ],
    [
      "CREATE TABLE t(a REFERENCES p, b REFERENCES q)",
      "CREATE TABLE t(a, b, FOREIGN KEY(b) REFERENCES q, FOREIGN KEY(a) REFERENCES p)",
    ],
    [
      "CREATE TABLE t(a REFERENCES p DEFERRABLE INITIALLY IMMEDIATE)",
      "CREATE TABLE t(a REFERENCES p)",
    ],
    [
      "CREATE TABLE t(a REFERENCES p, b DEFERRABLE INITIALLY DEFERRED)",
      "CREATE TABLE t(a REFERENCES p DEFERRABLE INITIALLY DEFERRED, b)",
    ],
  ],
  checks: [
    ["CREATE TABLE t(unıque CHECK(unıque > 0))", 'CREATE TABLE t("unıque" CHECK("unıque" > 0))'],
    [
      "CREATE TABLE t(a CHECK(a > 0), b CHECK(b > 0))",
      "CREATE TABLE t(a, b, CHECK(b > 0) CHECK(a > 0))",
    ],
    ["CREATE TABLE t(a, CHECK(a <> 'x'))", 'CREATE TABLE t(a, CHECK(a <> "x"))'],
    [
      "CREATE TABLE t(a CONSTRAINT c NOT NULL CHECK(a > 0))",
      "CREATE TABLE t(a NOT NULL CONSTRAINT c CHECK(a > 0))",
    ],
    ['CREATE TABLE t(a, "left", CHECK(left <> a))', 'CREATE TABLE t(a, left CHECK("LEFT" <> a))'],
  ],
  indexes: [
    [
      ["CREATE TABLE t(a)", "CREATE INDEX i ON t(a)"],
      ["CREATE TABLE t(a)", "CREATE INDEX IF NOT EXISTS main.[I] ON T(a ASC)"],
    ],
    [
      ["CREATE TABLE t(a)", "CREATE INDEX i ON t(a) WHERE a='x'"],
      ["CREATE TABLE t(a)", 'CREATE INDEX i ON t((a)) WHERE (a == "x")'],
    ],
    [
      ["CREATE TABLE t(a)", "CREATE INDEX i ON t(lower(a))"],
      ["CREATE TABLE t(a)", "CREATE INDEX i ON t(lower([a]) COLLATE binary)"],
    ],
  ],
  "triggers and views": [
    [
      [
        "CREATE TABLE t(a)",
        "CREATE TRIGGER x BEFORE UPDATE OF a ON t FOR EACH ROW BEGIN SELECT 1; END",
      ],
      [
        "CREATE TABLE t(a)",
        'create trigger if not exists "X" update of [a] on T begin select /**/ 1 ; end;',
      ],
    ],
    [["CREATE VIEW v(a) AS SELECT 1"], ["create view V ([A]) as select 1;"]],
    [
      ["CREATE TABLE t(a)", 'CREATE VIEW v AS SELECT a, "text" FROM t'],
      ["CREATE TABLE t(a)", 'CREATE VIEW v AS SELECT "a", \'text\' FROM "t"'],
    ],
    [
      ["CREATE TABLE t(a, b)", "CREATE VIEW v AS SELECT a AS total FROM t ORDER BY total"],
      ["CREATE TABLE t(a, b)", 'CREATE VIEW v AS SELECT [a] AS "total" FROM t ORDER BY "Total"'],
    ],
  ],
  "virtual tables": [
    [
      "CREATE VIRTUAL TABLE s USING fts5(a, b, content='', tokenize='porter ascii')",
      'CREATE VIRTUAL TABLE s USING FTS5( "a",[b] , content = "", tokenize = `porter ascii`)',
    ],
  ],
  "tables built in several steps": [
    [
      "CREATE TABLE t(a, b TEXT DEFAULT 'x')",
      ["CREATE TABLE t(a)", "ALTER TABLE t ADD COLUMN b text DEFAULT 'x'"],
    ],
    ["CREATE TABLE t(a, c)", ["CREATE TABLE t(a, b, c)", "ALTER TABLE t DROP COLUMN b"]],
    [
      [
        "CREATE TABLE q(id INTEGER PRIMARY KEY, par REFERENCES q(id))",
        "CREATE VIEW v AS SELECT id FROM q",
      ],
      [
        "CREATE TABLE p(id INTEGER PRIMARY KEY, par REFERENCES p(id))",
        "CREATE VIEW v AS SELECT id FROM p",
        "ALTER TABLE p RENAME TO q",
      ],
    ],
    [
      ["CREATE TABLE t(a CHECK(a <> 'new'), c)"],
      ['CREATE TABLE t(a CHECK(a <> "new"), b)', "ALTER TABLE t RENAME COLUMN b TO c"],
    ],
    [
      ["CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT NOT NULL)", "CREATE INDEX i ON t(b)"],
      [
        "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)",
        "CREATE TABLE new_t(a INTEGER PRIMARY KEY, b TEXT NOT NULL)",
        "DROP TABLE t",
        'ALTER TABLE "new_t" RENAME TO "t"',
        "CREATE INDEX i ON t(b)",
      ],
    ],
  ],
};

describe.each(Object.entries(same))("compareSchemas finds no difference in %s", (_, rows) => {
  test.each(rows)("between %s and %s", async (left, right) => {
    expect(await described(left, right)).toEqual([]);
    expect(await described(right, left)).toEqual([]);
  });
});

const different: Record<string, Row[]> = {
  "missing and extra objects": [
    [
      [
        "CREATE TABLE t(a)",
        "CREATE TABLE u(a, b UNIQUE)",
        "CREATE INDEX i ON u(a)",
        "CREATE TRIGGER x AFTER INSERT ON u BEGIN SELECT 1; END",
      ],
      "CREATE TABLE t(a)",
      "missing table u: 2 columns | -",
    ],
    [[], "CREATE TABLE t(a)", "extra table t: - | 1 column"],
    [
      "CREATE TABLE t(a, b TEXT NOT NULL DEFAULT 'x' COLLATE NOCASE)",
      "CREATE TABLE t(a)",
      "missing column t.b: TEXT NOT NULL DEFAULT 'x' COLLATE NOCASE | -",
    ],
    [
      "CREATE TABLE t(a)",
      "CREATE TABLE t(B AS (a + 1), a)",
      "extra column t.B: - | AS (a + 1) VIRTUAL",
    ],
    [
      ["CREATE TABLE t(a)", "CREATE UNIQUE INDEX i ON t(a COLLATE NOCASE DESC) WHERE a > 1"],
      "CREATE TABLE t(a)",
      "missing index i: UNIQUE ON t (a COLLATE NOCASE DESC) WHERE a > 1 | -",
    ],
    [
      "CREATE TABLE t(a)",
      ["CREATE TABLE t(a)", "CREATE TRIGGER x AFTER UPDATE OF a ON t BEGIN SELECT 1; END"],
      "extra trigger x: - | AFTER UPDATE OF a ON t",
    ],
    ["CREATE VIEW v(x) AS SELECT 1", [], "missing view v: (x) AS SELECT 1 | -"],
    [
      "CREATE VIEW x AS SELECT 1 AS a",
      "CREATE TABLE x(a)",
      "extra table x: - | 1 column",
      "missing view x: SELECT 1 AS a | -",
    ],
    [
      [
        "CREATE TABLE t(a)",
        'CREATE VIEW v AS SELECT "a", "lit" FROM "t"',
        "CREATE TABLE k(a)",
        'CREATE TRIGGER x AFTER INSERT ON k BEGIN UPDATE t SET "a" = 1; END',
      ],
      [
        "CREATE TABLE k(a)",
        "CREATE VIEW v AS SELECT [a], 'lit' FROM t",
        'CREATE TRIGGER x AFTER INSERT ON k BEGIN UPDATE t SET "a" = 1; END',
      ],
      "missing table t: 1 column | -",
    ],
  ],
  columns: [
    [
      "CREATE TABLE t(email TEXT NOT NULL)",
      "CREATE TABLE t(Email TEXT)",
      "changed column t.email: TEXT NOT NULL | TEXT",
    ],
    [
      "CREATE TABLE t(a INTEGER DEFAULT 1)",
      "CREATE TABLE t(a TEXT DEFAULT 1)",
      "changed column t.a: INTEGER | TEXT",
    ],
    [
      "CREATE TABLE t(a)",
      "CREATE TABLE t(a INTEGER NOT NULL)",
      "changed column t.a: no type | INTEGER NOT NULL",
    ],
    ["CREATE TABLE t(a INT)", "CREATE TABLE t(a INTEGER)", "changed column t.a: INT | INTEGER"],
    [
      "CREATE TABLE t(a DEFAULT 'x')",
      "CREATE TABLE t(a DEFAULT 'X')",
      "changed column t.a: DEFAULT 'x' | DEFAULT 'X'",
    ],
    [
      "CREATE TABLE t(a DEFAULT '')",
      "CREATE TABLE t(a)",
      "changed column t.a: DEFAULT '' | no type",
    ],
    [
      "CREATE TABLE t(a DEFAULT 'true')",
      "CREATE TABLE t(a DEFAULT true)",
      "changed column t.a: DEFAULT 'true' | DEFAULT true",
    ],
    [
      "CREATE TABLE t(a DEFAULT 'NULL')",
      "CREATE TABLE t(a DEFAULT NULL)",
      "changed column t.a: DEFAULT 'NULL' | no type",
    ],
    [
      "CREATE TABLE t(a DEFAULT '1')",
      "CREATE TABLE t(a DEFAULT 1)",
      "changed column t.a: DEFAULT '1' | DEFAULT 1",
    ],
    [
      "CREATE TABLE t(a TEXT COLLATE NOCASE)",
      "CREATE TABLE t(a TEXT)",
      "changed column t.a: TEXT COLLATE NOCASE | TEXT",
    ],
    [
      "CREATE TABLE t(a, b AS (a) STORED)",
      "CREATE TABLE t(a, b AS (a))",
      "changed column t.b: AS (a) STORED | AS (a) VIRTUAL",
    ],
    [
      "CREATE TABLE t(a NOT NULL ON CONFLICT FAIL)",
      "CREATE TABLE t(a NOT NULL)",
      "changed column t.a: NOT NULL ON CONFLICT FAIL | NOT NULL",
    ],
    [
      "CREATE TABLE t(a, b, c)",
      "CREATE TABLE t(b, a, c)",
      "changed table t: columns in order: a, b, c | columns in order: b, a, c",
    ],
    [
      ["CREATE TABLE t(a COLLATE NOCASE, UNIQUE(a))", "CREATE INDEX i ON t(a, lower(a))"],
      ["CREATE TABLE t(a, UNIQUE(a))", "CREATE INDEX i ON t(a, lower(a))"],
      "changed column t.a: COLLATE NOCASE | no type",
    ],
  ],
  "tables and their constraints": [
    ["CREATE TABLE t(a INT) STRICT", "CREATE TABLE t(a INT)", "changed table t: STRICT | -"],
    [
      "CREATE TABLE t(a TEXT PRIMARY KEY)",
      "CREATE TABLE t(a TEXT PRIMARY KEY) WITHOUT ROWID",
      "changed table t: - | WITHOUT ROWID",
    ],
    [
      "CREATE TABLE t(a INTEGER PRIMARY KEY)",
      "CREATE TABLE t(a INTEGER PRIMARY KEY) WITHOUT ROWID",
      "changed table t: - | WITHOUT ROWID",
    ],
    [
      "CREATE TABLE t(a INTEGER, PRIMARY KEY (a DESC))",
      "CREATE TABLE t(a INTEGER, PRIMARY KEY (a DESC)) WITHOUT ROWID",
      "changed table t: - | WITHOUT ROWID",
    ],
    [
      "CREATE TABLE t(a TEXT PRIMARY KEY) STRICT",
      "CREATE TABLE t(a TEXT PRIMARY KEY)",
      "changed table t: STRICT | -",
    ],
    [
      "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT)",
      "CREATE TABLE t(a INTEGER PRIMARY KEY)",
      "changed table t: AUTOINCREMENT | -",
    ],
    [
      "CREATE TABLE t(a INTEGER PRIMARY KEY)",
      "CREATE TABLE t(a INTEGER)",
      "changed table t: PRIMARY KEY (a) | -",
    ],
    [
      "CREATE TABLE t(a INTEGER PRIMARY KEY)",
      "CREATE TABLE t(a INTEGER PRIMARY KEY DESC)",
      "changed table t: PRIMARY KEY (a) | PRIMARY KEY (a DESC)",
    ],
    [
      "CREATE TABLE t(a, b, PRIMARY KEY(a, b))",
      "CREATE TABLE t(a, b, PRIMARY KEY(b, a))",
      "changed table t: PRIMARY KEY (a, b) | PRIMARY KEY (b, a)",
    ],
    ["CREATE TABLE t(a UNIQUE)", "CREATE TABLE t(a)", "changed table t: UNIQUE (a) | -"],
    [
      ["CREATE TABLE t(a UNIQUE)"],
      ["CREATE TABLE t(a)", "CREATE UNIQUE INDEX i ON t(a)"],
      "changed table t: UNIQUE (a) | -",
      "extra index i: - | UNIQUE ON t (a)",
    ],
    [
      "CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE)",
      "CREATE TABLE t(a UNIQUE)",
      "changed table t: UNIQUE (a) ON CONFLICT REPLACE | UNIQUE (a)",
    ],
    [
      "CREATE TABLE t(a CHECK(a > 0))",
      "CREATE TABLE t(a CHECK(a >= 0))",
      "changed table t: CHECK (a > 0) | CHECK (a >= 0)",
    ],
    [
      "CREATE TABLE t(a CHECK(a <> 'x'))",
      "CREATE TABLE t(a CHECK(a <> 'x '))",
      "changed table t: CHECK (a != 'x') | CHECK (a != 'x ')",
    ],
    [
      "CREATE TABLE t(a CONSTRAINT c CHECK(a > 0))",
      "CREATE TABLE t(a CHECK(a > 0))",
      "changed table t: CONSTRAINT c CHECK (a > 0) | CHECK (a > 0)",
    ],
    [
      'CREATE TABLE t(a, b CHECK("b" <> 1))',
      "CREATE TABLE t(a, b CHECK('b' <> 1))",
      "changed table t: CHECK (b != 1) | CHECK ('b' != 1)",
    ],
    [
      "CREATE TABLE t(a REFERENCES p(x) ON DELETE CASCADE)",
      "CREATE TABLE t(a REFERENCES p(x))",
      "changed table t: FOREIGN KEY (a) REFERENCES p (x) ON DELETE CASCADE | FOREIGN KEY (a) REFERENCES p (x)",
    ],
    [
      "CREATE TABLE t(a REFERENCES p)",
      "CREATE TABLE t(a REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
      "changed table t: FOREIGN KEY (a) REFERENCES p | FOREIGN KEY (a) REFERENCES p DEFERRABLE INITIALLY DEFERRED",
    ],
    [
      ["CREATE TABLE p(a PRIMARY KEY, b)", "CREATE TABLE t(a REFERENCES p)"],
      ["CREATE TABLE p(a, b PRIMARY KEY)", "CREATE TABLE t(a REFERENCES p)"],
      "changed table p: PRIMARY KEY (a) | PRIMARY KEY (b)",
    ],
    [
      "CREATE TABLE t(a)",
      "CREATE TABLE t(a UNIQUE REFERENCES t CHECK(a > 1))",
      "changed table t: - | UNIQUE (a)",
      "changed table t: - | CHECK (a > 1)",
      "changed table t: - | FOREIGN KEY (a) REFERENCES t",
    ],
    [
      "CREATE VIRTUAL TABLE s USING fts5(a, b)",
      "CREATE VIRTUAL TABLE s USING fts5(a)",
      "changed table s: USING fts5 (a, b) | USING fts5 (a)",
    ],
    [
      "CREATE VIRTUAL TABLE s USING fts5(a, tokenize='porter  ascii')",
      "CREATE VIRTUAL TABLE s USING fts5(a, tokenize='porter ascii')",
      "changed table s: USING fts5 (a, tokenize='porter  ascii') | USING fts5 (a, tokenize='porter ascii')",
    ],
    [
      "CREATE VIRTUAL TABLE s USING fts5(a)",
      "CREATE TABLE s(a)",
      "changed table s: USING fts5 (a) | ordinary table",
    ],
  ],
  "indexes, triggers and views": [
    [
      ["CREATE TABLE t(a, b)", "CREATE INDEX i ON t(a)"],
      ["CREATE TABLE t(a, b)", "CREATE INDEX i ON t(a, b)"],
      "changed index i: ON t (a) | ON t (a, b)",
    ],
    [
      ["CREATE TABLE t(a)", "CREATE INDEX i ON t(a)"],
      ["CREATE TABLE t(a)", "CREATE UNIQUE INDEX i ON t(a)"],
      "changed index i: ON t (a) | UNIQUE ON t (a)",
    ],
    [
      ["CREATE TABLE t(a)", "CREATE INDEX i ON t(a || 'x' COLLATE NOCASE)"],
      ["CREATE TABLE t(a)", "CREATE INDEX i ON t((a || 'x') COLLATE NOCASE)"],
      "changed index i: ON t (a || 'x' COLLATE nocase) | ON t (a || 'x' COLLATE NOCASE)",
    ],
    [
      ["CREATE TABLE t(a)", "CREATE TABLE u(a)", "CREATE INDEX i ON t(a)"],
      ["CREATE TABLE t(a)", "CREATE TABLE u(a)", "CREATE INDEX i ON u(a)"],
      "changed index i: ON t (a) | ON u (a)",
    ],
    [
      ["CREATE TABLE t(a)", "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END"],
      ["CREATE TABLE t(a)", "CREATE TRIGGER x INSERT ON t BEGIN SELECT 1; END"],
      "changed trigger x: AFTER INSERT ON t | BEFORE INSERT ON t",
    ],
    [
      ["CREATE TABLE t(a)", "CREATE TRIGGER x INSERT ON t WHEN NEW.a BEGIN SELECT 1; END"],
      ["CREATE TABLE t(a)", "CREATE TRIGGER x INSERT ON t BEGIN SELECT 1; END"],
      "changed trigger x: WHEN new.a | no WHEN",
    ],
    [
      ["CREATE TABLE t(a)", "CREATE TRIGGER x INSERT ON t BEGIN SELECT 'a'; END"],
      ["CREATE TABLE t(a)", "CREATE TRIGGER x INSERT ON t BEGIN SELECT 'A'; END"],
      "changed trigger x: SELECT 'a'; | SELECT 'A';",
    ],
    [
      "CREATE VIEW v AS SELECT 1",
      "CREATE VIEW v AS SELECT 2",
      "changed view v: SELECT 1 | SELECT 2",
    ],
    [
      "CREATE VIEW v(a) AS SELECT 1",
      "CREATE VIEW v(b) AS SELECT 1",
      "changed view v: (a) AS SELECT 1 | (b) AS SELECT 1",
    ],
    [
      ["CREATE TABLE t(a, b)", "CREATE VIEW v AS SELECT * FROM t"],
      ["CREATE TABLE t(a)", "CREATE VIEW v AS SELECT * FROM t"],
      "missing column t.b: no type | -",
    ],
    [
      ['CREATE TABLE t(a, "left")', "CREATE VIEW v AS SELECT t.a FROM t LEFT JOIN t u ON 1"],
      ['CREATE TABLE t(a, "left")', 'CREATE VIEW v AS SELECT t.a FROM t "left" JOIN t u ON 1'],
      'changed view v: SELECT t.a FROM t LEFT JOIN t u ON 1 | SELECT t.a FROM t "left" JOIN t u ON 1',
    ],
  ],
};

describe.each(Object.entries(different))("compareSchemas reports differences in %s", (_, rows) => {
  test.each(rows)("between %s and %s, in both directions", async (left, right, ...rest) => {
    const expected = rest.flat();
    expect(await described(left, right)).toEqual(expected);
    const turned = expected.map((line) => {
      const [, kind = "", name, one, other] = /^(\w+) ([^:]+): (.*) \| (.*)$/.exec(line) ?? [];
      const turn: Record<string, string> = { missing: "extra", extra: "missing" };
      return `${turn[kind] ?? kind} ${name}: ${other} | ${one}`.toLowerCase();
    });
    const back = await described(right, left);
    expect(back.map((line) => line.toLowerCase()).sort()).toEqual(turned.sort());
  });
});

test("compareSchemas cuts long texts around the first difference", async () => {
  const select = (end: string): string =>
    `CREATE VIEW v AS SELECT ${Array.from({ length: 60 }, (_, i) => `${i} AS ünï😀${i}`).join(", ")}, ${end}`;
  const [line] = await described(select("1"), select("2"));
  expect(line).toBe(
    "changed view v: …, 58 AS ünï😀58, 59 AS ünï😀59, 1 | …, 58 AS ünï😀58, 59 AS ünï😀59, 2",
  );
});
