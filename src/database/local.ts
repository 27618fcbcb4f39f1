/**
 * The local D1: the very file that `wrangler dev` has open, read and written with `node:sqlite`.
 * Both see each other's writes at once. Write transactions are short: workerd does not wait for a lock.
 * @module
 */
import { existsSync } from "node:fs";
import { OpsError } from "../report/error.ts";
import type { Target } from "../report/report.ts";
import { type Answer, clientOver, type ClientDatabase, type Query } from "./client.ts";
import { type Durable, WriteNeeded } from "./connection.ts";
import { translateFileError } from "./file-error.ts";
import { readerOf } from "./reader.ts";
import { writerOf } from "./writer.ts";

export interface LocalOptions {
  /** `read` creates nothing and cannot write; a file that is not there is an empty database. */
  readonly mode: "read" | "write";
  /** How long to wait for another process's lock, in milliseconds. Default: 5000. Nothing else runs meanwhile. */
  readonly busyTimeoutMs?: number;
  /**
   * When what was written outlasts a loss of power: at each commit, or once, at the close. For many small batches that are
   * sent again where they are missing. A killed process loses nothing either way. Default: `commit`.
   */
  readonly durable?: Durable;
}

/**
 * Opens nothing yet: the file is opened by the first statement, and created by the first one that writes.
 * Statements fail with D1's refusals, or with
 * @throws OpsError DATABASE_NOT_SQLITE, DATABASE_UNREADABLE, DATABASE_READ_ONLY, DATABASE_FULL, DATABASE_BUSY: nothing was changed then
 */
export function openLocal(path: string, target: Target, options: LocalOptions): ClientDatabase {
  const timeout = options.busyTimeoutMs ?? 5000;
  const reader = readerOf(path, timeout);
  const writer = writerOf(path, timeout, options.durable ?? "commit");

  const answer = (queries: readonly Query[]): Answer[] => {
    if (options.mode === "write" && existsSync(path)) return writer.transact(queries);
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
    close() {
      reader.close();
      writer.close();
    },
  };
}

function openedForReading(path: string): OpsError {
  return new OpsError(
    "DATABASE_READ_ONLY",
    { path, reason: "it was opened for reading" },
    {
      message: `A statement that writes was sent to ${path}, which was opened for reading.`,
      hint: 'Open it with mode: "write".',
    },
  );
}
