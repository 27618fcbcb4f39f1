/**
 * The local D1: d1ops opens the SQLite file of `wrangler dev` with `node:sqlite`.
 * Each sees the other's writes at once. Write transactions are short, because workerd does not wait for a lock.
 * @module
 */
import type { Target } from "../report/report.ts";
import { type Answer, clientOver, type ClientDatabase, type Query } from "./client.ts";
import { type Durable, WriteNeeded } from "./connection.ts";
import { notSynced, openedForReading, translateFileError } from "./file-error.ts";
import { readerOf } from "./reader.ts";
import { writerOf } from "./writer.ts";

export interface LocalOptions {
  /** `read` creates no file and cannot write; a missing file is an empty database. */
  readonly mode: "read" | "write";
  /** How long to wait for another process's lock, in milliseconds. Default: 5000. The wait blocks this process. */
  readonly busyTimeoutMs?: number;
  /**
   * When writes survive a power failure: after each commit, or only after the close. `close` is for many small batches that the
   * caller repeats if they are missing. A killed process loses nothing with either. Default: `commit`.
   */
  readonly durable?: Durable | undefined;
}

/**
 * Returns at once: the first statement opens the file, and the first statement that writes creates it.
 * A statement that D1 rejects fails with a `D1Failure`. Other errors, after which nothing is changed, except for the last one, which only
 * `close()` throws:
 * @throws OpsError DATABASE_NOT_SQLITE, DATABASE_UNREADABLE, DATABASE_READ_ONLY, DATABASE_FULL, DATABASE_BUSY, DATABASE_NOT_SYNCED
 */
export function openLocal(path: string, target: Target, options: LocalOptions): ClientDatabase {
  const timeout = options.busyTimeoutMs ?? 5000;
  const reader = readerOf(path, timeout);
  const writer = writerOf(path, timeout, options.durable ?? "commit");

  const answer = (queries: readonly Query[]): Answer[] => {
    const written = options.mode === "write" ? writer.transact(queries) : null;
    if (written !== null) return written;
    try {
      return reader.read(queries);
    } catch (error) {
      if (!(error instanceof WriteNeeded)) throw error;
      if (options.mode === "read") throw openedForReading(path);
      return writer.create(queries);
    }
  };
  return {
    d1: clientOver(async (queries) => {
      const started = performance.now();
      try {
        return answer(queries);
      } catch (error) {
        throw translateFileError(error, path, Math.round(performance.now() - started));
      }
    }),
    target,
    bookmark: null,
    wroteAll: () => writer.wroteAll(),
    close() {
      reader.close();
      try {
        writer.close();
      } catch (error) {
        throw notSynced(path, error);
      }
    },
  };
}
