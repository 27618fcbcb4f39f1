/**
 * Fetches a finished export as a stream. A cut connection is taken up where it broke, an address that is over is asked
 * for again, and what has arrived is held against what the server says of it.
 * @module
 */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { OpsError } from "../report/error.ts";
import { arriving, type Got } from "./download-stream.ts";
import type { RemoteD1 } from "./d1.ts";
import type { Exported } from "./export.ts";
import { transferFailed } from "./transfer.ts";

export interface DownloadOptions {
  /** `total` is null where the server does not say. */
  readonly onBytes?: (bytes: number, total: number | null) => void;
}

export interface Downloaded {
  readonly bytes: number;
  /** Hex, as are all checksums here. */
  readonly md5: string;
  readonly sha256: string;
  /** What the bytes were held against. An upload in parts has no MD5 for an ETag. */
  readonly checked: "md5" | "size" | "nothing";
}

/** Writes to the stream and ends it. @throws OpsError TRANSFER_FAILED, INTERRUPTED, and those of the API */
export async function download(
  remote: RemoteD1,
  exported: Exported,
  into: Writable,
  { onBytes = () => {} }: DownloadOptions = {},
): Promise<Downloaded> {
  const md5 = createHash("md5");
  const got: Got = { bytes: 0, md5, sha256: createHash("sha256"), total: null, etag: null };
  await pipeline(async function* () {
    for await (const chunk of arriving(remote, exported, got)) {
      onBytes(got.bytes, got.total);
      yield chunk;
    }
    // Inside the pipeline, so that a wrong end is no end for the one who reads.
    judge(got);
  }, into);
  return {
    bytes: got.bytes,
    md5: got.md5.copy().digest("hex"),
    sha256: got.sha256.digest("hex"),
    checked: md5Of(got.etag) !== null ? "md5" : got.total !== null ? "size" : "nothing",
  };
}

/** Into a file that is there only once it is whole. @throws OpsError FILE_UNWRITABLE and those of {@link download} */
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
      message: `${path} could not be written: ${error.message}`,
      hint: "Is there room on the disk, and may you write there?",
    };
    throw new OpsError("FILE_UNWRITABLE", { path, reason: error.message }, text, { cause: error });
  }
}

/** Holds what has arrived against what the server has said of it. */
function judge({ bytes, total, md5, etag }: Got): void {
  const said = md5Of(etag);
  const found = md5.copy().digest("hex");
  if ((total === null || bytes === total) && (said === null || said === found)) return;
  throw transferFailed("checksum", {
    message: `What has arrived is not what Cloudflare has: ${bytes} bytes with the MD5 ${found}, in place of ${total ?? "unknown"} bytes with ${said ?? "an unknown one"}.`,
    hint: "Download it again. Nothing was kept of it.",
  });
}

/** Null for an ETag that is something else: of an upload in parts it is `…-2`, and a weak one speaks of no bytes. */
function md5Of(etag: string | null): string | null {
  return /^"?([\da-f]{32})"?$/i.exec(etag ?? "")?.[1]?.toLowerCase() ?? null;
}
