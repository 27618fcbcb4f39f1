/** @module Reads the exact text of a file. A byte that is not UTF-8 is an error, never a replacement character. */
import { isUtf8 } from "node:buffer";
import { OpsError } from "../report/error.ts";
import { failedReadHint, reasonOf } from "./reason.ts";
import { readRegularFile, readRegularText } from "./regular.ts";
import { offer, shellPath } from "../report/command.ts";

/** D1 refuses a file of more than 100 MB, which a finding reports with the line. d1ops does not read a file that is larger than this. */
const MOST_BYTES = 200_000_000;

/** Keeps a byte order mark and carriage returns. @throws OpsError MIGRATION_UNREADABLE, MIGRATION_NOT_UTF8 (`line` from 1, `byte` from 0) */
export function readText(path: string): string {
  const text = readable(path, () => readRegularText(path, MOST_BYTES));
  if (!text.includes("\uFFFD")) return text;
  const bytes = readBytes(path);
  if (isUtf8(bytes)) return text;
  const byte = firstWrongByte(bytes, text);
  const line = bytes.subarray(0, byte).toString("latin1").split("\n").length;
  const encoding = foreignEncoding(bytes);
  const message =
    encoding === null
      ? `${path} is not UTF-8: line ${line}, byte ${byte}.`
      : `${path} is not UTF-8: it begins with the byte order mark of ${encoding}.`;
  const hint = offer(
    "Save it as UTF-8",
    `iconv -f ${encoding ?? "WINDOWS-1252"} -t UTF-8 ${shellPath(path)} > FILE`,
  );
  throw new OpsError("MIGRATION_NOT_UTF8", { path, line, byte }, { message, hint });
}

/** One character per byte, for a file that is not UTF-8. @throws OpsError MIGRATION_UNREADABLE */
export function readByteText(path: string): string {
  return readBytes(path).toString("latin1");
}

function readBytes(path: string): Buffer {
  return readable(path, () => readRegularFile(path, MOST_BYTES));
}

/** Decoding replaces each wrong byte by U+FFFD. The first U+FFFD that is not in the file itself marks the first wrong byte. */
function firstWrongByte(bytes: Buffer, text: string): number {
  const mark = Buffer.from("\uFFFD");
  let byte = 0;
  for (const [index, piece] of text.split("\uFFFD").entries()) {
    if (index > 0) {
      if (!bytes.subarray(byte, byte + mark.length).equals(mark)) return byte;
      byte += mark.length;
    }
    byte += Buffer.byteLength(piece);
  }
  return byte;
}

/** The encoding that a byte order mark of another encoding than UTF-8 names, as `iconv` names it. Null if there is none. */
export function foreignEncoding(bytes: Buffer): string | null {
  const start = bytes.subarray(0, 4).toString("hex");
  return MARKS.find(([mark]) => start.startsWith(mark))?.[1] ?? null;
}

/** Longest first: UTF-32LE begins like UTF-16LE. */
const MARKS = [
  ["0000feff", "UTF-32BE"],
  ["fffe0000", "UTF-32LE"],
  ["feff", "UTF-16BE"],
  ["fffe", "UTF-16LE"],
] as const;

/** wrangler skips a folder that it cannot read, so it may miss a migration. @throws OpsError MIGRATION_UNREADABLE */
export function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = reasonOf(error);
    throw new OpsError(
      "MIGRATION_UNREADABLE",
      { path, reason },
      {
        message: `${path} cannot be read: ${reason}.`,
        hint: failedReadHint(path, error),
      },
      { cause: error },
    );
  }
}
