/** @module Writes a new file completely or not at all, and creates folders. */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { OpsError } from "../report/error.ts";
import { errorCode, reasonOf, visible } from "./reason.ts";
import { offer, shellPath } from "../report/command.ts";

/** The errors of file systems without hard links. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Creates its folder. Never overwrites a file, even if two processes create it at the same time.
 * @throws OpsError FILE_UNWRITABLE, and `taken` if the path exists: by default MIGRATION_EXISTS
 */
export function writeNewFile(
  path: string,
  text: string,
  taken: (path: string, cause: unknown) => OpsError = migrationExists,
): void {
  // Hidden: if the process is killed, the rest is not a migration.
  const draft = join(dirname(path), `.${randomUUID()}.tmp`);
  makeFolder(path);
  try {
    writeExclusive(draft, text);
    try {
      // Unlike a rename, a link fails if the name is taken.
      linkSync(draft, path);
    } catch (error) {
      if (!NO_LINKS.has(errorCode(error) ?? "")) throw error;
      writeExclusive(path, text);
    }
  } catch (error) {
    throw errorCode(error) === "EEXIST" ? taken(path, error) : unwritable(path, error);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the file if it cannot write all of it. */
function writeExclusive(path: string, text: string): void {
  const file = openSync(path, "wx");
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function makeFolder(path: string): void {
  try {
    makeFolders(dirname(path));
  } catch (error) {
    throw unwritable(path, error);
  }
}

function migrationExists(path: string, cause: unknown): OpsError<"MIGRATION_EXISTS"> {
  const message = `${path} already exists. d1ops does not overwrite it.`;
  const hint = "Choose another name for the new file.";
  return new OpsError("MIGRATION_EXISTS", { path }, { message, hint }, { cause });
}

/** @returns OpsError FILE_UNWRITABLE */
export function unwritable(path: string, error: unknown): OpsError<"FILE_UNWRITABLE"> {
  const reason = reasonOf(error);
  const folder = shellPath(visible(dirname(path)));
  const message = `${path} cannot be written: ${reason}.`;
  const hint = FULL.has(errorCode(error) ?? "")
    ? offer("Free some space and run the command again. To see the space", `df -h ${folder}`)
    : offer(
        "To see the permissions and the free space of its folder",
        `ls -ld ${folder}; df ${folder}`,
      );
  return new OpsError("FILE_UNWRITABLE", { path, reason }, { message, hint }, { cause: error });
}

const FULL = new Set(["ENOSPC", "EDQUOT"]);

/**
 * Creates the folders one by one, and returns their paths. With `recursive`, node reports ENOENT on a read-only disk, and never returns on
 * a file system that accepts no folders, such as /proc. Throws the error of the operating system.
 */
export function makeFolders(path: string, mode = 0o777): string[] {
  if (isFolder(path)) return [];
  const parent = dirname(path);
  const created = parent === path ? [] : makeFolders(parent, mode);
  try {
    mkdirSync(path, mode);
  } catch (error) {
    // Another process may have created it.
    if (isFolder(path)) return created;
    throw error;
  }
  return [...created, path];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
