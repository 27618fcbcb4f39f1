/** @module Runs statements on a file that no other process uses. */
import { DatabaseSync } from "node:sqlite";
import { OpsError } from "../snapshots/errors.ts";
import { translateLoadError } from "./load-errors.ts";
import { isStatementError } from "./sqlite-error.ts";

/** Each statement is a transaction. @throws OpsError SNAPSHOT_INCOMPLETE if SQLite rejects one, FILE_UNWRITABLE */
export function runStatements(path: string, statements: readonly string[]): void {
  if (statements.length === 0) return;
  const db = new DatabaseSync(path, { enableDoubleQuotedStringLiterals: true });
  try {
    for (const sql of statements) {
      try {
        db.exec(sql);
      } catch (error) {
        if (!isStatementError(error)) throw error;
        throw rejected(sql, error);
      }
    }
  } catch (error) {
    throw translateLoadError(error, path, "Set TMPDIR to a folder with enough space.");
  } finally {
    db.close();
  }
}

function rejected(sql: string, cause: Error): OpsError {
  const reason = cause.message;
  const text = {
    message: `SQLite rejects \`${sql}\`: ${reason}.`,
    hint: "Drop the table that the statement names, if nothing uses it.",
  };
  return new OpsError("SNAPSHOT_INCOMPLETE", { table: null, reason }, text, { cause });
}
