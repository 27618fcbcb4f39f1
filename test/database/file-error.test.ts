import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { translateFileError } from "../../src/database/file-error.ts";
import {
  isSqliteError,
  isStatementError,
  type SqliteError,
} from "../../src/database/sqlite-error.ts";

/** SQLite's error when its file cannot grow. */
function fullError(): SqliteError {
  const db = new DatabaseSync(":memory:");
  onTestFinished(() => db.close());
  db.exec("CREATE TABLE t(a); PRAGMA max_page_count = 3");
  try {
    db.exec("INSERT INTO t VALUES (zeroblob(100000))");
  } catch (error) {
    if (isSqliteError(error)) return error;
  }
  throw new Error("the insert did not fail");
}

test("translateFileError reports a full disk as DATABASE_FULL, not as an error of the statement", () => {
  const error = fullError();
  expect(isStatementError(error)).toBe(false);
  expect(translateFileError(error, "a.sqlite", 0)).toMatchObject({
    code: "DATABASE_FULL",
    message: expect.stringContaining("the disk is full"),
    hint: expect.stringContaining("The failed write was rolled back"),
    details: { path: "a.sqlite", reason: "database or disk is full" },
    cause: error,
  });
});

test("translateFileError reports ENOSPC as DATABASE_FULL", () => {
  const error = Object.assign(new Error("no space left"), { code: "ENOSPC", syscall: "mkdir" });
  expect(translateFileError(error, "a.sqlite", 0)).toMatchObject({ code: "DATABASE_FULL" });
});

test.each([
  [778, "DATABASE_READ_ONLY", "a write"],
  [4874, "DATABASE_READ_ONLY", "the growth of the -shm file"],
  [266, "DATABASE_UNREADABLE", "a read"],
])("translateFileError turns disk error %i into %s, because %s failed", (errcode, code) => {
  const error = Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode });
  expect(translateFileError(error, "a.sqlite", 0)).toMatchObject({ code });
});
