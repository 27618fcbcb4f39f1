import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { translateFileError } from "../../src/database/file-error.ts";
import { isFault, isSqliteError, type SqliteError } from "../../src/database/d1-error.ts";

/** What SQLite says when its file cannot grow. */
function fullError(): SqliteError {
  const db = new DatabaseSync(":memory:");
  onTestFinished(() => db.close());
  db.exec("CREATE TABLE t(a); PRAGMA max_page_count = 3");
  try {
    db.exec("INSERT INTO t VALUES (zeroblob(100000))");
  } catch (error) {
    if (isSqliteError(error)) return error;
  }
  throw new Error("it was not full");
}

test("a full disk is the disk's fault, and no statement's", () => {
  const error = fullError();
  expect(isFault(error.errcode)).toBe(true);
  expect(translateFileError(error, "a.sqlite", 0)).toMatchObject({
    code: "DATABASE_FULL",
    message: expect.stringContaining("the disk is full"),
    hint: expect.stringContaining("Nothing of it stands"),
    details: { path: "a.sqlite", reason: "database or disk is full" },
    cause: error,
  });
});

test("so says the system, too", () => {
  const error = Object.assign(new Error("no space left"), { code: "ENOSPC", syscall: "mkdir" });
  expect(translateFileError(error, "a.sqlite", 0)).toMatchObject({ code: "DATABASE_FULL" });
});

test.each([
  [778, "DATABASE_READ_ONLY", "a write"],
  [4874, "DATABASE_READ_ONLY", "room beside it"],
  [266, "DATABASE_UNREADABLE", "a read"],
])("error %i of the disk: %s, for it was %s that failed", (errcode, code) => {
  const error = Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode });
  expect(translateFileError(error, "a.sqlite", 0)).toMatchObject({ code });
});
