/**
 * Reads a database file without creating files. SQLite would create `-wal` and `-shm` files beside a WAL
 * database even for a reader, so how d1ops opens the file depends on its state.
 * @module
 */
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  type Stats,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Answer, Query } from "./client.ts";
import { connect, type Connection, type Opening } from "./connection.ts";
import { isSqliteError } from "./sqlite-error.ts";

export interface Reader {
  /** Runs all queries in one transaction. @throws WriteNeeded if a statement writes */
  read(queries: readonly Query[]): Answer[];
  close(): void;
}

/**
 * `live`: other processes may have it open, so SQLite's locks apply. `settled`: no process has it open, and the file is
 * complete. `stranded`: there is a `-wal` without its `-shm`, as after copying, so d1ops reads a copy of its own.
 */
type FileState = "missing" | "live" | "settled" | "stranded";

export interface Inspection {
  readonly state: FileState;
  /** Changes when the file on disk is no longer the one that was opened. */
  readonly fingerprint: string;
}

export interface OpenFile {
  readonly connection: Connection;
  /** False if SQLite reads the file without locks: a process that opens it meanwhile may change what this connection reads. */
  readonly guarded: boolean;
}

/** Inspects the file before every transaction, because it may appear, disappear, or be opened by other processes. */
export function readerOf(path: string, timeout: number): Reader {
  let opened: { readonly fingerprint: string; readonly connection: Connection } | null = null;
  const close = (): void => {
    opened?.connection.close();
    opened = null;
  };
  const connectionTo = ({ state, fingerprint }: Inspection): Connection => {
    if (opened?.fingerprint === fingerprint) return opened.connection;
    close();
    const { connection } = open(path, state, { timeout });
    opened = { fingerprint, connection };
    return connection;
  };
  return {
    read(queries) {
      for (;;) {
        const found = inspect(path);
        const changed = (): boolean =>
          found.state !== "live" && inspect(path).fingerprint !== found.fingerprint;
        try {
          const answers = connectionTo(found).transact("read", queries);
          if (!changed()) return answers;
        } catch (error) {
          if (!changed()) throw error;
        }
      }
    },
    close,
  };
}

export function inspect(path: string): Inspection {
  const file = statOf(path);
  if (file === undefined) return { state: "missing", fingerprint: "missing" };
  const wal = statOf(`${path}-wal`);
  const state = stateOf(path, wal);
  const fingerprint =
    state === "live" ? `${state} ${file.ino}` : [state, ...stamp(file), ...stamp(wal)].join(" ");
  return { state, fingerprint };
}

function stateOf(path: string, wal: Stats | undefined): FileState {
  if (wal !== undefined && statOf(`${path}-shm`) !== undefined) return "live";
  if (wal !== undefined && wal.size > 0) return "stranded";
  return isWal(path) ? "settled" : "live";
}

/** How to wait for a lock, and whether all queries see one state. */
type Reading = Pick<Opening, "timeout" | "frozen">;

export function open(path: string, state: FileState, reading: Reading): OpenFile {
  if (state === "missing") return guarded(connect({ path: ":memory:" }));
  if (state === "stranded") return guarded(openCopy(path, reading));
  if (state === "settled") return openSettled(path, reading);
  try {
    return guarded(connect({ ...reading, path, readOnly: true }));
  } catch (error) {
    // Without write access to the shared memory, SQLite cannot read beside other processes.
    if (!isSqliteError(error) || ![8, 14].includes(error.errcode & 0xff)) throw error;
    const pending = (statOf(`${path}-wal`)?.size ?? 0) > 0;
    return pending ? guarded(openCopy(path, reading)) : openSettled(path, reading);
  }
}

function guarded(connection: Connection): OpenFile {
  return { connection, guarded: true };
}

function openSettled(path: string, reading: Reading): OpenFile {
  const connection = connect({ ...reading, path: immutable(path), readOnly: true });
  return { connection, guarded: false };
}

/** The location of a file that no process has open: SQLite then reads it without locks, and creates no files beside it. */
export function immutable(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  return url;
}

function openCopy(path: string, reading: Reading): Connection {
  const folder = mkdtempSync(join(tmpdir(), "d1ops-"));
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, "copy.sqlite");
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    const connection = connect({ ...reading, path: copy });
    return {
      transact: (mode, queries) => connection.transact(mode, queries),
      wroteAll: () => false,
      close() {
        connection.close();
        forget();
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}

/** Byte 18 of SQLite's header is 2 in WAL mode. */
function isWal(path: string): boolean {
  const header = Buffer.alloc(20);
  const file = openSync(path, "r");
  try {
    return readSync(file, header, 0, header.length, 0) === header.length && header[18] === 2;
  } finally {
    closeSync(file);
  }
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function stamp(file: Stats | undefined): number[] {
  return file === undefined ? [] : [file.ino, file.size, file.mtimeMs];
}
