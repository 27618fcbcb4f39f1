/** @module Writes a database file as workerd does: in WAL mode, in short transactions that take the write lock at once. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolders } from "../files/write.ts";
import type { Answer, Query } from "./client.ts";
import { connect, type Connection, type Durable, WriteNeeded } from "./connection.ts";
import { isSqliteError } from "./sqlite-error.ts";

export interface Writer {
  /** Runs all queries in one transaction, which takes the write lock only if a query writes. Returns null if the file does not exist. */
  transact(queries: readonly Query[]): Answer[] | null;
  /** Does the same, and creates the folders and the file if they are missing. */
  create(queries: readonly Query[]): Answer[];
  /** See {@link Database.wroteAll}. */
  wroteAll(): boolean;
  close(): void;
}

/** Such a batch skips the attempt as a read. This is only a guess: SQLite decides what writes. */
const LIKELY_WRITES = /^\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER)\b/i;

export function writerOf(path: string, timeout: number, durable: Durable): Writer {
  let opened: { readonly inode: number; readonly connection: Connection } | null = null;
  let connections = 0;
  const close = (): void => {
    const open = opened;
    opened = null;
    open?.connection.close();
  };
  /** Reopens a file that was replaced: a write to the old one would be lost. */
  const connection = (): Connection | null => {
    const inode = statSync(path, { throwIfNoEntry: false })?.ino;
    if (inode === undefined) return null;
    if (opened?.inode === inode) return opened.connection;
    close();
    connections += 1;
    opened = { inode, connection: connect({ path, timeout, durable }) };
    return opened.connection;
  };
  return {
    transact(queries) {
      const found = connection();
      if (found === null) return null;
      if (queries.some(({ sql }) => LIKELY_WRITES.test(sql)))
        return found.transact("write", queries);
      try {
        return found.transact("read", queries);
      } catch (error) {
        if (!(error instanceof WriteNeeded)) throw error;
        return found.transact("write", queries);
      }
    },
    create(queries) {
      createFile(path, timeout);
      const created = connection();
      if (created === null) throw new Error(`${path} was deleted after it was created`);
      return created.transact("write", queries);
    },
    wroteAll: () => connections === 1 && opened?.connection.wroteAll() === true,
    close,
  };
}

/**
 * Creates the folders and the file if they are missing, and changes the file to WAL mode. Several processes may do this at once, and
 * SQLite does not wait for a lock when it changes the mode.
 */
export function createFile(path: string, timeout: number): void {
  makeFolders(dirname(path));
  const deadline = performance.now() + timeout;
  for (;;) {
    const db = new DatabaseSync(path, { timeout });
    try {
      db.exec("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      const busy = isSqliteError(error) && (error.errcode & 0xff) === 5;
      if (!busy || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    } finally {
      db.close();
    }
  }
}
