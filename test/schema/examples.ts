/** Schemas with something unusual in each. D1 accepts them all. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "a table without types": ["CREATE TABLE t(a, b)"],
  "all kinds of columns": [
    `CREATE TABLE t(
      id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, -- the key, you know
      a VARCHAR ( 20 ) DEFAULT 'x' COLLATE NOCASE,
      b DECIMAL(10, 2) NOT NULL ON CONFLICT REPLACE DEFAULT (1 + 2),
      c unsigned /* very */ big int DEFAULT -5,
      d TEXT DEFAULT CURRENT_TIMESTAMP CHECK (d <> 'it''s, (no)'),
      e BLOB DEFAULT x'ab',
      f AS (a || 'x') STORED,
      g INTEGER GENERATED ALWAYS AS (id + 1) VIRTUAL
    )`,
  ],
  "odd names": [
    `CREATE TABLE "order items"("select" PRIMARY KEY, [a b], \`c"d\`, 'e''f', größe, "😀", "x.y", UNIQUE ("a b", größe))`,
    `CREATE INDEX "an ""index""" ON "order items"("select" DESC, [😀])`,
    `CREATE TABLE "ta'ble"(id INTEGER PRIMARY KEY, "left", "key" CHECK ("key" > 0))`,
    `CREATE VIEW "vi]ew" AS SELECT "select", "order items"."x.y" AS "the point" FROM "order items"`,
    `CREATE TRIGGER "on [x]" AFTER UPDATE OF "a b" ON "order items" BEGIN UPDATE "order items" SET größe = 1; END`,
  ],
  "a string in double quotes": [
    `CREATE TABLE t(a CHECK (a IN ("new", "done") AND "a" <> ""), b DEFAULT "text", c AS (a || "suffix"))`,
    `CREATE INDEX i ON t(a) WHERE a = "new"`,
    `CREATE VIEW v AS SELECT a, "constant" AS k FROM t WHERE a <> "new"`,
    `CREATE TRIGGER tr AFTER INSERT ON t WHEN NEW.a = "new" BEGIN UPDATE t SET b = "seen" WHERE "a" = NEW."a"; END`,
  ],
  "keys and references": [
    "CREATE TABLE p(a, b, c, PRIMARY KEY (b DESC, a COLLATE NOCASE) ON CONFLICT IGNORE, UNIQUE (c)) WITHOUT ROWID",
    `CREATE TABLE c(
      id INTEGER PRIMARY KEY, x, y,
      parent INTEGER REFERENCES c ON DELETE CASCADE ON UPDATE SET NULL,
      z REFERENCES p(c) DEFERRABLE INITIALLY DEFERRED CONSTRAINT z_set NOT NULL,
      CONSTRAINT to_p FOREIGN KEY (x, y) REFERENCES p ON DELETE SET DEFAULT MATCH FULL
    )`,
  ],
  "a strict table": [
    "CREATE TABLE s(a TEXT PRIMARY KEY, b ANY, c INT CHECK (c > 0)) STRICT, WITHOUT ROWID",
  ],
  "indexes of all kinds": [
    "CREATE TABLE t(a TEXT COLLATE NOCASE, b, c)",
    "CREATE UNIQUE INDEX i1 ON t(a, b DESC)",
    "CREATE INDEX i2 ON t(a COLLATE BINARY, lower(b) COLLATE RTRIM DESC, (b), b + c)",
    "CREATE INDEX i3 ON t(c) WHERE b IS NOT NULL AND (a LIKE 'x%')",
  ],
  "triggers of all kinds": [
    'CREATE TABLE t(a, b, "begin")',
    "CREATE VIEW v AS SELECT a, b FROM t",
    "CREATE TRIGGER t1 UPDATE OF b, a ON t FOR EACH ROW WHEN NEW.\"begin\" > 1 BEGIN SELECT CASE WHEN NEW.a THEN RAISE(ABORT, 'no; END') END; DELETE FROM t; END",
    "CREATE TRIGGER t2 INSTEAD OF DELETE ON v BEGIN DELETE FROM t WHERE a = OLD.a; END",
  ],
  "views of all kinds": [
    "CREATE TABLE t(a, b)",
    'CREATE VIEW v1(x, "y z") AS SELECT a, b FROM t',
    "CREATE VIEW v2 AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT n.i, l.* FROM n LEFT JOIN t AS l ON l.a = i",
    'CREATE VIEW v3 AS SELECT count(*) AS "how many" FROM v1 GROUP BY x HAVING "how many" > 1',
  ],
  "a broken view and a broken trigger": [
    "CREATE TABLE t(a)",
    "CREATE TABLE gone(b)",
    "CREATE VIEW good AS SELECT a FROM t",
    "CREATE VIEW bad AS SELECT b FROM gone",
    "CREATE VIEW worse AS SELECT * FROM bad",
    "CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM gone; END",
    "CREATE VIRTUAL TABLE search USING fts5(a)",
    "DROP TABLE gone",
  ],
  "full text search": [
    "CREATE TABLE docs(id INTEGER PRIMARY KEY, title, body)",
    "CREATE VIRTUAL TABLE search USING fts5(title, body, content='docs', content_rowid=id, tokenize = 'porter unicode61')",
    "CREATE TRIGGER docs_ai AFTER INSERT ON docs BEGIN INSERT INTO search(rowid, title, body) VALUES (new.id, new.title, new.body); END",
    "CREATE TABLE search_log(a)",
  ],
  "an R*Tree": [
    "CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1, +note TEXT)",
    "CREATE TABLE boxes_old(a)",
  ],
  "SQLite's own tables": [
    "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a)",
    "CREATE INDEX i ON t(a)",
    "INSERT INTO t(a) VALUES (1), (2)",
    "ANALYZE",
  ],
  "what ALTER TABLE leaves": [
    "CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT NOT NULL, old)",
    "CREATE TABLE posts(id INTEGER PRIMARY KEY, author REFERENCES users(id) ON DELETE CASCADE, CHECK (author > 0))",
    "CREATE INDEX by_mail ON users(mail) WHERE mail <> 'x'",
    "CREATE VIEW mails AS SELECT mail FROM users",
    "CREATE TRIGGER tr AFTER UPDATE OF mail ON users BEGIN UPDATE posts SET author = NEW.id WHERE author = OLD.id; END",
    "ALTER TABLE users RENAME TO members",
    "ALTER TABLE members RENAME COLUMN mail TO email",
    "ALTER TABLE members DROP COLUMN old",
    "ALTER TABLE members ADD COLUMN age INTEGER DEFAULT 0 CHECK (age >= 0)",
  ],
  "a table that comes of a query": [
    "CREATE TABLE a(x INTEGER, y TEXT)",
    "CREATE TABLE b AS SELECT x, y || '!' AS \"y z\" FROM a",
  ],
};
