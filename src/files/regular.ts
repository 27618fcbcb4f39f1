/** @module Reads regular files only. Reading a named pipe waits for a writer without end, and a device may have no end. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
} from "node:fs";
import { grouped } from "../report/wording.ts";

/** The reason why d1ops does not read a file. The message follows the name of the file in a sentence: `it is a named pipe`. */
export class UnsupportedFile extends Error {}

/** If the file has become a named pipe since its type was checked, opening it must not wait. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

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

/**
 * The same as text. A byte that is not UTF-8 becomes U+FFFD. Node opens, reads and decodes in one call, which takes half the time for
 * small files. A project has hundreds of them, so this checks the type only once, before it opens the file.
 * @throws as {@link readRegularFile}
 */
export function readRegularText(path: string, mostBytes: number): string {
  const found = statSync(path);
  refuseUnsupported(found, mostBytes);
  const text = readFileSync(path, { encoding: "utf8", flag: READ });
  // A named pipe without a writer reads as empty.
  if (text === "" && found.size > 0) refuseUnsupported(statSync(path), mostBytes);
  return text;
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
