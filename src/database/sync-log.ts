/** @module Makes all commits of a database in WAL mode durable, without a wait at each commit. */
import { closeSync, fdatasync, fdatasyncSync, openSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { sqliteErrorOf } from "./sqlite-error.ts";

export interface LogSync {
  /** To be called after each commit. From time to time, another thread begins to sync the log, so that less is left for the end. */
  readonly committed: () => void;
  /**
   * Syncs the log, and then moves it into the file if SQLite can write it. The log is a file of its own until the last connection closes.
   * @throws errors of the operating system, and of SQLite if it cannot read the log or sync the file
   */
  readonly finish: () => void;
}

/** Commits from one sync of the other thread to the next. */
const COMMITS = 32;

export function logSync(db: DatabaseSync): LogSync {
  const path = `${db.location()}-wal`;
  let commits = 0;
  let isSyncing = false;
  let last: number | null = null;
  const begin = (): void => {
    // The system reports a failed sync once to each open file. So the last sync has a file of its own, opened before all others.
    last ??= openLog(path);
    const file = openLog(path);
    isSyncing = true;
    fdatasync(file, () => {
      isSyncing = false;
      closeSync(file);
    });
  };
  const end = (): void => {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
    // A checkpoint syncs the log too, but not while a reader prevents the checkpoint.
    fdatasyncSync((last ??= openLog(path)));
    // SQLite does this by itself only if no one else has the file open.
    const error = sqliteErrorOf(() => db.exec("PRAGMA wal_checkpoint(PASSIVE)"));
    if (error !== null && !NOT_WRITTEN.has(error.errcode)) throw error;
  };
  return {
    committed() {
      commits += 1;
      if (commits % COMMITS !== 0 || isSyncing) return;
      try {
        begin();
      } catch {
        // The transaction is committed, and the last sync finds the same error.
      }
    },
    finish() {
      try {
        end();
      } finally {
        if (last !== null) closeSync(last);
        last = null;
      }
    },
  };
}

/**
 * SQLite could not write the file: it is read-only, the disk is full, or another limit is reached. The log keeps the changes, and
 * every program reads them there.
 */
const NOT_WRITTEN: ReadonlySet<number> = new Set([8, 13, 778]);

/** Windows syncs only a file that is open for writing. Elsewhere, the log may belong to a user who lets this one only read it. */
function openLog(path: string): number {
  return openSync(path, process.platform === "win32" ? "r+" : "r");
}
