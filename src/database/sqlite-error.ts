/** @module Errors that `node:sqlite` throws. */

/** SQLite rejected a call. `errcode` is the extended code. */
export interface SqliteError extends Error {
  readonly code: "ERR_SQLITE_ERROR";
  readonly errcode: number;
}

export function isSqliteError(error: unknown): error is SqliteError {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_SQLITE_ERROR" &&
    "errcode" in error &&
    typeof error.errcode === "number"
  );
}

/** True if SQLite rejected the statement. False for errors of the file and its locks, which D1 never reports as `D1_ERROR`. */
export function isStatementError(error: unknown): error is SqliteError {
  if (!isSqliteError(error)) return false;
  return error.errcode !== CORRUPT && !FILE_ERRORS.has(error.errcode & 0xff);
}

/** The content of the file is not a database that SQLite could have written. */
export function isDamage(error: unknown): error is SqliteError {
  return isSqliteError(error) && (error.errcode & 0xff) === CORRUPT;
}

const CORRUPT = 11;

const FILE_ERRORS: ReadonlySet<number> = new Set([3, 5, 6, 8, 10, 13, 14, 15, 26]);

/** The error of SQLite that `work` throws, or null if it succeeds. Other errors pass through. */
export function sqliteErrorOf(work: () => unknown): SqliteError | null {
  try {
    work();
    return null;
  } catch (error) {
    if (isSqliteError(error)) return error;
    throw error;
  }
}
