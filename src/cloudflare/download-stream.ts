/**
 * The bytes of an export as they arrive: each once and in order, over as many connections as it takes.
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { OpsError } from "../report/error.ts";
import { pause } from "../failure/clock.ts";
import { backOff } from "../failure/retry.ts";
import type { RemoteD1 } from "./d1.ts";
import { type Exported, exportDatabase } from "./export.ts";
import { ApiFailure, failureOfNetwork } from "./api-failure.ts";
import { redirectRefused } from "./call-error.ts";
import { ATTEMPTS } from "./retry-policy.ts";
import { isOver, transferFailed } from "./transfer.ts";

/** What has arrived, and what the server says of all of it. */
export interface Got {
  bytes: number;
  readonly md5: Hash;
  readonly sha256: Hash;
  total: number | null;
  etag: string | null;
}

/**
 * Goes on after a cut; an address that is over is asked for again, once in a row.
 * @yields what has not been there yet
 */
export async function* arriving(
  remote: RemoteD1,
  exported: Exported,
  got: Got,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { clock, signal } = remote.api;
  let { url } = exported;
  let failures = 0;
  let renewed = false;
  for (;;) {
    const before = got.bytes;
    try {
      yield* rest(await open(remote, url, got), got);
      return;
    } catch (error) {
      if (error instanceof OpsError) throw error;
      if (error instanceof ApiFailure && error.redirect !== null) {
        throw redirectRefused(error, error.redirect, "download the export");
      }
      if (got.bytes > before) [failures, renewed] = [0, false];
      failures += 1;
      const over = error instanceof ApiFailure && isOver(error);
      if (failures >= ATTEMPTS || (over && renewed)) throw broken(error, got);
      if (over) {
        url = (await exportDatabase(remote, { ...exported.dump, resume: exported.bookmark })).url;
        renewed = true;
      } else {
        await pause(clock, backOff(failures, clock.random()), signal);
      }
    }
  }
}

/** Asked as a write is, so that a failure comes at once: what to do about it is decided above. */
async function open({ api }: RemoteD1, url: string, { bytes }: Got): Promise<Response> {
  const range = bytes === 0 ? {} : { Range: `bytes=${bytes}-` };
  const response = await api.fetch("write", url, {
    headers: { "Accept-Encoding": "identity", ...range },
    ...(api.signal !== undefined && { signal: api.signal }),
  });
  if ((response.headers.get("content-encoding") ?? "identity") !== "identity") {
    await response.body?.cancel();
    throw other("It came compressed, though that was not asked for.");
  }
  return response;
}

/**
 * Whether the server sends only what is missing or all of it again.
 * @yields what is still missing
 */
async function* rest(
  { status, headers, body }: Response,
  got: Got,
): AsyncGenerator<Uint8Array, void, undefined> {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  const isPart = status === 206;
  const total = numberIn(isPart ? range?.[2] : headers.get("content-length"));
  const etag = headers.get("etag");
  let skip = isPart ? got.bytes - (numberIn(range?.[1]) ?? -1) : got.bytes;
  if (skip < 0 || (isPart && skip > 0)) throw other("It sent another part than the one asked for.");
  if (got.bytes > 0 && (etag !== got.etag || total !== got.total)) throw other("It has changed.");
  [got.total, got.etag] = [total, etag];

  const known = skip === 0 ? null : got.md5.copy().digest("hex");
  const again = createHash("md5");
  for await (const chunk of body ?? []) {
    const old = chunk.subarray(0, skip);
    if (old.length > 0) {
      skip -= old.length;
      again.update(old);
      if (skip === 0 && again.digest("hex") !== known) throw other("It begins differently now.");
    }
    const fresh = chunk.subarray(old.length);
    if (fresh.length === 0) continue;
    if (got.bytes === 0 && !looksLikeSql(fresh, total)) throw new Error("It is no SQL.");
    got.bytes += fresh.length;
    got.md5.update(fresh);
    got.sha256.update(fresh);
    yield fresh;
  }
  if (got.total !== null && got.bytes < got.total) throw new Error("It ended too early.");
}

/** What stands between may answer with a page of its own, and call it a success. */
function looksLikeSql(start: Uint8Array, total: number | null): boolean {
  if (start.length < 8 && start.length !== total) return true;
  const text = Buffer.from(start.subarray(0, 8)).toString("latin1");
  return /^\s*(?:pragma|create|insert|delete|analyze|--|\/\*)/i.test(text);
}

function numberIn(text: string | null | undefined): number | null {
  return /^\d+$/.test(text ?? "") ? Number(text) : null;
}

function other(reason: string): OpsError {
  return transferFailed(reason, {
    message: `The download of the export could not be gone on with: ${reason}`,
    hint: "Download it again, from its beginning.",
  });
}

function broken(error: unknown, { bytes, total }: Got): OpsError {
  const { message } = error instanceof ApiFailure ? error : failureOfNetwork(error);
  return transferFailed(
    message,
    {
      message: `The export could not be downloaded: ${message} ${bytes} of ${total ?? "an unknown number of"} bytes had arrived.`,
      hint: "Its address is valid for one hour. Export the database again where it is older; else look at the network.",
    },
    error,
  );
}
