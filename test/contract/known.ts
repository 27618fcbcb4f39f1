/**
 * Where we do not answer as D1 does, and why. Keys are the names of cases.
 * A case that is listed here and no longer differs fails the suite.
 * @module
 */

interface Difference {
  /** Its row in docs/d1.md. */
  readonly title: string;
  readonly why: string;
  readonly cases: readonly string[];
}

/** In memory and in a file. */
export const knownDifferences: readonly Difference[] = [
  {
    title: "The error when SQLite rolls the transaction back, or at a commit",
    why: "D1 says `internal error; reference = …` and nothing else; ours says what SQLite says. Both undo everything.",
    cases: [
      "OR ROLLBACK undoes the whole batch",
      "OR ROLLBACK alone",
      "RAISE(ROLLBACK) undoes the whole batch",
      "only the last statement of a text may return what it has changed",
      "delete a parent ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED",
      "drop the parent ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED",
      "rebuild the parent ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED",
      "a violation left at the end of a deferred batch undoes it",
      "a violation left at the end of one statement with a deferred key undoes it",
    ],
  },
  {
    title:
      "`UPDATE` or `DELETE` with `ORDER BY` or `LIMIT` on a view, or on a table with columns `rowid`, `oid` and `_rowid_`",
    why: "UPDATE and DELETE with ORDER BY or LIMIT need a key: the rows of a view have none, nor those of a table whose columns take all names of the rowid.",
    cases: [
      "DELETE FROM v ORDER BY a LIMIT 2",
      "UPDATE v SET b='k' ORDER BY a DESC LIMIT 2",
      "DELETE FROM v ORDER BY a",
      "DELETE FROM r4 ORDER BY v DESC LIMIT 1",
    ],
  },
  {
    title:
      "`UPDATE … FROM … LIMIT` where a row matches several rows of `FROM`, or without `ORDER BY`",
    why: "UPDATE … FROM … LIMIT where a row meets several rows of FROM: SQLite takes any of them, D1 another one than node.",
    cases: ["UPDATE t SET b = f.x FROM f LIMIT 2"],
  },
  {
    title: "`UPDATE … FROM … ORDER BY 3 LIMIT n`: a column by its number",
    why: "The SELECT that SQLite makes of such an UPDATE has the new values behind the key, and a number in ORDER BY counts them. Ours has the key.",
    cases: ["UPDATE t SET b = f.x FROM f WHERE f.k = t.a ORDER BY 2 LIMIT 1"],
  },
  {
    title: "`printf()` and `format()` with a width or precision above 100,000",
    why: "workerd's SQLite cuts printf's precision at 100,000; a compile-time option.",
    cases: ["8,388,642 bytes of value"],
  },
  {
    title: "A bound text with half a surrogate pair",
    why: "Half a surrogate pair is three bytes of bad UTF-8 to workerd and one U+FFFD to Node.",
    cases: ["bind half a 😀"],
  },
];

/** In memory only. */
export const knownInMemory: readonly Difference[] = [
  {
    title: "Cloudflare's own table, `_cf_METADATA`",
    why: "workerd keeps a table `_cf_METADATA` in every database, so the file has it too when workerd has been there; memory has not.",
    cases: [
      "SELECT * FROM _cf_METADATA",
      "DROP TABLE _cf_METADATA",
      "ANALYZE",
      "ANALYZE writes statistics that may be changed",
      "SELECT m.name, x.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) x",
      "PRAGMA table_list, with and without an argument, and as a function",
      "PRAGMA optimize(0x10002)",
      "PRAGMA optimize(-1)",
      "PRAGMA optimize(65538)",
      "PRAGMA table_list",
      "SELECT name FROM pragma_table_list WHERE schema='main' ORDER BY name",
      "what changes, last_row_id, size_after and changed_db say",
    ],
  },
];

/** Over the API: the fake behind it is of node's SQLite, so that what differs there differs here. */
export const knownAtCloudflare: readonly Difference[] = [
  ...knownDifferences,
  {
    title: "An integer beyond 2^53",
    why: "An integer beyond 2^53 is exact: a BigInt, where D1's own client rounds it.",
    cases: [
      'SELECT "9007199254740992"',
      'SELECT "9007199254740993"',
      'SELECT "9223372036854775807"',
      'SELECT "-9223372036854775808"',
      "aggregate: sum(9223372036854775807)",
      "bind 2^53 to columns of every affinity",
      "bind 2^53+2 to columns of every affinity",
    ],
  },
  {
    title: "A bound `NaN` or infinity",
    why: "What JSON cannot say is refused, where D1's own client sends NULL instead.",
    cases: [
      "bind NaN",
      "bind Infinity",
      "bind -Infinity",
      "bind NaN to columns of every affinity",
      "bind Infinity to columns of every affinity",
      "bind -Infinity to columns of every affinity",
    ],
  },
  {
    title: "Several statements in one text",
    why: "A text of several statements is sent as several: a comment or an empty statement at its end is nothing, each may be of 100,000 bytes, and each runs to its end.",
    cases: [
      "SELECT ?;; with [1]",
      "several statements in one text are one transaction",
      "100,000 bytes of several statements",
    ],
  },
  {
    title: "A batch with a comment in place of a statement",
    why: "A batch that cannot run is refused before it is sent, so that the engine never began it.",
    cases: ["nothing is left of a batch that fails for a comment"],
  },
  {
    title: "Cloudflare's own table, `_cf_KV`",
    why: "At Cloudflare the reserved table is `_cf_KV`, in workerd it is `_cf_METADATA`.",
    cases: [
      "SELECT * FROM _cf_KV",
      "SELECT * FROM _cf_METADATA",
      "DROP TABLE _cf_METADATA",
      "ANALYZE",
      "ANALYZE writes statistics that may be changed",
      "PRAGMA table_list, with and without an argument, and as a function",
      "PRAGMA optimize(0x10002)",
      "PRAGMA optimize(-1)",
      "PRAGMA optimize(65538)",
      "PRAGMA table_list",
      "SELECT name FROM pragma_table_list WHERE schema='main' ORDER BY name",
      "what changes, last_row_id, size_after and changed_db say",
    ],
  },
];

/** Compared but for ` at offset N`: `node:sqlite` does not tell the place, and it cannot be found for sure. */
export const knownWithoutPlace: readonly string[] = [
  "CREATE INDEX i ON t(random())",
  "SELECT ?0 with [1]",
  "SELECT ?101 with [1]",
  "CREATE TABLE x(a CHECK(a > ?)) with [1]",
  `SELECT ${"?,".repeat(36)}?… (208 characters) with 101 bound`,
  "SELECT 1 UNION SELECT 2 ORDER BY 5",
  "SELECT likelihood(1, 5)",
  "likelihood with zero to six arguments",
  "SELECT 0x12345678901234567890",
  // Here SQLite itself does not record the place, and ours is right.
  "SELECT t.a, c FROM t JOIN u ON t.a = u.nope",
  "UPDATE t SET nope=1",
  "UPDATE t SET nope=1 LIMIT 1",
  "DELETE FROM t ORDER BY count(*) LIMIT 1",
  "INSERT INTO t VALUES(1,1) ON CONFLICT(a) DO UPDATE SET nope=1",
];
