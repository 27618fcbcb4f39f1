/** @module Examines a database that was loaded as a whole: its structure, and rows whose parent row is missing. */
import { DatabaseSync } from "node:sqlite";
import { isDamage, isStatementError } from "./sqlite-error.ts";

export interface Examination {
  /** What SQLite's integrity check reports, such as a missing entry of an index. Empty if it finds nothing. */
  readonly problems: readonly string[];
  /** See {@link orphansIn}. */
  readonly orphans: readonly Orphans[] | null;
}

export interface Orphans {
  readonly table: string;
  readonly rows: number;
}

/**
 * Reads all of the file. Values that a CHECK of their table rejects are no problem: D1 accepts them after
 * `PRAGMA ignore_check_constraints`.
 */
export function examineFile(path: string): Examination {
  // SQLite checks less in a file that is open for reading only.
  const db = new DatabaseSync(path, { enableDoubleQuotedStringLiterals: true });
  try {
    db.exec("PRAGMA ignore_check_constraints = ON");
    const lines = db.prepare("PRAGMA integrity_check").all();
    const problems = lines
      .map(({ integrity_check: line }) => String(line))
      .filter((line) => line !== "ok");
    return { problems, orphans: orphansIn(db) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { problems: [error.message], orphans: null };
  } finally {
    db.close();
  }
}

/** The orphans of a database that was loaded as a whole, in foreign keys from or to these tables. */
export function orphansAmong(path: string, tables: ReadonlySet<string>): Orphans[] | null {
  using db = new DatabaseSync(path, { enableDoubleQuotedStringLiterals: true });
  return orphansIn(db, tables);
}

/** Rows per table whose parent row is missing. Null if SQLite could not check. `tables`: only foreign keys from or to one of them. */
export function orphansIn(db: DatabaseSync, tables?: ReadonlySet<string>): Orphans[] | null {
  const [where, params] =
    tables === undefined
      ? ["", []]
      : [
          `WHERE EXISTS (SELECT 1 FROM json_each(?) AS one WHERE one.value COLLATE NOCASE IN (found."table", found.parent))`,
          [JSON.stringify([...tables])],
        ];
  try {
    const counts = db.prepare(
      `SELECT "table" AS name, count(*) AS n FROM pragma_foreign_key_check AS found ${where} GROUP BY 1 ORDER BY 1`,
    );
    return counts.all(...params).map(({ name, n }) => ({ table: String(name), rows: Number(n) }));
  } catch (error) {
    // "foreign key mismatch": the parent columns of a key have no unique index.
    if (!isStatementError(error)) throw error;
    return null;
  }
}
