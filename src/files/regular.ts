/**
 * Reads regular files only. Reading a named pipe waits for a writer without end, and a device may have no end.
 * @module
 */
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";
import { grouped } from "../report/grouped.ts";

/** The reason why d1ops does not read a file. The message follows the name of the file in a sentence: `it is a named pipe`. */
export class UnsupportedFile extends Error {}

/** @throws UnsupportedFile, and the errors of the operating system */
export function readRegularFile(path: string, mostBytes: number): Buffer {
  const found = regularFile(path, mostBytes);
  // If the file has become a named pipe since, opening and reading it must not wait.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return readToEnd(file, found.size);
  } finally {
    closeSync(file);
  }
}

/**
 * Reads a text three times as fast as {@link readRegularFile}: node reads and decodes it in one step. A byte that is not UTF-8 becomes
 * U+FFFD.
 * @throws UnsupportedFile, and the errors of the operating system
 */
export function readRegularText(path: string, mostBytes: number): string {
  regularFile(path, mostBytes);
  return readFileSync(path, "utf8");
}

/** Opening a device can have an effect, so the type is checked first. */
function regularFile(path: string, mostBytes: number): Stats {
  const found = statSync(path);
  refuseUnsupported(found, mostBytes);
  return found;
}

/** Node's `readFileSync` asks for the size again, which takes as long as reading a small file. */
function readToEnd(file: number, size: number): Buffer {
  let bytes = Buffer.allocUnsafe(size + 1);
  for (let end = 0; ;) {
    const read = readSync(file, bytes, end, bytes.length - end, null);
    if (read === 0) return bytes.subarray(0, end);
    end += read;
    if (end === bytes.length) bytes = Buffer.concat([bytes], 2 * end);
  }
}

function refuseUnsupported(found: Stats, mostBytes: number): void {
  const kind = kindOf(found);
  if (kind !== null) throw new UnsupportedFile(`it is ${kind}, and d1ops reads only regular files`);
  if (found.size <= mostBytes) return;
  const most = grouped(mostBytes / 1_000_000);
  throw new UnsupportedFile(
    `it has ${grouped(found.size)} bytes, and d1ops reads ${most} MB at most`,
  );
}

/** Null for a regular file, and for a folder, which the operating system reports itself. */
function kindOf(found: Stats): string | null {
  if (found.isFIFO()) return "a named pipe";
  if (found.isSocket()) return "a socket";
  if (found.isCharacterDevice() || found.isBlockDevice()) return "a device";
  return null;
}
