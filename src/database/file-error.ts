/** @module Turns errors of the database file, as opposed to errors of a statement, into `OpsError`s. */
import { accessSync, constants as C, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { ErrorText } from "../report/error-class.ts";
import { OpsError } from "../report/error.ts";
import { lockHolders } from "./lock-holders.ts";
import { isSqliteError } from "./sqlite-error.ts";

/** Returns any other error unchanged. `waitedMs` is how long the statement took to fail. */
export function translateFileError(error: unknown, path: string, waitedMs: number): unknown {
  if (isSystemError(error)) {
    if (error.code === "ENOSPC") return fileError("DATABASE_FULL", path, error);
    const forbidden =
      error.code === "EROFS" ||
      (error.syscall === "mkdir" && ["EACCES", "EPERM", "ENOENT"].includes(error.code));
    return fileError(forbidden ? "DATABASE_READ_ONLY" : "DATABASE_UNREADABLE", path, error);
  }
  if (!isSqliteError(error)) return error;
  if (WRITE_FAILED.has(error.errcode)) return fileError("DATABASE_READ_ONLY", path, error);
  switch (error.errcode & 0xff) {
    case 5:
    case 6:
    case 15:
      return busy(path, waitedMs, error);
    case 8:
      return fileError("DATABASE_READ_ONLY", path, error);
    case 13:
      return fileError("DATABASE_FULL", path, error);
    case 3:
    case 10:
    case 11:
    case 14: {
      const cannotWrite = mayRead(path) && !mayWrite(path);
      return fileError(cannotWrite ? "DATABASE_READ_ONLY" : "DATABASE_UNREADABLE", path, error);
    }
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

export function busy(path: string, waitedMs: number, cause: unknown): OpsError {
  const holders = lockHolders(path);
  const who = holders.length === 0 ? "another process" : holders.join(", ");
  const text = {
    message: `The local database ${path} is locked by ${who}, and the lock was not released within ${waitedMs / 1000} s.`,
    hint: "Wait until that process has finished its write, or stop it. Then run the same command again. It may be `wrangler dev`, or another tool in a transaction.",
  };
  return new OpsError("DATABASE_BUSY", { path, waitedMs, holders }, text, { cause });
}

type FileCode = "DATABASE_READ_ONLY" | "DATABASE_FULL" | "DATABASE_UNREADABLE";

const TEXTS: Readonly<Record<FileCode, (reason: string) => ErrorText>> = {
  DATABASE_READ_ONLY: (reason) => ({
    message: `cannot be written: ${reason}.`,
    hint: "Check the owner and the permissions of the file and its folder, and that the disk is mounted for writing and has room.",
  }),
  DATABASE_FULL: () => ({
    message: "cannot be written: the disk is full.",
    hint: "The failed write was rolled back; earlier writes are kept. Free some space, then run the same command again.",
  }),
  DATABASE_UNREADABLE: (reason) => ({
    message: `cannot be read: ${reason}.`,
    hint: "Check the path and its permissions. Local state can be recreated: move the file away and apply the migrations again.",
  }),
};

function fileError(code: FileCode, path: string, cause: Error): OpsError {
  const reason = cause.message;
  const { message, hint } = TEXTS[code](reason);
  const text = { message: `The local database ${path} ${message}`, hint };
  return new OpsError(code, { path, reason }, text, { cause });
}

function notSqlite(path: string, cause: unknown): OpsError {
  const text = {
    message: `${path} is not a SQLite database.`,
    hint: "Move it away, with its -wal and -shm files, if any. The next apply creates a new database.",
  };
  return new OpsError("DATABASE_NOT_SQLITE", { path }, text, { cause });
}

/** The writes of the connection are committed, but closing it failed. */
export function notSynced(path: string, cause: unknown): OpsError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = {
    message: `The local database ${path} was changed, but the disk did not confirm it: ${reason}.`,
    hint: "The changes may be lost if the computer stops. Check the disk, then run the same command again: it repeats nothing that is done.",
  };
  return new OpsError("DATABASE_NOT_SYNCED", { path, reason }, text, { cause });
}

/** A statement that writes reached a database that the caller opened with mode `read`. */
export function openedForReading(path: string): OpsError {
  const text = {
    message: `A statement would write to ${path}, but the database is open for reading.`,
    hint: 'Open it with mode: "write".',
  };
  return new OpsError("DATABASE_READ_ONLY", { path, reason: "it was opened for reading" }, text);
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
