/**
 * A copy of a remote database in a file of this machine: what an export would get wrong, the export, the download, the
 * load. Nothing is written there, but the database answers no query while it is exported.
 * @module
 */
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RemoteD1 } from "../../cloudflare/d1.ts";
import { downloadFile } from "../../cloudflare/download.ts";
import { askRemote, dumpFlaws, type Flaw } from "../../cloudflare/dump-flaws.ts";
import { exportDatabase } from "../../cloudflare/export.ts";
import { transferFailed, whenInterrupted } from "../../cloudflare/transfer.ts";
import { type Copy, emptyCopy } from "../../database/copy.ts";
import { loadDump } from "../../database/load-dump.ts";
import { OpsError } from "../../report/error.ts";
import type { Check, Finding } from "../../report/report.ts";
import { exactnessCheck, flawFinding, orphansFinding } from "./copy-findings.ts";
import type { OnProgress } from "../../report/progress.ts";

export interface RemoteCopyOptions {
  /** What it is called in progress and findings. */
  readonly database: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface RemoteCopy {
  readonly copy: Copy;
  /** Where it is not what is there. */
  readonly findings: readonly Finding[];
  readonly check: Check;
}

const INTERRUPTED = {
  message: "Interrupted. Nothing was changed, and no copy is left.",
  hint: "Run the same command again.",
};

/** @throws OpsError TRANSFER_FAILED, FILE_UNWRITABLE, INTERRUPTED, and those of the API. Nothing is left behind then. */
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
 * What a copy would not have as it is there; an error where that could not be found out, which keeps nobody from it.
 * Those that make it impossible are told before the database is kept from answering.
 */
async function flawsOf(remote: RemoteD1, database: string): Promise<Flaw[] | OpsError> {
  let found: Flaw[];
  try {
    found = await dumpFlaws(askRemote(remote));
  } catch (error) {
    if (!(error instanceof OpsError) || error.code === "INTERRUPTED") throw error;
    return error;
  }
  const obstacle = found.find(({ effect, kind }) => effect === "refused" || kind === "nul");
  if (obstacle !== undefined) throw impossible(database, obstacle);
  // What else cannot be read again, our own load reads.
  return found.filter(({ effect }) => effect === "changed");
}

function impossible(database: string, { table, column, what }: Flaw): OpsError {
  const where = column === null ? table : `${table}.${column}`;
  return transferFailed(what, {
    message: `There can be no copy of ${database}: ${what} (${where}). It was not exported.`,
    hint: "Begin with a few rows and look at them: --max-rows-written 100, without --dry-run.",
  });
}
