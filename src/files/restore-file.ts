/** @module Writes and removes single files of a project. A snapshot may be from anyone, so its paths are not trusted. */
import { accessSync, constants as C, lstatSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { offer, shellPath } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { SnapshotFile } from "../snapshots/store/manifest.ts";
import { errorCode } from "./reason.ts";
import { UnsupportedFile } from "./regular.ts";
import { type Content, replaceFile } from "./replace-file.ts";
import { pathProblem } from "./snapshot-path.ts";
import { makeFolders, unwritable } from "./write.ts";

/**
 * Creates or replaces the file and sets its permission bits. If this is interrupted, the file is the old one. A symbolic link at its path is
 * replaced. A symbolic link to a folder on the way is an error.
 * @throws OpsError FILE_UNWRITABLE, and those of the content
 */
export async function restoreFile(
  projectPath: string,
  { path, mode }: Pick<SnapshotFile, "path" | "mode">,
  content: Content,
): Promise<void> {
  await changing(projectPath, path, async (file) => {
    makeFolders(dirname(file));
    // Without the bits that let a program run as another user.
    await replaceFile(file, content, mode & 0o777);
  });
}

/** Does nothing if there is no such file. A symbolic link is removed itself. A folder is an error. @throws OpsError FILE_UNWRITABLE */
export async function removeFile(projectPath: string, path: string): Promise<void> {
  await changing(projectPath, path, async (file) => rm(file, { force: true }));
}

/**
 * For a check of all files before the first one is written: no link, file or folder is in the way, and the permissions suffice.
 * @throws OpsError FILE_UNWRITABLE
 */
export function requireRestorable(projectPath: string, path: string): void {
  const reason = pathProblem(path);
  if (reason !== null) throw refused(path, reason);
  const file = join(projectPath, path);
  try {
    const folder = requireFolders(projectPath, path);
    if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw inTheWay(file, "it is a folder, and the snapshot has a file there");
    }
    accessSync(folder, C.W_OK | C.X_OK);
    requireReplaceable(file);
  } catch (error) {
    throw error instanceof OpsError ? error : unwritable(file, error);
  }
}

async function changing(
  projectPath: string,
  path: string,
  act: (file: string) => Promise<void>,
): Promise<void> {
  requireRestorable(projectPath, path);
  const file = join(projectPath, path);
  try {
    await act(file);
  } catch (error) {
    throw error instanceof OpsError ? error : unwritable(file, error);
  }
}

function refused(path: string, reason: string): OpsError<"FILE_UNWRITABLE"> {
  const message = `The snapshot's file ${path} cannot be written or removed: ${reason}.`;
  const hint = "d1ops never writes such a path into a snapshot. Find out who made this snapshot.";
  return new OpsError("FILE_UNWRITABLE", { path, reason }, { message, hint });
}

/** Returns the innermost folder that exists. This cannot notice a link that another program creates a moment later. */
function requireFolders(projectPath: string, path: string): string {
  let folder = projectPath;
  for (const name of path.split("/").slice(0, -1)) {
    const next = join(folder, name);
    const found = lstatSync(next, { throwIfNoEntry: false });
    if (found === undefined) break;
    if (found.isSymbolicLink()) {
      throw new UnsupportedFile(`${next} is a symbolic link, and d1ops does not write through it`);
    }
    if (!found.isDirectory()) {
      throw inTheWay(next, "it is a file, and the snapshot has a folder there");
    }
    folder = next;
  }
  return folder;
}

/** A file that is only read-only can be replaced, but not one that is marked as immutable. */
function requireReplaceable(file: string): void {
  try {
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === true) accessSync(file, C.W_OK);
  } catch (error) {
    if (errorCode(error) !== "EACCES") throw error;
  }
}

function inTheWay(path: string, reason: string): OpsError<"FILE_UNWRITABLE"> {
  const message = `${path} is in the way of the restore: ${reason}.`;
  const hint = offer(
    "Move it away, and run the same command again",
    `mv ${shellPath(path)} ${shellPath(`${path}.moved`)}`,
  );
  return new OpsError("FILE_UNWRITABLE", { path, reason }, { message, hint });
}
