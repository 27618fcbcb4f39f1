/**
 * Imports a file of SQL. The database is unavailable during the import. An import is not a transaction: if it fails,
 * Cloudflare restores the database to the bookmark at which it started. That bookmark remains valid for a later restore.
 *
 * The service runs the file unchanged: `PRAGMA foreign_keys=OFF;` works as its first statement, BEGIN and COMMIT fail,
 * and a statement may have at most 100,000 bytes.
 * @module
 */
import { OpsError } from "../report/error.ts";
import { missing, type RemoteD1 } from "./d1.ts";
import { beginImport, pollImport } from "./import-order.ts";
import { type Fields, pollToEnd, isFields, type PollOptions, type Step } from "./poll.ts";
import {
  outcomeUnknown,
  signedAddress,
  transferFailed,
  wayBack,
  whenInterrupted,
} from "./transfer.ts";
import { type ImportFile, readImportFile, upload } from "./upload.ts";

const CHECK_CONTENT =
  "Before you import the file again, check whether the database contains what it writes.";

export interface ImportOptions extends PollOptions {
  /** Called with the bookmark before the import as soon as the import has started: {@link followImport} can resume with it. */
  readonly onBegin?: (bookmarkBefore: string) => void;
}

export interface Imported {
  /** The state before the import, to restore to. */
  readonly bookmarkBefore: string;
  readonly finalBookmark: string;
  /** False if the service had the same file already. */
  readonly uploaded: boolean;
  /** The number of statements. Null, here and below, if the service does not report it. */
  readonly queries: number | null;
  readonly durationMs: number | null;
  readonly rowsRead: number | null;
  /** Includes index entries. */
  readonly rowsWritten: number | null;
  /** Bytes. */
  readonly sizeAfter: number | null;
}

/**
 * Runs the file once, even if answers are lost. A second call runs the file again. After a crash, {@link followImport} with
 * `onBegin`'s bookmark shows whether the import ended.
 * @throws OpsError TRANSFER_FAILED if nothing of the file was kept; OUTCOME_UNKNOWN; and those of the API
 */
export async function importDatabase(
  remote: RemoteD1,
  path: string,
  options: ImportOptions = {},
): Promise<Imported> {
  const file = await readImportFile(path);
  let begun: string | null = null;
  const onBegin = (bookmark: string): void => {
    begun = bookmark;
    options.onBegin?.(bookmark);
  };
  try {
    return await importFile(remote, file, { ...options, onBegin });
  } catch (error) {
    throw whenInterrupted(error, {
      message:
        begun === null
          ? "Interrupted. If Cloudflare has started the import, it runs the import to its end."
          : "Interrupted. Cloudflare continues the import to its end.",
      hint: begun === null ? CHECK_CONTENT : `${CHECK_CONTENT} ${wayBack(begun)}`,
    });
  }
}

async function importFile(
  remote: RemoteD1,
  file: ImportFile,
  options: ImportOptions,
): Promise<Imported> {
  const init = await beginImport(remote, { action: "init", etag: file.md5 }, options);
  if (!("fields" in init)) return finish(remote, { ...init, uploaded: false }, options);
  const filename = await send(remote, init.fields, file);
  if (filename === null) throw uploadRejected(file);
  const order = { action: "ingest", filename, etag: file.md5 } as const;
  const begun = await beginImport(remote, order, options);
  if ("fields" in begun) return missing("at_bookmark");
  return finish(remote, { ...begun, uploaded: true }, options);
}

/** The name for `ingest`; null if the address expired before the upload was complete. */
async function send(
  remote: RemoteD1,
  { filename, upload_url }: Fields,
  file: ImportFile,
): Promise<string | null> {
  const url = signedAddress(upload_url, "upload_url", remote.api.baseUrl);
  if (typeof filename !== "string") return missing("filename");
  return (await upload(remote, url, file)) ? filename : null;
}

function uploadRejected({ path }: ImportFile): OpsError {
  return transferFailed("the upload was rejected", {
    message: `Cloudflare's storage rejected the upload of ${path}. The database was not touched.`,
    hint: "Import it again. The upload address is valid for one hour, so check that this machine's clock is right.",
  });
}

/** Waits for an import that is running or has just ended, identified by the bookmark at which it started. */
export async function followImport(
  remote: RemoteD1,
  bookmarkBefore: string,
  options: PollOptions = {},
): Promise<Imported> {
  const step = { kind: "active" as const, bookmark: bookmarkBefore, messages: [] };
  return finish(remote, { step, before: bookmarkBefore, uploaded: false }, options);
}

async function finish(
  remote: RemoteD1,
  begun: { readonly step: Step; readonly before: string; readonly uploaded: boolean },
  options: ImportOptions,
): Promise<Imported> {
  const { step: first, before, uploaded } = begun;
  const at = "bookmark" in first ? (first.bookmark ?? before) : before;
  if (first.messages.length > 0) options.onProgress?.(first.messages);
  options.onBegin?.(at);
  const last = first.kind === "active" ? await watch(remote, at, options) : first;
  if (last.kind !== "complete") throw await notImported(remote, last, at);
  const { final_bookmark, num_queries, meta } = last.result;
  const figures = isFields(meta) ? meta : {};
  return {
    bookmarkBefore: at,
    finalBookmark: typeof final_bookmark === "string" ? final_bookmark : await remote.bookmark(),
    uploaded,
    queries: figure(num_queries),
    durationMs: figure(figures["duration"]),
    rowsRead: figure(figures["rows_read"]),
    rowsWritten: figure(figures["rows_written"]),
    sizeAfter: figure(figures["size_after"]),
  };
}

function figure(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** Polls the import to its end. If polling fails, the import goes on, so its outcome is unknown. */
async function watch(
  remote: RemoteD1,
  at: string,
  options: PollOptions,
): Promise<Exclude<Step, { kind: "active" }>> {
  let reason = "it was still running after the time limit.";
  let cause: unknown;
  try {
    const step = await pollToEnd(remote, at, (bookmark) => pollImport(remote, bookmark), options);
    if (step !== null) return step;
  } catch (error) {
    if (!(error instanceof OpsError) || error.code === "INTERRUPTED") throw error;
    [reason, cause] = [error.message, error];
  }
  const text = {
    message: `d1ops does not know how the import ended that started at bookmark ${at}: ${reason} Cloudflare may still run it, may have finished it, or may have rolled it back.`,
    hint: `${CHECK_CONTENT} ${wayBack(at)}`,
  };
  throw outcomeUnknown(reason, text, cause);
}

async function notImported(
  remote: RemoteD1,
  { kind, reason }: Exclude<Step, { kind: "active" | "complete" }>,
  at: string,
): Promise<OpsError> {
  if (kind === "failed") {
    return transferFailed(reason, {
      message: `Cloudflare did not import the file, and restored the database to its previous state: ${reason}`,
      hint: `Correct the file and import it again. ${wayBack(at)}`,
    });
  }
  const unchanged = (await remote.bookmark()) === at;
  if (unchanged) {
    return transferFailed(reason, {
      message: `Cloudflare cancelled the import: ${reason} The database is unchanged.`,
      hint: "Import it again.",
    });
  }
  return outcomeUnknown(reason, {
    message: `Cloudflare no longer knows the import that started at bookmark ${at}, and the database has changed since: ${reason}`,
    hint: `${CHECK_CONTENT} ${wayBack(at)}`,
  });
}
