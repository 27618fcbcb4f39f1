/**
 * Copies a remote database to a local file: looks for values that an export would change, exports, downloads and loads.
 * It writes nothing to the database, but the database is unavailable during the export.
 * @module
 */
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RemoteD1 } from "../cloudflare/d1.ts";
import { downloadFile } from "../cloudflare/download.ts";
import { dumpFlaws, type Flaw, remoteRows } from "../cloudflare/dump-flaws.ts";
import { exportDatabase } from "../cloudflare/export.ts";
import { transferFailed, whenInterrupted } from "../cloudflare/transfer.ts";
import { OpsError } from "../report/error.ts";
import type { OnProgress } from "../report/progress.ts";
import type { Json } from "../report/report.ts";
import { type Copy, emptyCopy } from "./temporary-copy.ts";
import { type Loaded, loadDump } from "./load-dump.ts";

export interface RemoteCopyOptions {
  /** The database's name, for progress and errors. */
  readonly database: string;
  /** The hint of the error if there can be no copy. */
  readonly otherwise: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface RemoteCopy extends Pick<Loaded, "orphans"> {
  readonly copy: Copy;
  /** Values and rowids that the export changed. An error if d1ops could not look for them. */
  readonly flaws: readonly Flaw[] | OpsError;
  /** The state of the database that was exported. */
  readonly bookmark: string;
  /** The source and the size of the copy. */
  readonly evidence: { readonly [key: string]: Json };
}

const INTERRUPTED = {
  message: "Interrupted. Nothing was changed, and no copy is left.",
  hint: "Run the same command again.",
};

/** @throws OpsError TRANSFER_FAILED, FILE_UNWRITABLE, INTERRUPTED, and those of the API. It then deletes the copy. */
export async function copyRemote(
  remote: RemoteD1,
  options: RemoteCopyOptions,
): Promise<RemoteCopy> {
  const { database, signal, onProgress = () => {} } = options;
  const found = await flawsOf(remote, options);
  const format = found instanceof OpsError || !found.some(isVirtual) ? "d1" : "sqlite3";
  const flaws = found instanceof OpsError ? found : changesIn(found);
  if (signal?.aborted === true)
    throw new OpsError("INTERRUPTED", { signal: "SIGINT" }, INTERRUPTED);
  const began = remote.api.clock.now();
  const exported = await exportDatabase(remote, {
    format,
    onProgress: (messages) => {
      const seconds = Math.round((remote.api.clock.now() - began) / 1000);
      const note = messages.at(-1);
      onProgress(seconds, null, `export of ${database}`, {
        unit: "seconds",
        ...(note !== undefined && { note }),
      });
    },
  });
  const copy = emptyCopy();
  try {
    const dump = join(dirname(copy.path), "dump.sql");
    const { bytes, checked } = await downloadFile(remote, exported, dump, {
      onBytes: (done, total) =>
        onProgress(done, total, `download of ${database}`, { unit: "bytes" }),
    });
    const { statements, orphans } = await loadDump(dump, copy.path, {
      format,
      onBytes: (done, total) => onProgress(done, total, "load of the copy", { unit: "bytes" }),
      ...(signal !== undefined && { signal }),
    });
    rmSync(dump);
    const { bookmark } = exported;
    const evidence = { bookmark, dumpBytes: bytes, checked, statements };
    return { copy, flaws, bookmark, orphans, evidence };
  } catch (error) {
    copy.remove();
    throw whenInterrupted(error, INTERRUPTED);
  }
}

/**
 * The flaws of an export. It returns an error if it could not look for them: the copy is made anyway.
 * @throws OpsError TRANSFER_FAILED if there can be no copy, before the export makes the database unavailable
 */
async function flawsOf(remote: RemoteD1, options: RemoteCopyOptions): Promise<Flaw[] | OpsError> {
  let found: Flaw[];
  try {
    found = await dumpFlaws(remoteRows(remote));
  } catch (error) {
    if (!(error instanceof OpsError) || error.code === "INTERRUPTED") throw error;
    return error;
  }
  const obstacle = found.find(({ kind }) => kind === "nul");
  if (obstacle !== undefined) throw impossible(options, obstacle);
  return found;
}

function isVirtual({ kind }: Flaw): boolean {
  return kind === "virtual table";
}

/**
 * What the copy does not have exactly. Cloudflare's import rejects some other values, but our own load accepts them. SQLite's command line
 * writes exact values, but no one has observed whether Cloudflare's dump in its format has them, so the flaws are the same.
 */
export function changesIn(flaws: readonly Flaw[]): Flaw[] {
  return flaws.filter(({ effect }) => effect === "changed" || effect === "renumbered");
}

function impossible(
  { database, otherwise }: RemoteCopyOptions,
  { table, column, what }: Flaw,
): OpsError {
  const where = column === null ? table : `${table}.${column}`;
  return transferFailed(what, {
    message: `d1ops cannot copy ${database}: ${what} (${where}). It did not export the database.`,
    hint: otherwise,
  });
}
