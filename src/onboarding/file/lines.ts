/** @module Reads a file line by line, and tenants from JSON Lines, one object per line. The whole file is never in memory. */
import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { failedReadHint, reasonOf } from "../../files/reason.ts";
import { OpsError } from "../../report/error.ts";
import { offer, shellPath } from "../../report/command.ts";

export interface Line {
  /** 1-based. */
  readonly number: number;
  /** Without LF or CR LF, and without a byte order mark. */
  readonly text: string;
  /** False: invalid bytes were replaced. */
  readonly isUtf8: boolean;
}

/** All tenants of the file are in memory until the end, so its size is limited. */
const MAX_BYTES = 256 * 1024 * 1024;

const LF = 0x0a;

/**
 * @throws OpsError INPUT_UNREADABLE
 * @yields each line as soon as it is read
 */
export async function* linesOf(
  path: string,
  bytes: AsyncIterable<Uint8Array | string> = createReadStream(path),
): AsyncGenerator<Line> {
  let read = 0;
  let number = 0;
  let rest: Buffer[] = [];
  for await (const chunk of readable(path, bytes)) {
    read += chunk.length;
    if (read > MAX_BYTES) {
      const limit = MAX_BYTES / 1024 / 1024;
      throw unreadable(path, `it has more than ${limit} MB`, "Split it into several files.");
    }
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      rest.push(chunk.subarray(from, at));
      number += 1;
      yield lineOf(number, Buffer.concat(rest), path);
      rest = [];
      from = at + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield lineOf(number + 1, Buffer.concat(rest), path);
}

async function* readable(
  path: string,
  bytes: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of bytes) yield bufferOf(path, chunk);
  } catch (error) {
    if (error instanceof OpsError) throw error;
    throw unreadable(path, reasonOf(error), failedReadHint(path, error), { cause: error });
  }
}

/** A caller of the library may pass a stream of anything. */
function bufferOf(path: string, chunk: unknown): Buffer {
  if (typeof chunk === "string") return Buffer.from(chunk);
  if (ArrayBuffer.isView(chunk)) {
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  const what = chunk === null ? "null" : Array.isArray(chunk) ? "an array" : `a ${typeof chunk}`;
  const hint = "Pass texts or bytes (Uint8Array), such as a stream or the lines of a file.";
  throw unreadable(path, `a part of it is ${what}, instead of a text or bytes`, hint);
}

function lineOf(number: number, bytes: Buffer, path: string): Line {
  if (number === 1) requireUtf8(bytes, path);
  const text = bytes.toString("utf8").replace(/\r$/, "");
  return { number, text: number === 1 ? text.replace(/^\uFEFF/, "") : text, isUtf8: isUtf8(bytes) };
}

function requireUtf8(first: Buffer, path: string): void {
  const to = `-t UTF-8 ${shellPath(path)} > FILE`;
  if (/^(?:fffe|feff)/.test(first.subarray(0, 2).toString("hex"))) {
    const hint = offer("To convert it to UTF-8", `iconv -f UTF-16 ${to}`);
    throw unreadable(path, "it is UTF-16", hint);
  }
  if (!first.includes(0)) return;
  const hint = offer("If it is UTF-16, convert it to UTF-8", `iconv -f UTF-16LE ${to}`);
  throw unreadable(path, "it contains NUL bytes, so it is not UTF-8 text", hint);
}

export function unreadable(
  path: string,
  reason: string,
  hint: string,
  options?: ErrorOptions,
): OpsError<"INPUT_UNREADABLE"> {
  const message = `${path} cannot be read: ${reason}.`;
  return new OpsError("INPUT_UNREADABLE", { path, reason }, { message, hint }, options);
}

/** The value of a line or of a CSV row, or why it cannot be read. */
export type Entry =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly code: string; readonly problem: string };

export const NOT_UTF8 = { code: "not-utf8", problem: "the line is not UTF-8" } as const;

/** @yields each line that is not blank */
export async function* jsonEntries(lines: AsyncIterable<Line>): AsyncGenerator<Entry> {
  for await (const line of lines) {
    if (line.text.trim() !== "") yield entryOf(line);
  }
}

function entryOf({ number: line, text, isUtf8: isValid }: Line): Entry {
  if (!isValid) return { line, ...NOT_UTF8 };
  try {
    const value: unknown = JSON.parse(text);
    return { line, value };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { line, code: "not-json", problem: `the line is not JSON: ${reason}` };
  }
}
