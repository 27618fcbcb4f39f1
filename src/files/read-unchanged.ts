/** @module Reads a file that other programs may be writing. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { OpsError } from "../report/error.ts";
import { unreadable } from "./reason.ts";
import { UnsupportedFile } from "./regular.ts";

/** How often d1ops reads a file that changes meanwhile. */
const READS = 3;

/** `path`: relative to the project. @throws OpsError INPUT_UNREADABLE, also if the file changes whenever d1ops reads it */
export async function readUnchanged(location: string, path: string): Promise<Uint8Array> {
  for (let reading = 0; reading < READS; reading += 1) {
    const bytes = await readOnce(location);
    if (bytes !== null) return bytes;
  }
  const reason = `it changed each of the ${READS} times that d1ops read it`;
  throw new OpsError(
    "INPUT_UNREADABLE",
    { path: location, reason },
    {
      message: `${location} cannot be read: ${reason}.`,
      hint: `Stop the program that writes it, or exclude it with the glob "!${path}".`,
    },
  );
}

/** Null if the file changed meanwhile. A program that changes it twice in the same tick of the system's clock (4 ms) is not noticed. */
async function readOnce(location: string): Promise<Uint8Array | null> {
  try {
    await using file = await open(location, READ);
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) throw new UnsupportedFile("it is not a regular file");
    const bytes = await file.readFile();
    const after = await file.stat({ bigint: true });
    const same = before.mtimeNs === after.mtimeNs && before.size === after.size;
    return same && BigInt(bytes.length) === before.size ? bytes : null;
  } catch (error) {
    throw unreadable(location, error);
  }
}

/** If a link or a named pipe has replaced the file since it was listed, this fails or does not wait. Windows has neither flag. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
