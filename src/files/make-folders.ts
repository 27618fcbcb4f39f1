/**
 * Creates a folder and its parents.
 * @module
 */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates the folders one by one. With `recursive`, node reports ENOENT on a read-only disk, and never returns on a file system that
 * accepts no folders, such as /proc. Throws the error of the operating system.
 */
export function makeFolders(path: string): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have created it.
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
