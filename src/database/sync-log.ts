/** @module Makes all commits of a database in WAL mode durable at once. */
import { closeSync, fdatasyncSync, openSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { sqliteErrorOf } from "./sqlite-error.ts";

/**
 * Syncs the log, and then moves it into the file if SQLite can write it. The log is a file of its own until the last connection closes.
 * @throws errors of the operating system, and of SQLite if it cannot read the log or sync the file
 */
export function syncLog(db: DatabaseSync): void {
  const log = `${db.location()}-wal`;
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return;
  // A checkpoint syncs the log too, but not while a reader prevents the checkpoint.
  sync(log);
  // SQLite does this by itself only if no one else has the file open.
  const error = sqliteErrorOf(() => db.exec("PRAGMA wal_checkpoint(PASSIVE)"));
  if (error !== null && !NOT_WRITTEN.has(error.errcode)) throw error;
}

/**
 * SQLite could not write the file: it is read-only, the disk is full, or another limit is reached. The log keeps the changes, and
 * every program reads them there.
 */
const NOT_WRITTEN: ReadonlySet<number> = new Set([8, 13, 778]);

/** Windows syncs only a file that is open for writing. Elsewhere, the log may belong to a user who lets this one only read it. */
function sync(path: string): void {
  const file = openSync(path, process.platform === "win32" ? "r+" : "r");
  try {
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}
