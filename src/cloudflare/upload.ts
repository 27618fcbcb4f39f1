/** @module The file of an import: d1ops checks it before the first call, uploads it, and verifies the upload. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { openAsBlob } from "node:fs";
import { IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import { OpsError } from "../report/error.ts";
import { sleeper } from "../failure/clock.ts";
import { backOff, retry } from "../failure/retry.ts";
import type { RemoteD1 } from "./d1.ts";
import { ApiFailure, failureOfAnswer, failureOfNetwork } from "./api-failure.ts";
import { withinOrigin } from "./redirect.ts";
import { redirectRefused } from "./call-error.ts";
import { API_ATTEMPTS } from "./retry-policy.ts";
import { isExpired, transferFailed } from "./transfer.ts";

export interface ImportFile {
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly md5: string;
  /** Reads the file in chunks, and fails if it has changed since. */
  readonly content: Blob;
}

/** Cloudflare accepts no larger file. */
const LARGEST = 5 * 1024 ** 3;

const SQLITE = "SQLite format 3\0";
const FROM_DATABASE = "Run `sqlite3 FILE .dump` to make SQL of it.";

/** @throws OpsError TRANSFER_FAILED if the import could only fail */
export async function readImportFile(path: string): Promise<ImportFile> {
  try {
    const content = await openAsBlob(path);
    const bytes = content.size;
    const start = await content.slice(0, SQLITE.length).text();
    if (start === SQLITE) throw unsuitable(path, "is a database, not SQL", FROM_DATABASE);
    if (bytes === 0) throw unsuitable(path, "is empty", "Check the path.");
    if (bytes > LARGEST)
      throw unsuitable(path, "is larger than 5 GB", "Split it into several files.");
    const md5 = createHash("md5");
    for await (const chunk of content.stream()) md5.update(chunk);
    return { path, bytes, md5: md5.digest("hex"), content };
  } catch (error) {
    if (error instanceof OpsError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const words = {
      message: `${path} cannot be read: ${reason}`,
      hint: "Check that the file exists and that no other program writes to it.",
    };
    throw transferFailed(reason, words, error);
  }
}

function unsuitable(path: string, reason: string, hint: string): OpsError {
  const message = `${path} cannot be imported: it ${reason}. Nothing was sent.`;
  return transferFailed(reason, { message, hint });
}

/** Retries, because the same upload gives the same file. Only status 200 with our MD5 as ETag is a success. False: the address has expired. */
export async function upload(remote: RemoteD1, url: string, file: ImportFile): Promise<boolean> {
  const { clock, signal } = remote.api;
  const send = async (): Promise<boolean> => {
    const { status, headers, text } = await withinOrigin(url, async (at) => put(at, file, signal));
    if (status >= 300) throw failureOfAnswer(status, headers, null, text);
    const etag = headers.get("etag")?.replaceAll(/^"|"$/g, "").toLowerCase() ?? null;
    if (status === 200 && etag === file.md5) return true;
    throw damaged(file, status, etag);
  };
  return retry(send, {
    sleep: sleeper({ clock, signal }),
    after(error, made) {
      if (error instanceof OpsError) throw error;
      if (error instanceof DOMException && error.name === "NotReadableError") throw altered(file);
      const failure = error instanceof ApiFailure ? error : failureOfNetwork(error);
      if (failure.redirect !== null) {
        throw redirectRefused(failure, failure.redirect, `upload ${file.path}`);
      }
      if (isExpired(failure)) return { answer: false };
      if (made >= API_ATTEMPTS) throw notUploaded(file, failure);
      return { waitMs: failure.retryAfterMs ?? backOff(made, clock.random()) };
    },
  });
}

/** A connection without any data for this time is dead. */
const IDLE_MS = 120_000;

/** Sends the file in chunks, without credentials. `fetch` would read the whole file into memory before the first byte arrives. */
async function put(
  url: string,
  { bytes, content }: ImportFile,
  signal: AbortSignal | undefined,
): Promise<{ status: number; headers: Headers; text: string }> {
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  const request = send(url, {
    method: "PUT",
    headers: { "Content-Length": bytes },
    timeout: IDLE_MS,
    ...(signal !== undefined && { signal }),
  });
  request.on("timeout", () =>
    request.destroy(new Error("No data was transferred for two minutes.")),
  );
  // A server that rejects early stops reading, so sending fails too. Its answer gives the reason.
  request.on("error", () => {});
  const sent = pipeline(content.stream(), request);
  sent.catch(() => {});
  // If the file cannot be read, the request closes without an error.
  const closed = once(request, "close").then(async () => sent);
  const answered = once(request, "response").then(([first]: unknown[]) => first);
  const answer: unknown = await Promise.race([answered, closed]);
  if (!(answer instanceof IncomingMessage)) throw new Error("There was no answer.");
  const { etag, location, "retry-after": retryAfter } = answer.headers;
  const headers = new Headers({
    ...(etag !== undefined && { etag }),
    ...(location !== undefined && { location }),
    ...(retryAfter !== undefined && { "retry-after": retryAfter }),
  });
  const status = answer.statusCode ?? 0;
  if (status < 300) {
    answer.resume();
    await sent;
    return { status, headers, text: "" };
  }
  const text = status < 400 ? "" : await firstChunkOf(answer);
  request.destroy();
  return { status, headers, text };
}

/** The first chunk of a body, enough to quote. The rest may break off or never end. */
async function firstChunkOf(body: IncomingMessage): Promise<string> {
  try {
    for await (const chunk of body) return String(chunk);
  } catch {
    // The status is enough.
  }
  return "";
}

function altered({ path }: ImportFile): OpsError {
  return transferFailed("the file has changed", {
    message: `${path} has changed while it was read. The database was not touched.`,
    hint: "Import it again when no program writes to it.",
  });
}

function notUploaded({ path }: ImportFile, failure: ApiFailure): OpsError {
  const { message } = failure;
  const text = {
    message: `d1ops could not upload ${path}: ${message} The database was not touched.`,
    hint: "Check the network, and import it again.",
  };
  return transferFailed(message, text, failure);
}

function damaged({ path, md5 }: ImportFile, status: number, etag: string | null): OpsError {
  return transferFailed("the upload's ETag is not the MD5 of the file", {
    message: `${path} was damaged during the upload: its MD5 is ${md5}, and the answer was HTTP ${status} with ${etag === null ? "no ETag" : `the ETag ${etag}`}. It was not run.`,
    hint: "Import it again. If the error persists, something on the way changes the file, such as a proxy.",
  });
}
