/**
 * The cases in which our answers differ from D1's, and why. Keys are the names of cases.
 * The suite fails if a case that is listed here no longer differs.
 * @module
 */

interface Difference {
  /** The first cell of its row in docs/d1.md. */
  readonly title: string;
  readonly why: string;
  readonly cases: readonly string[];
}

/** In memory and in a file. */
export const knownDifferences: readonly Difference[] = [
  {
    title: "The error when SQLite rolls the transaction back, or at a commit",
    why: "D1 reports only `internal error; reference = …`; ours reports SQLite's message. Both roll everything back.",
    cases: [
      "OR ROLLBACK undoes the whole batch",
      "OR ROLLBACK alone",
      "RAISE(ROLLBACK) undoes the whole batch",
      "only the last statement of a text may return what it has changed",
      "delete a parent ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED",
      "drop the parent ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED",
      "rebuild the parent ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED",
      "a violation at the end of a deferred batch rolls it back",
      "a violation at the end of one statement with a deferred key rolls it back",
    ],
  },
  {
    title:
      "`UPDATE` or `DELETE` with `ORDER BY` or `LIMIT` on a view, or on a table with columns `rowid`, `oid` and `_rowid_`",
    why: "UPDATE and DELETE with ORDER BY or LIMIT need a key. A view has none, and neither has a table whose columns use all names of the rowid.",
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
    why: "If a row matches several rows of FROM, SQLite may use any of them, and D1 uses another one than node.",
    cases: ["UPDATE t SET b = f.x FROM f LIMIT 2"],
  },
  {
    title: "`UPDATE … FROM … ORDER BY 3 LIMIT n`: a column by its number",
    why: "SQLite turns such an UPDATE into a SELECT of the key and the new values, and a number in ORDER BY counts its columns. Ours selects only the key.",
    cases: ["UPDATE t SET b = f.x FROM f WHERE f.k = t.a ORDER BY 2 LIMIT 1"],
  },
  {
    title: "`printf()` and `format()` with a width or precision above 100,000",
    why: "A compile-time option of workerd's SQLite limits printf's precision to 100,000.",
    cases: ["8,388,642 bytes of value"],
  },
  {
    title: "`VALUES` of thousands of rows in `FROM`",
    why: "workerd has SQLite 3.54, whose program for such rows needs fewer steps than that of node's SQLite.",
    cases: ["rows of VALUES in FROM"],
  },
  {
    title: "The error of triggers and cascades that go more than ten deep",
    why: "SQLite 3.54 has other words for it than node's SQLite.",
    cases: ["triggers go ten deep", "cascades go ten deep"],
  },
  {
    title: "A bound text with half a surrogate pair",
    why: "workerd stores half a surrogate pair as three bytes of invalid UTF-8; node stores U+FFFD.",
    cases: ["bind half a 😀"],
  },
];

/** In memory only. */
export const knownInMemory: readonly Difference[] = [
  {
    title: "Cloudflare's own table, `_cf_METADATA`",
    why: "workerd creates a table `_cf_METADATA` in every file that it opens; a database in memory lacks it.",
    cases: [
      "SELECT * FROM _cf_METADATA",
      "DROP TABLE _cf_METADATA",
      "ANALYZE",
      "ANALYZE writes statistics that can be updated",
      "SELECT m.name, x.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) x",
      "PRAGMA table_list, with and without an argument, and as a function",
      "PRAGMA optimize(0x10002)",
      "PRAGMA optimize(-1)",
      "PRAGMA optimize(65538)",
      "PRAGMA table_list",
      "SELECT name FROM pragma_table_list WHERE schema='main' ORDER BY name",
      "the meta fields changes, last_row_id, size_after and changed_db",
    ],
  },
];

/** Over the API. The fake uses node's SQLite, so the differences in a file apply too. */
export const knownAtCloudflare: readonly Difference[] = [
  ...knownDifferences,
  {
    title: "An integer beyond 2^53",
    why: "Ours returns an exact BigInt; D1's own client rounds the integer.",
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
    why: "Ours rejects what JSON cannot represent; D1's own client sends NULL.",
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
    why: "Ours sends each statement separately. So it ignores a comment or an empty statement at the end, each statement may have 100,000 bytes, and each runs to its end.",
    cases: [
      "SELECT ?;; with [1]",
      "several statements in one text are one transaction",
      "100,000 bytes of several statements",
    ],
  },
  {
    title: "A batch with a block comment in place of a statement",
    why: "Ours rejects a batch that cannot run before it is sent, so D1 never starts it.",
    cases: ["a failed batch leaves nothing, if the cause is a block comment"],
  },
  {
    title: "Cloudflare's own table, `_cf_KV`",
    why: "The reserved table is `_cf_KV` at Cloudflare and `_cf_METADATA` in workerd.",
    cases: [
      "SELECT * FROM _cf_KV",
      "SELECT * FROM _cf_METADATA",
      "DROP TABLE _cf_METADATA",
      "ANALYZE",
      "ANALYZE writes statistics that can be updated",
      "PRAGMA table_list, with and without an argument, and as a function",
      "PRAGMA optimize(0x10002)",
      "PRAGMA optimize(-1)",
      "PRAGMA optimize(65538)",
      "PRAGMA table_list",
      "SELECT name FROM pragma_table_list WHERE schema='main' ORDER BY name",
      "the meta fields changes, last_row_id, size_after and changed_db",
    ],
  },
];

/** Compared without ` at offset N`: `node:sqlite` does not report the place, and it cannot be found reliably. */
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
  // SQLite itself does not record the place of these, and ours is right.
  "SELECT t.a, c FROM t JOIN u ON t.a = u.nope",
  "UPDATE t SET nope=1",
  "UPDATE t SET nope=1 LIMIT 1",
  "DELETE FROM t ORDER BY count(*) LIMIT 1",
  "INSERT INTO t VALUES(1,1) ON CONFLICT(a) DO UPDATE SET nope=1",
];
