/**
 * Downloads a finished export as a stream. It resumes after a broken connection, requests a new address when the address has
 * expired, and compares the bytes with the server's size and checksum.
 * @module
 */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { OpsError } from "../report/error.ts";
import { downloadStream, type Received } from "./download-stream.ts";
import type { RemoteD1 } from "./d1.ts";
import type { Exported } from "./export.ts";
import { transferFailed } from "./transfer.ts";

export interface DownloadOptions {
  /** `total` is null if the server does not send it. */
  readonly onBytes?: (bytes: number, total: number | null) => void;
}

export interface Downloaded {
  readonly bytes: number;
  /** In hex, as all checksums here. */
  readonly md5: string;
  readonly sha256: string;
  /** What the bytes were compared with. The ETag of a multipart upload is not an MD5. */
  readonly checked: "md5" | "size" | "nothing";
}

/** Writes the export to the stream and ends it. @throws OpsError TRANSFER_FAILED, INTERRUPTED, and those of the API */
export async function download(
  remote: RemoteD1,
  exported: Exported,
  into: Writable,
  { onBytes = () => {} }: DownloadOptions = {},
): Promise<Downloaded> {
  const received: Received = {
    bytes: 0,
    md5: createHash("md5"),
    sha256: createHash("sha256"),
    total: null,
    etag: null,
  };
  await pipeline(async function* () {
    for await (const chunk of downloadStream(remote, exported, received)) {
      onBytes(received.bytes, received.total);
      yield chunk;
    }
    // Inside the pipeline, so that a failed check becomes an error of the stream.
    check(received);
  }, into);
  return {
    bytes: received.bytes,
    md5: received.md5.copy().digest("hex"),
    sha256: received.sha256.digest("hex"),
    checked: md5Of(received.etag) !== null ? "md5" : received.total !== null ? "size" : "nothing",
  };
}

/** Downloads into a file that appears only when it is complete. @throws OpsError FILE_UNWRITABLE and those of {@link download} */
export async function downloadFile(
  remote: RemoteD1,
  exported: Exported,
  path: string,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const part = `${path}.part`;
  try {
    const file = createWriteStream(part, { flush: true, mode: 0o600 });
    const downloaded = await download(remote, exported, file, options);
    await rename(part, path);
    return downloaded;
  } catch (error) {
    await rm(part, { force: true });
    if (error instanceof OpsError || !(error instanceof Error) || !("syscall" in error))
      throw error;
    const text = {
      message: `d1ops could not write ${path}: ${error.message}`,
      hint: "Check the space on the disk and the permissions of the folder.",
    };
    throw new OpsError("FILE_UNWRITABLE", { path, reason: error.message }, text, { cause: error });
  }
}

function check({ bytes, total, md5, etag }: Received): void {
  const expected = md5Of(etag);
  const found = md5.copy().digest("hex");
  if ((total === null || bytes === total) && (expected === null || expected === found)) return;
  throw transferFailed("checksum", {
    message: `The download differs from Cloudflare's export: ${bytes} bytes with the MD5 ${found}, instead of ${total ?? "unknown"} bytes with the MD5 ${expected ?? "unknown"}.`,
    hint: "Download it again. d1ops kept nothing of it.",
  });
}

/** Null for an ETag that is not an MD5: that of a multipart upload ends with `-2` or so, and a weak one does not identify bytes. */
function md5Of(etag: string | null): string | null {
  return /^"?([\da-f]{32})"?$/i.exec(etag ?? "")?.[1]?.toLowerCase() ?? null;
}
