/**
 * Opens a local database in one state: every query sees what the first one saw, while other processes write. In WAL mode, which
 * `wrangler dev` uses, a long read transaction delays no writer.
 * @module
 */
import { statSync } from "node:fs";
import type { Target } from "../report/report.ts";
import { OpsError } from "../report/error.ts";
import { clientOver, type ClientDatabase, type Query } from "./client.ts";
import { WriteNeeded } from "./connection.ts";
import { collectEarly } from "./garbage.ts";
import { openedForReading, translateFileError } from "./file-error.ts";
import { inspect, open, type OpenFile, type Reader } from "./reader.ts";

/** How long to wait for another process's lock, in milliseconds. Only a database without WAL has such locks. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * For reading only. A missing file is an empty database. Close it soon: until then, SQLite cannot shorten the write-ahead log.
 * @throws OpsError DATABASE_NOT_SQLITE, DATABASE_UNREADABLE, DATABASE_BUSY
 */
export function openFrozen(path: string, target: Target): ClientDatabase {
  const reader = frozenReaderOf(path);
  return {
    d1: clientOver(async (queries) => {
      const started = performance.now();
      try {
        return reader.read(queries);
      } catch (error) {
        if (error instanceof WriteNeeded) throw openedForReading(path);
        throw translateFileError(error, path, Math.round(performance.now() - started));
      }
    }),
    target,
    bookmark: null,
    close: () => reader.close(),
  };
}

/** The file with its connection, and the stamp that it had when the connection was opened. */
interface Frozen extends OpenFile {
  readonly stamp: string;
}

function frozenReaderOf(path: string): Reader {
  let opened: Frozen | null = null;
  const read = (frozen: Frozen, queries: readonly Query[]): ReturnType<Reader["read"]> => {
    const answers = frozen.connection.transact("read", queries);
    if (!frozen.guarded && stampOf(path) !== frozen.stamp) throw changedMeanwhile(path);
    return answers;
  };
  return {
    read: (queries) => read((opened ??= openUnchanged(path)), queries),
    close() {
      opened?.connection.close();
      opened = null;
    },
  };
}

/** Opens the file again if another process has changed it before the first query could fix the state. */
function openUnchanged(path: string): Frozen {
  for (;;) {
    const { state, fingerprint } = inspect(path);
    const stamp = stampOf(path);
    if (sizeOf(path) > LARGE) collectEarly();
    const file = open(path, state, { timeout: BUSY_TIMEOUT_MS, frozen: true });
    file.connection.transact("read", [{ sql: "SELECT count(*) FROM sqlite_schema", params: [] }]);
    if (state === "live" || inspect(path).fingerprint === fingerprint) return { ...file, stamp };
    file.connection.close();
  }
}

/** Bytes. Whoever needs one state of a database reads much of it, as large texts. */
const LARGE = 10_000_000;

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Changes when a process writes to the file itself. Its log does not matter: a connection without locks does not read it. */
function stampOf(path: string): string {
  const file = statSync(path, { throwIfNoEntry: false });
  return file === undefined ? "missing" : [file.ino, file.size, file.mtimeMs].join(" ");
}

function changedMeanwhile(path: string): OpsError {
  const reason = "another process changed it while it was read";
  const text = {
    message: `The local database ${path} cannot be read: ${reason}.`,
    hint: "No process had it open when the read began. Run the same command again: d1ops and that process then respect each other's locks.",
  };
  return new OpsError("DATABASE_UNREADABLE", { path, reason }, text);
}
