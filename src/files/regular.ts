/** @module Reads regular files only. Reading a named pipe waits for a writer without end, and a device may have no end. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";
import { grouped } from "../report/wording.ts";

/** The reason why d1ops does not read a file. The message follows the name of the file in a sentence: `it is a named pipe`. */
export class UnsupportedFile extends Error {}

/** If the file has become a named pipe since its type was checked, opening it must not wait. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** For `open`. If a link or a named pipe has replaced the file, this fails or does not wait. Windows has neither flag. */
export const READ_REGULAR: number = READ | (constants.O_NOFOLLOW ?? 0);

/** @throws UnsupportedFile, and the errors of the operating system */
export function readRegularFile(path: string, mostBytes: number): Buffer {
  // Opening a device can have an effect, so the type is checked first.
  refuseUnsupported(statSync(path), mostBytes);
  const file = openSync(path, READ);
  try {
    refuseUnsupported(fstatSync(file), mostBytes);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** A project has hundreds of small files, so {@link readRegularText} reads each into this memory. */
const room = Buffer.allocUnsafeSlow(65_536);

/**
 * The same as text. A byte that is not UTF-8 becomes U+FFFD. The type is checked only if a first read finds a large file, finds nothing, or
 * fails: it does not wait for a named pipe, and a device has no end or is empty.
 * @throws as {@link readRegularFile}
 */
export function readRegularText(path: string, mostBytes: number): string {
  const size = readSmall(path);
  if (size === null || size > mostBytes) return readRegularFile(path, mostBytes).toString("utf8");
  return room.toString("utf8", 0, size);
}

/** Reads a whole file into {@link room} and returns its size in bytes. Null if it is too large, or nothing could be read. */
function readSmall(path: string): number | null {
  const file = openSync(path, READ);
  try {
    let size = 0;
    for (let read = -1; read !== 0; size += read) {
      if (size === room.length) return null;
      read = readSync(file, room, size, room.length - size, null);
    }
    return size === 0 ? null : size;
  } catch {
    return null;
  } finally {
    closeSync(file);
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
