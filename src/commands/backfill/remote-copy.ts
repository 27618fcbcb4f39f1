/**
 * Copies a remote database to a local file: looks for values that an export would change, exports, downloads and loads.
 * It writes nothing to the database, but the database is unavailable during the export.
 * @module
 */
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RemoteD1 } from "../../cloudflare/d1.ts";
import { downloadFile } from "../../cloudflare/download.ts";
import { remoteRows, dumpFlaws, type Flaw } from "../../cloudflare/dump-flaws.ts";
import { exportDatabase } from "../../cloudflare/export.ts";
import { transferFailed, whenInterrupted } from "../../cloudflare/transfer.ts";
import { type Copy, emptyCopy } from "../../database/copy.ts";
import { loadDump } from "../../database/load-dump.ts";
import { OpsError } from "../../report/error.ts";
import type { Check, Finding } from "../../report/report.ts";
import { exactnessCheck, flawFinding, orphansFinding } from "../../backfills/copy-findings.ts";
import type { OnProgress } from "../../report/progress.ts";

export interface RemoteCopyOptions {
  /** The database's name, for progress and findings. */
  readonly database: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface RemoteCopy {
  readonly copy: Copy;
  /** Differences between the copy and the database. */
  readonly findings: readonly Finding[];
  readonly check: Check;
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
  const flaws = await flawsOf(remote, database);
  if (signal?.aborted === true)
    throw new OpsError("INTERRUPTED", { signal: "SIGINT" }, INTERRUPTED);
  const began = remote.api.clock.now();
  const exported = await exportDatabase(remote, {
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
      onBytes: (done, total) => onProgress(done, total, "load of the copy", { unit: "bytes" }),
      ...(signal !== undefined && { signal }),
    });
    rmSync(dump);
    const evidence = { bookmark: exported.bookmark, dumpBytes: bytes, checked, statements };
    return {
      copy,
      findings: [
        ...(flaws instanceof OpsError ? [] : flaws).map((flaw) => flawFinding(database, flaw)),
        ...orphansFinding(database, orphans),
      ],
      check: exactnessCheck(flaws, evidence),
    };
  } catch (error) {
    copy.remove();
    throw whenInterrupted(error, INTERRUPTED);
  }
}

/**
 * Values that the copy would not have exactly. It returns an error if it could not look for them: the copy is made anyway.
 * @throws OpsError TRANSFER_FAILED if there can be no copy, before the export makes the database unavailable
 */
async function flawsOf(remote: RemoteD1, database: string): Promise<Flaw[] | OpsError> {
  let found: Flaw[];
  try {
    found = await dumpFlaws(remoteRows(remote));
  } catch (error) {
    if (!(error instanceof OpsError) || error.code === "INTERRUPTED") throw error;
    return error;
  }
  const obstacle = found.find(({ effect, kind }) => effect === "refused" || kind === "nul");
  if (obstacle !== undefined) throw impossible(database, obstacle);
  // Cloudflare's import rejects some other values, but our own load accepts them.
  return found.filter(({ effect }) => effect === "changed");
}

function impossible(database: string, { table, column, what }: Flaw): OpsError {
  const where = column === null ? table : `${table}.${column}`;
  return transferFailed(what, {
    message: `d1ops cannot copy ${database}: ${what} (${where}). It did not export the database.`,
    hint: "Run the backfill for a few rows and check them: --max-rows-written 100, without --dry-run.",
  });
}
