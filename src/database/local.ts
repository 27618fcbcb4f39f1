/**
 * The local D1: the very file that `wrangler dev` has open, read and written with `node:sqlite`.
 * Both see each other's writes at once. Write transactions are short: workerd does not wait for a lock.
 * @module
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { DatabaseSync } from "node:sqlite";
import { OpsError } from "../report/error.ts";
import type { Target } from "../report/report.ts";
import { type Answer, clientOver, type D1Client, type Query } from "./client.ts";
import { connect, type Connection, WriteNeeded } from "./connection.ts";
import { translateFileError } from "./file-error.ts";
import type { Database } from "./port.ts";
import { isSqliteError } from "./refusal.ts";

export interface LocalOptions {
  /** `read` creates nothing and cannot write; a file that is not there is an empty database. */
  readonly mode: "read" | "write";
  /** How long to wait for another process's lock, in milliseconds. Default: 5000. */
  readonly busyTimeoutMs?: number;
}

/** A {@link Database} whose `d1` has also what Cloudflare's type demands of a binding, so kysely-d1 takes it. */
export interface LocalDatabase extends Database {
  readonly d1: D1Client;
}

/**
 * Opens nothing yet: the file is opened by the first statement, and created by the first one that writes.
 * Statements fail with D1's refusals, or with
 * @throws OpsError DATABASE_NOT_SQLITE, DATABASE_UNREADABLE, DATABASE_READ_ONLY, DATABASE_BUSY: nothing was changed then
 */
export function openLocal(path: string, target: Target, options: LocalOptions): LocalDatabase {
  const timeout = options.busyTimeoutMs ?? 5000;
  let connection: Connection | null = null;
  let writable = false;

  const readable = (): Connection => {
    connection ??= existsSync(path) ? openToRead(path, timeout) : connect({ path: ":memory:" });
    return connection;
  };
  const forWriting = (): Connection => {
    if (connection !== null && writable) return connection;
    connection?.close();
    connection = null;
    prepareFile(path, timeout);
    connection = connect({ path, timeout });
    writable = true;
    return connection;
  };
  const answer = (queries: readonly Query[]): Answer[] => {
    try {
      return readable().transact("read", queries);
    } catch (error) {
      if (!(error instanceof WriteNeeded)) throw error;
      if (options.mode === "read") throw readOnly(path);
      return forWriting().transact("write", queries);
    }
  };
  return {
    d1: clientOver(async (queries) => {
      try {
        return answer(queries);
      } catch (error) {
        throw translateFileError(error, path, timeout);
      }
    }),
    target,
    close: () => {
      connection?.close();
      connection = null;
    },
  };
}

/** A WAL database wants a file for shared memory even from a reader; where that cannot be made, nobody can be writing either. */
function openToRead(path: string, timeout: number): Connection {
  try {
    return connect({ path, readOnly: true, timeout });
  } catch (error) {
    const wal = `${path}-wal`;
    const settled = !existsSync(wal) || statSync(wal).size === 0;
    if (!isSqliteError(error) || ![8, 14].includes(error.errcode & 0xff) || !settled) throw error;
    return connect({ path: `${pathToFileURL(path).href}?immutable=1`, readOnly: true });
  }
}

/** Makes the file as workerd makes it. Several processes may be at it: changing to WAL does not wait for a lock by itself. */
function prepareFile(path: string, timeout: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = performance.now() + timeout;
  for (;;) {
    const db = new DatabaseSync(path, { timeout });
    try {
      db.exec("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isSqliteError(error) || (error.errcode & 0xff) !== 5 || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    } finally {
      db.close();
    }
  }
}

function readOnly(path: string): OpsError {
  return new OpsError(
    "DATABASE_READ_ONLY",
    { path, reason: "it was opened for reading" },
    { message: `A statement that writes was sent to ${path}, which was opened for reading.`, hint: "Open it with mode: \"write\"." },
  );
}
