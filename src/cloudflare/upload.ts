/**
 * The file of an import: looked at before anything is asked, and sent so that it is known to have arrived.
 * @module
 */
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
import { ApiFailure, failureOf, failureOfNetwork } from "./api-failure.ts";
import { withinOrigin } from "./redirect.ts";
import { redirectRefused } from "./call-error.ts";
import { ATTEMPTS } from "./retry-policy.ts";
import { isOver, transferFailed } from "./transfer.ts";

export interface ImportFile {
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly md5: string;
  /** Reads the file, never all of it at once, and fails where it has changed since. */
  readonly content: Blob;
}

/** Cloudflare takes no larger one. */
const LARGEST = 5 * 1024 ** 3;

const SQLITE = "SQLite format 3\0";

/** @throws OpsError TRANSFER_FAILED where it could only fail */
export async function readImportFile(path: string): Promise<ImportFile> {
  try {
    const content = await openAsBlob(path);
    const bytes = content.size;
    const start = await content.slice(0, SQLITE.length).text();
    if (start === SQLITE)
      throw unfit(
        path,
        "is a database and no SQL",
        "`sqlite3 FILE .dump` makes what an import takes.",
      );
    if (bytes === 0) throw unfit(path, "is empty", null);
    if (bytes > LARGEST) throw unfit(path, "is larger than 5 GB", "Cut it into several files.");
    const md5 = createHash("md5");
    for await (const chunk of content.stream()) md5.update(chunk);
    return { path, bytes, md5: md5.digest("hex"), content };
  } catch (error) {
    if (error instanceof OpsError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const words = {
      message: `${path} cannot be read: ${reason}`,
      hint: "Is it there, and does nobody write to it meanwhile?",
    };
    throw transferFailed(reason, words, error);
  }
}

function unfit(path: string, reason: string, instead: string | null): OpsError {
  return transferFailed(reason, {
    message: `${path} cannot be imported: it ${reason}. Nothing was sent.`,
    hint: instead ?? "Is it the right file?",
  });
}

/**
 * Sends the file: as often as it takes, for the same bytes at the same place are the same file. Only 200 with our MD5
 * for an ETag is success. False: the address is over.
 */
export async function upload(remote: RemoteD1, url: string, file: ImportFile): Promise<boolean> {
  const { clock, signal } = remote.api;
  const send = async (): Promise<boolean> => {
    const { status, headers, text } = await withinOrigin(url, async (at) => put(at, file, signal));
    if (status >= 300) throw failureOf(status, headers, null, text);
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
      if (isOver(failure)) return { answer: false };
      if (made >= ATTEMPTS) throw unsent(file, failure);
      return { waitMs: failure.retryAfterMs ?? backOff(made, clock.random()) };
    },
  });
}

/** Nothing moves for so long: the connection is dead. */
const IDLE_MS = 120_000;

/**
 * Without credentials, and in pieces as fast as they leave: `fetch` would take all of the file into memory before the
 * first byte has arrived.
 */
async function put(
  url: string,
  { bytes, content }: ImportFile,
  signal: AbortSignal | undefined,
): Promise<{ status: number; headers: Headers; text: string }> {
  const ask = url.startsWith("https:") ? httpsRequest : httpRequest;
  const request = ask(url, {
    method: "PUT",
    headers: { "Content-Length": bytes },
    timeout: IDLE_MS,
    ...(signal !== undefined && { signal }),
  });
  request.on("timeout", () => request.destroy(new Error("Nothing has moved for two minutes.")));
  // An early refusal stops reading, so that sending fails too. The answer says why.
  request.on("error", () => {});
  const sent = pipeline(content.stream(), request);
  sent.catch(() => {});
  // A file that cannot be read closes the request without an error of its own.
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
  const text = status < 400 ? "" : await firstOf(answer);
  request.destroy();
  return { status, headers, text };
}

/** Enough of a body to quote it. The rest may break off, or never end. */
async function firstOf(body: IncomingMessage): Promise<string> {
  try {
    for await (const chunk of body) return String(chunk);
  } catch {
    // The status is known.
  }
  return "";
}

function altered({ path }: ImportFile): OpsError {
  return transferFailed("the file has changed", {
    message: `${path} has changed while it was read. The database was not touched.`,
    hint: "Import it again when nobody writes to it.",
  });
}

function unsent({ path }: ImportFile, failure: ApiFailure): OpsError {
  const { message } = failure;
  const words = {
    message: `${path} could not be uploaded: ${message} The database was not touched.`,
    hint: "Look at the network, and import it again.",
  };
  return transferFailed(message, words, failure);
}

function damaged({ path, md5 }: ImportFile, status: number, etag: string | null): OpsError {
  return transferFailed("the upload's ETag is not the MD5 of the file", {
    message: `${path} did not arrive as it is: its MD5 is ${md5}, and the answer to the upload was HTTP ${status} with ${etag === null ? "no ETag" : `the ETag ${etag}`}. It was not run.`,
    hint: "Import it again; where it stays so, something on the way changes it (a proxy?).",
  });
}
