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
import { connect, type Connection } from "./connection.ts";
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

interface Inspection {
  readonly state: FileState;
  /** Changes when the file on disk is no longer the one that was opened. */
  readonly fingerprint: string;
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
    const connection = open(path, state, timeout);
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

function inspect(path: string): Inspection {
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

function open(path: string, state: FileState, timeout: number): Connection {
  if (state === "missing") return connect({ path: ":memory:" });
  if (state === "stranded") return openCopy(path);
  if (state === "settled") return openSettled(path);
  try {
    return connect({ path, readOnly: true, timeout });
  } catch (error) {
    // Without write access to the shared memory, SQLite cannot read beside other processes.
    if (!isSqliteError(error) || ![8, 14].includes(error.errcode & 0xff)) throw error;
    const pending = (statOf(`${path}-wal`)?.size ?? 0) > 0;
    return pending ? openCopy(path) : openSettled(path);
  }
}

function openSettled(path: string): Connection {
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  return connect({ path: url, readOnly: true });
}

function openCopy(path: string): Connection {
  const folder = mkdtempSync(join(tmpdir(), "d1ops-"));
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, "copy.sqlite");
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    const connection = connect({ path: copy });
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
