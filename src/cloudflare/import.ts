/**
 * Has Cloudflare run a file of SQL. The database answers no query until that is done. It is no transaction: where it
 * fails, Cloudflare puts the database back to the bookmark that it began at, and so can anybody later.
 *
 * What the service runs is the file as it is: `PRAGMA foreign_keys=OFF;` works as its first statement, BEGIN and COMMIT
 * are refused, and a statement may have 100,000 bytes.
 * @module
 */
import { OpsError } from "../report/error.ts";
import { missing, type RemoteD1 } from "./d1.ts";
import { beginImport, pollImport } from "./import-order.ts";
import { type Fields, follow, isFields, type PollOptions, type Step } from "./poll.ts";
import {
  outcomeUnknown,
  signedAddress,
  transferFailed,
  wayBack,
  whenInterrupted,
} from "./transfer.ts";
import { type ImportFile, readImportFile, upload } from "./upload.ts";

export interface ImportOptions extends PollOptions {
  /** Told the way back, as soon as the service has been told to run the file: with it {@link followImport} can go on. */
  readonly onBegin?: (bookmarkBefore: string) => void;
}

export interface Imported {
  /** The way back: the state that the import began at. */
  readonly bookmarkBefore: string;
  /** The state right after it. */
  readonly finalBookmark: string;
  /** False: the service had this very file already. */
  readonly uploaded: boolean;
  /** How many statements were run. Null, here and below, where the service does not say. */
  readonly queries: number | null;
  readonly durationMs: number | null;
  readonly rowsRead: number | null;
  /** Entries of indexes count too. */
  readonly rowsWritten: number | null;
  /** Bytes. */
  readonly sizeAfter: number | null;
}

/**
 * Runs the file once, whatever becomes of the answers. Called again after it has ended it runs the file again; after a
 * crash, `onBegin`'s bookmark and {@link followImport} tell whether it has.
 * @throws OpsError TRANSFER_FAILED: nothing of it stayed; OUTCOME_UNKNOWN; and those of the API
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
      message: "Interrupted. An import that has begun goes on at Cloudflare to its end.",
      hint: begun === null ? "Look at the database before you import it again." : wayBack(begun),
    });
  }
}

async function importFile(
  remote: RemoteD1,
  file: ImportFile,
  options: ImportOptions,
): Promise<Imported> {
  const init = await beginImport(remote, { action: "init", etag: file.md5 }, options);
  if (!("fields" in init)) return finish(remote, init.step, init.before, false, options);
  const filename = await send(remote, init.fields, file);
  if (filename === null) throw sentInVain(file);
  const order = { action: "ingest", filename, etag: file.md5 } as const;
  const begun = await beginImport(remote, order, options);
  if ("fields" in begun) return missing("at_bookmark");
  return finish(remote, begun.step, begun.before, true, options);
}

/** The name to run it by; null where the address was over before the file was there. */
async function send(
  remote: RemoteD1,
  { filename, upload_url }: Fields,
  file: ImportFile,
): Promise<string | null> {
  const url = signedAddress(upload_url, "upload_url", remote.api.baseUrl);
  if (typeof filename !== "string") return missing("filename");
  return (await upload(remote, url, file)) ? filename : null;
}

function sentInVain({ path }: ImportFile): OpsError {
  return transferFailed("the upload was refused", {
    message: `Cloudflare's storage refused the upload of ${path}. The database was not touched.`,
    hint: "The address for it is valid for one hour, by a clock that is right. Import it again.",
  });
}

/** An import that runs or has just ended, known by the bookmark that it began at. */
export async function followImport(
  remote: RemoteD1,
  bookmarkBefore: string,
  options: PollOptions = {},
): Promise<Imported> {
  const step = { kind: "active" as const, bookmark: bookmarkBefore, messages: [] };
  return finish(remote, step, bookmarkBefore, false, options);
}

async function finish(
  remote: RemoteD1,
  first: Step,
  before: string,
  uploaded: boolean,
  options: ImportOptions,
): Promise<Imported> {
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

/** Nobody stops an import by not looking: what cannot be seen to its end may still have one. */
async function watch(
  remote: RemoteD1,
  at: string,
  options: PollOptions,
): Promise<Exclude<Step, { kind: "active" }>> {
  let reason = "the time for it is over, and it is still running";
  let cause: unknown;
  try {
    const step = await follow(remote, at, (bookmark) => pollImport(remote, bookmark), options);
    if (step !== null) return step;
  } catch (error) {
    if (!(error instanceof OpsError) || error.code === "INTERRUPTED") throw error;
    [reason, cause] = [error.message, error];
  }
  const text = {
    message: `The import that began at bookmark ${at} was lost sight of: ${reason} It may still be running, have ended well, or have been put back.`,
    hint: wayBack(at),
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
      message: `Cloudflare did not import the file, and put the database back to where it was: ${reason}`,
      hint: `Correct the file and import it again. ${wayBack(at)}`,
    });
  }
  const unchanged = (await remote.bookmark()) === at;
  if (unchanged) {
    return transferFailed(reason, {
      message: `Cloudflare gave the import up: ${reason} The database is as it was.`,
      hint: "Import it again.",
    });
  }
  return outcomeUnknown(reason, {
    message: `Cloudflare knows nothing of the import that began at bookmark ${at} any more, and the database has changed since: ${reason}`,
    hint: `Look at what the file should have written. ${wayBack(at)}`,
  });
}
