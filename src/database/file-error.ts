/**
 * What went wrong with the file itself, in our words: which is nobody's SQL.
 * @module
 */
import { OpsError } from "../report/error.ts";
import { lockHolders } from "./lock-holders.ts";
import { isSqliteError } from "./refusal.ts";

/** Anything else comes back as it is. */
export function translateFileError(error: unknown, path: string, waitedMs: number): unknown {
  const cause = error instanceof Error && isSqliteError(error.cause) ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (isSystemError(cause)) {
    return ["EACCES", "EPERM", "EROFS", "ENOSPC"].includes(cause.code)
      ? readOnly(path, reason, cause)
      : unreadable(path, reason, cause);
  }
  if (!isSqliteError(cause)) return error;
  switch (cause.errcode & 0xff) {
    case 5:
      return busy(path, waitedMs, cause);
    case 8:
      return readOnly(path, reason, cause);
    case 10:
    case 11:
    case 14:
      return unreadable(path, reason, cause);
    case 26:
      return notSqlite(path, cause);
    default:
      return error;
  }
}

function busy(path: string, waitedMs: number, cause: unknown): OpsError {
  const holders = lockHolders(path);
  const who = holders.length === 0 ? "another process" : holders.join(", ");
  return new OpsError(
    "DATABASE_BUSY",
    { path, waitedMs, holders },
    {
      message: `The local database ${path} is locked by ${who}, and was not let go for ${waitedMs / 1000} s.`,
      hint: "Is `wrangler dev` in a long write, or another tool in a transaction? Let it end or stop it, then run the same command again.",
    },
    { cause },
  );
}

function readOnly(path: string, reason: string, cause: unknown): OpsError {
  return new OpsError(
    "DATABASE_READ_ONLY",
    { path, reason },
    {
      message: `The local database ${path} cannot be written: ${reason}.`,
      hint: "Check the owner and the permissions of the file and its folder, and that the disk is mounted for writing and has room.",
    },
    { cause },
  );
}

function unreadable(path: string, reason: string, cause: unknown): OpsError {
  return new OpsError(
    "DATABASE_UNREADABLE",
    { path, reason },
    {
      message: `The local database ${path} cannot be read: ${reason}.`,
      hint: "Check the path and its permissions. Local state can be made anew: move the file away and apply again.",
    },
    { cause },
  );
}

function notSqlite(path: string, cause: unknown): OpsError {
  return new OpsError(
    "DATABASE_NOT_SQLITE",
    { path },
    {
      message: `${path} is not a SQLite database.`,
      hint: "Something else was written there. Move it away (with its -wal and -shm, if any); the next apply makes a new one.",
    },
    { cause },
  );
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}
