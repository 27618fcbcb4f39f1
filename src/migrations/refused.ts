/**
 * What D1 and SQLite reject in a migration, and what to write instead. `migrations/README.md` has the same table; a test
 * compares them. Pure.
 * @module
 */
import { lexemes } from "../sql/lexemes.ts";

export interface Refused {
  /** Markdown, as in `migrations/README.md`. */
  readonly what: string;
  readonly instead: string;
  /** Matches the error's message. Without it, any message matches. */
  readonly message?: RegExp;
  /** Matches the statement's tokens, joined by spaces. Without it, any statement matches. */
  readonly statement?: RegExp;
}

const DENIED = /^not authorized(?:: SQLITE_AUTH)?/;
/** `DROP TABLE` deletes the rows first, so it starts the `ON DELETE` actions of other tables. */
export const REBUILD_REFERENCED =
  'follow "Rebuild a table that others reference" in `node_modules/d1ops/migrations/README.md`';
const REBUILD = `rebuild the table: create a new one, copy the rows, drop the old one, rename the new one. If another table references it, this fails or deletes the rows of the other table: ${REBUILD_REFERENCED}`;

export const REFUSED: readonly Refused[] = [
  {
    what: "`BEGIN`, `COMMIT`, `ROLLBACK`, `SAVEPOINT`, `RELEASE`",
    instead: "nothing: each file is already one transaction",
    message: /^To execute a transaction/,
  },
  {
    what: "`TEMP` tables, views and triggers",
    instead: "an ordinary table, dropped at the end of the file",
    statement: /^CREATE TEMP(?:ORARY)? /i,
    message: DENIED,
  },
  {
    what: "`ATTACH`, `DETACH`, `VACUUM`",
    instead: "nothing: a migration has one database, and D1 looks after its file",
    statement: /^(?:ATTACH|DETACH|VACUUM)\b/i,
  },
  {
    what: "names that begin with `_cf_`",
    instead: "another name",
    statement: /["'`[ .]_cf_/i,
    message: /^(?:not authorized|access to _cf_)/,
  },
  {
    what: "writing to `sqlite_master`, `PRAGMA writable_schema`",
    instead: REBUILD,
    message: /^table sqlite_(?:master|schema) may not be modified/,
  },
  {
    what: "`PRAGMA user_version`, `journal_mode`, `integrity_check` and most others",
    instead:
      "the ledger for a version, `PRAGMA quick_check` for a check; the others have no use at D1",
    statement: /^PRAGMA /i,
    message: DENIED,
  },
  {
    what: "`ALTER TABLE … ALTER COLUMN`, `ADD CONSTRAINT`, `DROP CONSTRAINT`",
    instead: REBUILD,
    statement:
      /^ALTER TABLE (?:\S+ \. )?\S+ (?:(?:ADD|DROP) (?:CONSTRAINT|CHECK|UNIQUE|FOREIGN|PRIMARY)|ALTER|MODIFY|CHANGE)\b/i,
    message: /^(?:near |not authorized to use function: sqlite_)/,
  },
  {
    what: "`ADD COLUMN … PRIMARY KEY` or `UNIQUE`",
    instead: "`ADD COLUMN` without it, then `CREATE UNIQUE INDEX`",
    statement: /^ALTER TABLE .*(?:PRIMARY|UNIQUE)/i,
    message: /^Cannot add a (?:PRIMARY KEY|UNIQUE) column/,
  },
  {
    what: "`ADD COLUMN … NOT NULL` without a default",
    instead: "a constant default; or `ADD COLUMN` without `NOT NULL`, then `UPDATE`",
    statement: /^ALTER TABLE .* NOT NULL/i,
    message: /^Cannot add a NOT NULL column with default value NULL/,
  },
  {
    what: "`ADD COLUMN` with a default that is not constant (`CURRENT_TIMESTAMP`), on a table that has rows",
    instead: "`ADD COLUMN` without a default, then `UPDATE`; or rebuild the table",
    statement: /^ALTER TABLE .* DEFAULT (?:CURRENT_|\()/i,
    message: /^Cannot add a column with non-constant default/,
  },
  {
    what: "`ADD COLUMN … REFERENCES` with a default that is not NULL",
    instead: "`ADD COLUMN` without a default, then `UPDATE`",
    statement: /^ALTER TABLE .* REFERENCES /i,
    message: /^Cannot add a REFERENCES column with non-NULL default value/,
  },
  {
    what: "`ADD COLUMN … GENERATED ALWAYS AS (…) STORED`",
    instead: "`VIRTUAL` in place of `STORED`; or rebuild the table",
    statement: /^ALTER TABLE .* AS \(/i,
    message: /^cannot add a STORED column/,
  },
  {
    what: "`ALTER TABLE` while a view or a trigger names a table or column that is gone, as after `DROP TABLE` in a rebuild",
    instead: "drop the view or trigger first, and create it again at the end of the file",
    statement: /^ALTER TABLE /i,
    message: /^error in (?:view|trigger) /,
  },
  {
    what: "`DROP COLUMN` of a column in an index",
    instead: "`DROP INDEX` first",
    statement: /^ALTER TABLE /i,
    message: /^error in index /,
  },
  {
    what: "a default in parentheses that names a column or has a query",
    instead: "a constant; or a generated column: `b GENERATED ALWAYS AS (a)`",
    statement: /^(?:CREATE|ALTER) TABLE /i,
    message: /^default value of column \[.+\] is not constant/,
  },
  {
    what: "a default with a function or an operator, without parentheses",
    instead:
      "parentheses around it: `DEFAULT (unixepoch())`; for `ADD COLUMN` on a table that has rows, a constant",
    statement:
      /^(?:CREATE|ALTER) TABLE .*\bDEFAULT (?:[-+] )?(?:[\w.]+|'(?:[^']|'')*') (?:\(|[-+*/%<>=&|])/i,
    message: /^near "(?:\(|[-+*/%<>=&|]+)": syntax error/,
  },
  {
    what: "more than five terms of `UNION`, `INTERSECT` or `EXCEPT`",
    instead: "several statements; or rows of `VALUES`, which are not terms",
    message: /^too many terms in compound SELECT/,
  },
  {
    what: "virtual tables other than FTS5 and R-tree",
    instead: "FTS5 for text, R-tree for ranges, ordinary tables for all else",
    statement: /^CREATE VIRTUAL TABLE /i,
    message: /^(?:not authorized|no such module)/,
  },
  {
    what: "`load_extension()`, `sqlite_version()`, and functions that D1 does not have",
    instead:
      "functions of [SQLite's core](https://www.sqlite.org/lang_corefunc.html), dates, JSON and mathematics; or the Worker computes the value",
    message: /^(?:not authorized to use|no such) function: /,
  },
];

/** Returns the row that explains an error, or null. `message` has no frame of D1. */
export function refusedBy(statement: string, message: string): Refused | null {
  const start = lexemes(statement).slice(0, MOST);
  const text = start.map((lexeme) => lexeme.text).join(" ");
  return (
    REFUSED.find(
      (row) => (row.message?.test(message) ?? true) && (row.statement?.test(text) ?? true),
    ) ?? null
  );
}

/** Tokens that are compared: the start of a statement identifies the row. */
const MOST = 200;
