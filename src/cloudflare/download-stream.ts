/** @module The bytes of an export, each once and in order, over as many connections as necessary. */
import { createHash, type Hash } from "node:crypto";
import { OpsError } from "../report/error.ts";
import { pause } from "../failure/clock.ts";
import { backOff } from "../failure/retry.ts";
import type { RemoteD1 } from "./d1.ts";
import { type Exported, exportDatabase } from "./export.ts";
import { ApiFailure, failureOfNetwork } from "./api-failure.ts";
import { redirectRefused } from "./call-error.ts";
import { API_ATTEMPTS } from "./retry-policy.ts";
import { isExpired, transferFailed } from "./transfer.ts";

/** The state of a download, and what the server reports about the whole file. */
export interface Received {
  bytes: number;
  readonly md5: Hash;
  readonly sha256: Hash;
  total: number | null;
  etag: string | null;
}

/** @yields new bytes. Resumes after a broken connection. If the address has expired, it requests a new one, once in a row. */
export async function* downloadStream(
  remote: RemoteD1,
  exported: Exported,
  received: Received,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { clock, signal } = remote.api;
  let { url } = exported;
  let failures = 0;
  let renewed = false;
  for (;;) {
    const before = received.bytes;
    try {
      yield* missingBytes(await open(remote, url, received), received);
      return;
    } catch (error) {
      if (error instanceof OpsError) throw error;
      if (error instanceof ApiFailure && error.redirect !== null) {
        throw redirectRefused(error, error.redirect, "download the export");
      }
      if (received.bytes > before) [failures, renewed] = [0, false];
      failures += 1;
      const expired = error instanceof ApiFailure && isExpired(error);
      if (failures >= API_ATTEMPTS || (expired && renewed)) throw failed(error, received);
      if (expired) {
        url = (await exportDatabase(remote, { ...exported.dump, resume: exported.bookmark })).url;
        renewed = true;
      } else {
        await pause(clock, backOff(failures, clock.random()), signal);
      }
    }
  }
}

/** Its effect is `write`, so that the API does not retry it: `downloadStream` decides what to do. */
async function open({ api }: RemoteD1, url: string, { bytes }: Received): Promise<Response> {
  const range = bytes === 0 ? {} : { Range: `bytes=${bytes}-` };
  const response = await api.fetch("write", url, {
    headers: { "Accept-Encoding": "identity", ...range },
    ...(api.signal !== undefined && { signal: api.signal }),
  });
  if ((response.headers.get("content-encoding") ?? "identity") !== "identity") {
    await response.body?.cancel();
    throw changed("The server sent it compressed, which d1ops did not request.");
  }
  return response;
}

/** @yields the missing bytes. Skips the known bytes if the server sends the whole file again, and verifies them. */
async function* missingBytes(
  { status, headers, body }: Response,
  received: Received,
): AsyncGenerator<Uint8Array, void, undefined> {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  const isPart = status === 206;
  const total = numberIn(isPart ? range?.[2] : headers.get("content-length"));
  const etag = headers.get("etag");
  let skip = isPart ? received.bytes - (numberIn(range?.[1]) ?? -1) : received.bytes;
  if (skip < 0 || (isPart && skip > 0))
    throw changed("The server sent another part than the requested one.");
  if (received.bytes > 0 && (etag !== received.etag || total !== received.total))
    throw changed("The export has changed.");
  [received.total, received.etag] = [total, etag];

  const known = skip === 0 ? null : received.md5.copy().digest("hex");
  const repeated = createHash("md5");
  for await (const chunk of body ?? []) {
    const old = chunk.subarray(0, skip);
    if (old.length > 0) {
      skip -= old.length;
      repeated.update(old);
      if (skip === 0 && repeated.digest("hex") !== known)
        throw changed("The export begins differently now.");
    }
    const fresh = chunk.subarray(old.length);
    if (fresh.length === 0) continue;
    if (received.bytes === 0 && !looksLikeSql(fresh, total))
      throw new Error("The content is not SQL.");
    received.bytes += fresh.length;
    received.md5.update(fresh);
    received.sha256.update(fresh);
    yield fresh;
  }
  if (received.total !== null && received.bytes < received.total)
    throw new Error("The content ended too early.");
}

/** A proxy may answer with its own page and a success status. */
function looksLikeSql(start: Uint8Array, total: number | null): boolean {
  if (start.length < 8 && start.length !== total) return true;
  const text = Buffer.from(start.subarray(0, 8)).toString("latin1");
  return /^\s*(?:pragma|create|insert|delete|analyze|--|\/\*)/i.test(text);
}

function numberIn(text: string | null | undefined): number | null {
  return /^\d+$/.test(text ?? "") ? Number(text) : null;
}

function changed(reason: string): OpsError {
  return transferFailed(reason, {
    message: `d1ops could not resume the download of the export: ${reason}`,
    hint: "Download it again from the beginning.",
  });
}

function failed(error: unknown, { bytes, total }: Received): OpsError {
  const { message } = error instanceof ApiFailure ? error : failureOfNetwork(error);
  return transferFailed(
    message,
    {
      message: `d1ops could not download the export: ${message} ${bytes} of ${total ?? "an unknown number of"} bytes had arrived.`,
      hint: "The address is valid for one hour. If it is older, export the database again; otherwise check the network.",
    },
    error,
  );
}
