import { all, batch, type Case } from "../case.ts";

const fts = [
  all("CREATE VIRTUAL TABLE f USING fts5(title, body)"),
  all(
    "INSERT INTO f VALUES('one','the quick brown fox'),('two','the lazy dog'),('three','quick quick')",
  ),
];

export const search: Case[] = [
  {
    name: "FTS5: query, rank, highlight, snippet, vocabulary",
    steps: [
      ...fts,
      all("SELECT rowid, title FROM f WHERE f MATCH 'quick' ORDER BY rank"),
      all(
        "SELECT highlight(f,1,'<','>') h, snippet(f,1,'[',']','…',2) s, bm25(f) < 0 b FROM f WHERE f MATCH ?",
        "quick",
      ),
      all("SELECT * FROM f('lazy')"),
      all("SELECT * FROM f WHERE f MATCH 'AND'"),
      all("SELECT * FROM f WHERE nope MATCH 'x'"),
      all("CREATE VIRTUAL TABLE vocab USING fts5vocab(f, row)"),
      all("SELECT * FROM vocab ORDER BY term"),
      all("INSERT INTO f(f) VALUES('optimize')"),
      all("INSERT INTO f(f) VALUES('rebuild')"),
      all("INSERT INTO f(f) VALUES('integrity-check')"),
      all("INSERT INTO f(f) VALUES('nope')"),
      all("UPDATE f SET title='ONE' WHERE rowid=1"),
      all("DELETE FROM f WHERE f MATCH 'lazy'"),
      all("PRAGMA quick_check"),
    ],
  },
  {
    name: "FTS5: shadow tables are read-only, and go with their table",
    steps: [
      ...fts,
      all("SELECT count(*) AS n FROM f_content"),
      all("INSERT INTO f_content VALUES(9,'x','y')"),
      all("UPDATE f_data SET block=x''"),
      all("DROP TABLE f_data"),
      all("CREATE TABLE f_more(a)"),
      all("CREATE TABLE f_content(a)"),
      all("DROP TABLE f"),
    ],
  },
  {
    name: "FTS5: external content and triggers",
    steps: [
      batch(
        "CREATE TABLE doc(id INTEGER PRIMARY KEY, body)",
        "CREATE VIRTUAL TABLE doc_fts USING fts5(body, content='doc', content_rowid='id')",
        "CREATE TRIGGER doc_ai AFTER INSERT ON doc BEGIN INSERT INTO doc_fts(rowid, body) VALUES(new.id, new.body); END",
        "CREATE TRIGGER doc_ad AFTER DELETE ON doc BEGIN INSERT INTO doc_fts(doc_fts, rowid, body) VALUES('delete', old.id, old.body); END",
        "INSERT INTO doc VALUES(1,'hello world'),(2,'goodbye world')",
      ),
      all("SELECT rowid FROM doc_fts WHERE doc_fts MATCH 'world'"),
      all("DELETE FROM doc WHERE id=1"),
      all("SELECT rowid FROM doc_fts WHERE doc_fts MATCH 'world'"),
      all("INSERT INTO doc_fts(doc_fts, rowid, body) VALUES('delete', 2, 'something else')"),
      all("ALTER TABLE doc_fts RENAME TO search"),
    ],
  },
  {
    name: "FTS5: a failed batch removes its rows from the index",
    steps: [
      ...fts,
      batch("INSERT INTO f VALUES('four','zebra')", "SELEC"),
      all("SELECT count(*) AS n FROM f WHERE f MATCH 'zebra'"),
    ],
  },
  {
    name: "R*Tree",
    steps: [
      all("CREATE VIRTUAL TABLE r USING rtree(id, x0, x1, +note)"),
      all("INSERT INTO r VALUES(1, 0, 1, 'a'), (2, 5, 6, 'b')"),
      all("INSERT INTO r VALUES(?,?,?,?)", 3, 9, 10, "c"),
      all("SELECT * FROM r WHERE x0 >= 4 ORDER BY id"),
      all("INSERT INTO r VALUES(4, 1, 0, 'bad')"),
      all("SELECT rtreecheck('r')"),
      all("SELECT * FROM r WHERE id MATCH nope(1)"),
      all("UPDATE r_node SET data=x''"),
      all("CREATE VIRTUAL TABLE i USING rtree_i32(id, x0, x1)"),
      all("INSERT INTO i VALUES(1, 2, 3)"),
      all("SELECT * FROM i"),
      all("ALTER TABLE r RENAME TO q"),
      all("DROP TABLE q"),
    ],
  },
  {
    name: "generated columns",
    steps: [
      all("CREATE TABLE g(a INT, b INT AS (a*2), c TEXT AS (a||'!') STORED)"),
      all("INSERT INTO g(a) VALUES(3)"),
      all("INSERT INTO g VALUES(?)", 4),
      all("SELECT * FROM g WHERE b > 5"),
      all("CREATE INDEX gi ON g(c)"),
      all("PRAGMA table_xinfo(g)"),
      all("ALTER TABLE g ADD COLUMN d AS (a+b) VIRTUAL"),
      all("ALTER TABLE g DROP COLUMN a"),
      all("SELECT * FROM g"),
    ],
  },
  {
    name: "double-quoted texts",
    steps: [
      all('CREATE TABLE q(a CHECK(a IN ("x","y")), b DEFAULT "dflt")'),
      all('INSERT INTO q(a) VALUES("x")'),
      all('INSERT INTO q(a) VALUES("z")'),
      all('SELECT "a", "nope" FROM q WHERE a = "x"'),
      all('CREATE VIEW qv AS SELECT a FROM q WHERE a = "x"'),
      all("SELECT * FROM qv"),
      all("ALTER TABLE q RENAME TO q2"),
      all("ALTER TABLE q2 RENAME COLUMN a TO aa"),
      all('CREATE INDEX qi ON q2("nope")'),
      all("PRAGMA quick_check"),
    ],
  },
  {
    name: "views, and triggers on views",
    steps: [
      all("CREATE TABLE b(id INTEGER PRIMARY KEY, n)"),
      all("CREATE VIEW bv(k, m) AS SELECT id, n FROM b"),
      all(
        "CREATE TRIGGER bi INSTEAD OF INSERT ON bv BEGIN INSERT INTO b VALUES(new.k, new.m||'!'); END",
      ),
      all("INSERT INTO bv VALUES(1,'a')"),
      all("INSERT INTO bv VALUES(2,'b') RETURNING k, m"),
      all("SELECT * FROM bv"),
      all("DROP TABLE b"),
      all("SELECT * FROM bv"),
      all("DROP VIEW bv"),
    ],
  },
  {
    name: "the current time is the same within a statement, and plausible",
    reads: true,
    steps: [
      all("SELECT datetime('now') = datetime('now') AS same"),
      all("SELECT abs(julianday('now') - 2461000) < 100000 AS plausible"),
    ],
  },
];
