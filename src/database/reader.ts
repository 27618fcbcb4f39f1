/**
 * Reads a database file and leaves no trace of it. SQLite itself would put `-wal` and `-shm` beside a WAL
 * database even for a reader, so the way to open it depends on what lies there.
 * @module
 */
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Answer, Query } from "./client.ts";
import { connect, type Connection } from "./connection.ts";
import { isSqliteError } from "./d1-error.ts";

export interface Reader {
  /** All queries in one transaction; a statement that writes throws `WriteNeeded`. */
  read(queries: readonly Query[]): Answer[];
  close(): void;
}

/**
 * `live`: others may have it open, SQLite's locks keep us apart. `settled`: nobody has it open and all is in the one
 * file. `stranded`: there is a `-wal` without its `-shm`, as after copying; it is read from a copy of our own.
 */
type Way = "missing" | "live" | "settled" | "stranded";

interface Sight {
  readonly way: Way;
  /** Differs as soon as what was opened is no longer what lies there. */
  readonly mark: string;
}

/** A reader that looks again before every transaction: the file may come, go, or be opened by others. */
export function readerOf(path: string, timeout: number): Reader {
  let opened: { readonly mark: string; readonly connection: Connection } | null = null;
  const close = (): void => {
    opened?.connection.close();
    opened = null;
  };
  const connectionTo = ({ way, mark }: Sight): Connection => {
    if (opened?.mark === mark) return opened.connection;
    close();
    const connection = open(path, way, timeout);
    opened = { mark, connection };
    return connection;
  };
  return {
    read(queries) {
      for (;;) {
        const sight = look(path);
        const moved = (): boolean => sight.way !== "live" && look(path).mark !== sight.mark;
        try {
          const answers = connectionTo(sight).transact("read", queries);
          if (!moved()) return answers;
        } catch (error) {
          if (!moved()) throw error;
        }
      }
    },
    close,
  };
}

function look(path: string): Sight {
  const file = statOf(path);
  if (file === undefined) return { way: "missing", mark: "missing" };
  const wal = statOf(`${path}-wal`);
  const shm = statOf(`${path}-shm`);
  const way = wayOf(wal, shm, () => isWal(path));
  const mark =
    way === "live" ? `${way} ${file.ino}` : [way, ...stamp(file), ...stamp(wal)].join(" ");
  return { way, mark };
}

function wayOf(wal: Stats | undefined, shm: Stats | undefined, inWalMode: () => boolean): Way {
  if (wal !== undefined && shm !== undefined) return "live";
  if (wal !== undefined && wal.size > 0) return "stranded";
  return inWalMode() ? "settled" : "live";
}

function open(path: string, way: Way, timeout: number): Connection {
  if (way === "missing") return connect({ path: ":memory:" });
  if (way === "stranded") return openCopy(path);
  if (way === "settled") return openSettled(path);
  try {
    return connect({ path, readOnly: true, timeout });
  } catch (error) {
    // Where we may not touch the shared memory, SQLite cannot read beside others.
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

/** SQLite's header: byte 18 is 2 in WAL mode. */
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
