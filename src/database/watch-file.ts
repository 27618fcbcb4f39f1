/** @module Notices whether other processes write to a local database. */
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { OpsError } from "../report/error.ts";
import { translateFileError } from "./file-error.ts";
import { lockHolders } from "./lock-holders.ts";
import { sqliteErrorOf } from "./sqlite-error.ts";
import { createFile } from "./writer.ts";

export class WrittenMeanwhile extends Error {}

export interface Watch {
  /** @throws WrittenMeanwhile if another connection has committed since {@link watchFile} */
  readonly requireUnchanged: () => void;
  close(): void;
}

const BUSY_TIMEOUT_MS = 5000;

/**
 * Changes the file to WAL mode and empties its log: `restoreInto` needs both, and each of them would count as a write later. Does not
 * create a missing file.
 * @throws OpsError DATABASE_BUSY, DATABASE_READ_ONLY, DATABASE_UNREADABLE, DATABASE_NOT_SQLITE
 */
export function watchFile(path: string, timeout: number = BUSY_TIMEOUT_MS): Watch {
  if (!existsSync(path))
    return watchOf(
      () => isEmpty(path),
      () => {},
    );
  const started = performance.now();
  try {
    createFile(path, timeout);
    const db = new DatabaseSync(path, { timeout });
    emptyLog(db, timeout);
    const version = versionOf(db);
    return watchOf(
      () => versionOf(db) === version,
      () => db.close(),
    );
  } catch (error) {
    throw translateFileError(error, path, Math.round(performance.now() - started));
  }
}

function watchOf(isUnchanged: () => boolean, close: () => void): Watch {
  return {
    requireUnchanged() {
      if (!isUnchanged()) throw new WrittenMeanwhile();
    },
    close,
  };
}

/** Does nothing if another process reads the log. */
export function emptyLog(db: DatabaseSync, timeout: number): void {
  db.exec("PRAGMA busy_timeout = 0");
  sqliteErrorOf(() => db.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  db.exec(`PRAGMA busy_timeout = ${timeout}`);
}

/** @returns OpsError DATABASE_BUSY */
export function writtenMeanwhile(path: string, waitedMs: number): OpsError<"DATABASE_BUSY"> {
  const holders = lockHolders(path);
  const text = {
    message: `Another process wrote to the local database ${path} each time that d1ops had taken a snapshot of it. The database was not changed: those writes would be lost.`,
    hint: "Stop the process that writes. It may be `wrangler dev`. Then run the same command again.",
  };
  return new OpsError("DATABASE_BUSY", { path, waitedMs, holders }, text);
}

/** Differs after each commit of another connection: https://sqlite.org/pragma.html#pragma_data_version */
function versionOf(db: DatabaseSync): unknown {
  return db.prepare("PRAGMA data_version").get()?.["data_version"];
}

function isEmpty(path: string): boolean {
  if (!existsSync(path)) return true;
  using db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  return db.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
}
