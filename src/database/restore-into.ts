/**
 * Puts a rebuilt file in the place of a local database that `wrangler dev` may have open, through SQLite's backup API.
 *
 * The backup is one transaction of the live file, so others see the old database or the new one, and so does the next process after a
 * kill. A file that is renamed or copied over the live one would not do: a running workerd would go on writing to the old file, or the
 * old log would change the new file.
 * @module
 */
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { withText } from "../report/error-class.ts";
import { OpsError } from "../report/error.ts";
import { busy, notSynced, translateFileError } from "./file-error.ts";
import { keepPlatformTables } from "./platform-tables.ts";
import { isDamage, isSqliteError } from "./sqlite-error.ts";
import { logSync } from "./sync-log.ts";
import { emptyLog } from "./watch-file.ts";
import { createFile } from "./writer.ts";

export interface RestoreIntoOptions {
  /** How long to wait for another process's lock, in milliseconds. Default: 5000. The wait blocks this process. */
  readonly busyTimeoutMs?: number;
  /** Called under the write lock, just before the database is replaced. See `watchFile`, which has emptied the log. */
  readonly requireUnchanged?: (() => void) | undefined;
}

const D1_PAGE_SIZE = 4096;

/** The beginning of each SQLite file. */
const MAGIC = "SQLite format 3\0";

/** More pages than a file can have. In several steps, a write of another process would start the backup again. */
const ALL_PAGES = 2 ** 31 - 1;

/** The size of a file's pages in bytes: SQLite restores a file only into one with pages of the same size. D1's size if it has none. */
export function pageSizeOf(path: string): number {
  if (!existsSync(path)) return D1_PAGE_SIZE;
  const header = Buffer.alloc(MAGIC.length + 2);
  const file = openSync(path, "r");
  try {
    if (readSync(file, header, 0, header.length, 0) < header.length) return D1_PAGE_SIZE;
  } finally {
    closeSync(file);
  }
  if (header.toString("latin1", 0, MAGIC.length) !== MAGIC) return D1_PAGE_SIZE;
  // A size of 64 KiB does not fit into two bytes: https://sqlite.org/fileformat.html#page_size
  const size = header.readUInt16BE(MAGIC.length);
  return size === 1 ? 65_536 : size;
}

/**
 * Creates the file and its folders if they are missing. Returns when the new database survives a power failure. Writes of other processes
 * fail meanwhile, and their reads continue. `scratch` is a file that `rebuild` made with the page size of `live` ({@link pageSizeOf}). It
 * gets Cloudflare's own tables of `live`.
 * @throws what `requireUnchanged` throws, OpsError DATABASE_BUSY, DATABASE_FULL, DATABASE_READ_ONLY, DATABASE_UNREADABLE, DATABASE_NOT_SQLITE: the live file is unchanged.
 * DATABASE_NOT_SYNCED: it is restored.
 */
export async function restoreInto(
  live: string,
  scratch: string,
  { busyTimeoutMs: timeout = 5000, requireUnchanged }: RestoreIntoOptions = {},
): Promise<void> {
  const started = performance.now();
  try {
    if (pageSizeOf(scratch) !== pageSizeOf(live)) throw new Error("the sizes of the pages differ");
    createUnlessDamaged(live, timeout);
    const target = new DatabaseSync(live, { timeout });
    const source = new DatabaseSync(scratch, { timeout });
    try {
      keepPlatformTables(source, live);
      // If the disk is full later, only a log without transactions can be emptied.
      if (requireUnchanged === undefined) emptyLog(target, timeout);
      await copyAll(source, target, { timeout, requireUnchanged });
      syncOrReport(target, live);
    } finally {
      // Both a complete and a failed backup leave a log as large as the database.
      emptyLog(target, timeout);
      source.close();
      target.close();
    }
  } catch (error) {
    throw withHint(translateFileError(error, live, Math.round(performance.now() - started)));
  }
}

/** A damaged schema cannot be read, but it can be overwritten. */
function createUnlessDamaged(path: string, timeout: number): void {
  try {
    createFile(path, timeout);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
}

interface CopyOptions extends Pick<RestoreIntoOptions, "requireUnchanged"> {
  readonly timeout: number;
}

/**
 * The connection of node's backup does not wait for locks, so another connection does. It has to release its lock before the backup, so a
 * write in the moment between them is not noticed.
 */
async function copyAll(
  source: DatabaseSync,
  target: DatabaseSync,
  { timeout, requireUnchanged }: CopyOptions,
): Promise<void> {
  const path = target.location() ?? "";
  const started = performance.now();
  for (;;) {
    target.exec("BEGIN IMMEDIATE");
    try {
      requireUnchanged?.();
    } finally {
      target.exec("ROLLBACK");
    }
    try {
      await backup(source, path, { rate: ALL_PAGES });
      return;
    } catch (error) {
      const waited = performance.now() - started;
      if (!isLocked(error)) throw error;
      if (waited > timeout) throw busy(path, Math.round(waited), error);
    }
  }
}

/** node reports a lock as an error with code 0. */
function isLocked(error: unknown): boolean {
  return isSqliteError(error) && [0, 5, 6].includes(error.errcode & 0xff);
}

/** @throws OpsError DATABASE_NOT_SYNCED: the commits are done, but may not survive a power failure */
export function syncOrReport(db: DatabaseSync, path: string): void {
  try {
    logSync(db).finish();
  } catch (error) {
    throw notSynced(path, error);
  }
}

/** SQLite cannot write a file whose header it cannot read. */
function withHint(error: unknown): unknown {
  if (!(error instanceof OpsError)) return error;
  if (!["DATABASE_UNREADABLE", "DATABASE_NOT_SQLITE"].includes(error.code)) return error;
  const hint =
    "Stop `wrangler dev`, move the file away with its -wal and -shm files, and run the same command again.";
  return withText(error, { message: error.message, hint });
}
