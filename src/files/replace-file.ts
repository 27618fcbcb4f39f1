/** @module Writes a file so that it has its old content or its new content at every moment, also after a power failure. */
import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode } from "./reason.ts";

/** A draft that a killed process left has such a name: hidden, and no name of an object or a migration. */
export const DRAFT_NAME: RegExp = /^\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

/** Each part is written before the next one is read. */
export type Content = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Creates the file, or replaces it. A symbolic link at its path is replaced and not followed. `mode`: the permission bits. The folder has to
 * exist. If the disk loses its power after this, the file may be the old one until {@link syncFolder} has returned.
 * @throws the errors of the operating system, and those of the content: the file is then the old one
 */
export async function replaceFile(path: string, content: Content, mode: number): Promise<void> {
  const draft = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(content);
      await setMode(file, mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Some file systems, such as FAT, have no permission bits to change. */
async function setMode(file: FileHandle, mode: number): Promise<void> {
  if (((await file.stat()).mode & 0o777) === mode) return;
  try {
    await file.chmod(mode);
  } catch (error) {
    if (!CANNOT.has(errorCode(error) ?? "")) throw error;
  }
}

/** Returns when the names in a folder survive a power failure, where the system can do this. @throws the errors of the operating system */
export async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | null = null;
  try {
    folder = await open(path, "r");
    await folder.sync();
  } catch (error) {
    if (!CANNOT.has(errorCode(error) ?? "")) throw error;
  } finally {
    await folder?.close();
  }
}

/** The errors of systems that do not have this function: Windows cannot open a folder, and network file systems cannot sync one. */
const CANNOT = new Set(["EPERM", "EACCES", "EISDIR", "EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);
