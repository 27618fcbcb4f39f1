/**
 * Turns errors of the database file, as opposed to errors of a statement, into `OpsError`s.
 * @module
 */
import { accessSync, constants as C, existsSync } from "node:fs";
import { dirname } from "node:path";
import { OpsError } from "../report/error.ts";
import { lockHolders } from "./lock-holders.ts";
import { isSqliteError } from "./sqlite-error.ts";

/** Returns any other error unchanged. `waitedMs` is how long the statement took to fail. */
export function translateFileError(error: unknown, path: string, waitedMs: number): unknown {
  const reason = error instanceof Error ? error.message : String(error);
  if (isSystemError(error)) {
    if (error.code === "ENOSPC") return full(path, reason, error);
    const forbidden =
      error.code === "EROFS" ||
      (error.syscall === "mkdir" && ["EACCES", "EPERM", "ENOENT"].includes(error.code));
    return forbidden ? readOnly(path, reason, error) : unreadable(path, reason, error);
  }
  if (!isSqliteError(error)) return error;
  if (WRITE_FAILED.has(error.errcode)) return readOnly(path, reason, error);
  switch (error.errcode & 0xff) {
    case 5:
    case 6:
    case 15:
      return busy(path, waitedMs, error);
    case 8:
      return readOnly(path, reason, error);
    case 13:
      return full(path, reason, error);
    case 3:
    case 10:
    case 11:
    case 14:
      return mayRead(path) && !mayWrite(path)
        ? readOnly(path, reason, error)
        : unreadable(path, reason, error);
    case 26:
      return notSqlite(path, error);
    default:
      return error;
  }
}

/** SQLite's extended codes for failed writes, syncs and extensions of a file, as with an exceeded quota. */
const WRITE_FAILED: ReadonlySet<number> = new Set([778, 1034, 1546, 4874]);

/** Whether this user may write the file and its folder. SQLite reports only that it could not open something. */
function mayWrite(path: string): boolean {
  return (!existsSync(path) || may(path, C.W_OK)) && may(nearestFolder(path), C.W_OK);
}

/** A missing file counts as readable: it is an empty database. */
function mayRead(path: string): boolean {
  return !existsSync(path) || may(path, C.R_OK);
}

function nearestFolder(path: string): string {
  const folder = dirname(path);
  return folder === path || existsSync(folder) ? folder : nearestFolder(folder);
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function busy(path: string, waitedMs: number, cause: unknown): OpsError {
  const holders = lockHolders(path);
  const who = holders.length === 0 ? "another process" : holders.join(", ");
  return new OpsError(
    "DATABASE_BUSY",
    { path, waitedMs, holders },
    {
      message: `The local database ${path} is locked by ${who}, and the lock was not released within ${waitedMs / 1000} s.`,
      hint: "Wait until that process has finished its write, or stop it. Then run the same command again. It may be `wrangler dev`, or another tool in a transaction.",
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

function full(path: string, reason: string, cause: unknown): OpsError {
  return new OpsError(
    "DATABASE_FULL",
    { path, reason },
    {
      message: `The local database ${path} cannot be written: the disk is full.`,
      hint: "The failed write was rolled back; earlier writes are kept. Free some space, then run the same command again.",
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
      hint: "Check the path and its permissions. Local state can be recreated: move the file away and apply the migrations again.",
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
      hint: "Move it away, with its -wal and -shm files, if any. The next apply creates a new database.",
    },
    { cause },
  );
}

function isSystemError(error: unknown): error is Error & { code: string; syscall: string } {
  return (
    error instanceof Error &&
    "syscall" in error &&
    typeof error.syscall === "string" &&
    "code" in error &&
    typeof error.code === "string"
  );
}
