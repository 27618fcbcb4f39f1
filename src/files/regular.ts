/**
 * Reads a file whole, where it is one: a named pipe would wait for a writer for ever, and a device may have no end.
 * @module
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
} from "node:fs";
import { grouped } from "../report/grouped.ts";

/** Why a file is not read. The message follows the name of the file in a sentence: `it is a named pipe`. */
export class UnsupportedFile extends Error {}

/** @throws UnsupportedFile, and the errors of the operating system */
export function readRegularFile(path: string, mostBytes: number): Buffer {
  // To open some devices is to use them, so they are not opened at all.
  refuseUnsupported(statSync(path), mostBytes);
  // Between the two calls the file may have become a named pipe, and to open one waits, too.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    refuseUnsupported(fstatSync(file), mostBytes);
    return readFileSync(file);
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

/** Null where it is a regular file, and where it is a folder: the operating system has its own words for that. */
function kindOf(found: Stats): string | null {
  if (found.isFIFO()) return "a named pipe";
  if (found.isSocket()) return "a socket";
  if (found.isCharacterDevice() || found.isBlockDevice()) return "a device";
  return null;
}
