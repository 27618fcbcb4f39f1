/**
 * Making a folder and those above it.
 * @module
 */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * One by one: node's own `recursive` says ENOENT where the disk is read-only, and never ends where a
 * file system has no room for folders, such as /proc. Throws the system's error.
 */
export function makeFolders(path: string): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have been faster.
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
