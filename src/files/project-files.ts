/** @module The files of a project that a snapshot contains. */
import { type Dirent, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FileSource } from "../snapshots/take/take-files.ts";
import { nullIfThrows } from "./null-if-throws.ts";
import type { Selection } from "./project-globs.ts";
import { pieceReader } from "./read-pieces.ts";
import { errorCode, unreadable } from "./reason.ts";
import { UnsupportedFile } from "./regular.ts";
import { DRAFT_NAME } from "./replace-file.ts";
import { isExcluded, pathProblem } from "./snapshot-path.ts";
import { noFiles } from "./unmatched-glob.ts";

export interface ProjectFiles {
  /** Regular files, in the order of their paths by UTF-16 code units. */
  readonly files: readonly FileSource[];
  /** Paths that fit too, but are symbolic links, pipes, sockets or devices. */
  readonly skipped: readonly string[];
}

/**
 * Lists the files that fit the globs. Never follows a symbolic link. Leaves out `.git`, `node_modules` and `.wrangler` at every level, and
 * the store. `storePath`: null if the store is not a folder.
 * @throws OpsError FILES_NONE if a glob matches nothing, INPUT_UNREADABLE
 */
export async function listProjectFiles(
  projectPath: string,
  globs: readonly string[],
  storePath: string | null,
): Promise<ProjectFiles> {
  if (globs.length === 0) return { files: [], skipped: [] };
  const { selectionOf } = await import("./project-globs.ts");
  const selection = selectionOf(globs);
  const { paths, skipped } = walk(projectPath, selection, storePath);
  const unmatched = selection.unmatched(paths);
  if (unmatched.length > 0) throw noFiles(projectPath, unmatched);
  return {
    files: paths.toSorted().map((path) => fileOf(projectPath, path)),
    skipped: skipped.toSorted(),
  };
}

interface Found {
  readonly paths: string[];
  readonly skipped: string[];
}

function walk(root: string, selection: Selection, storePath: string | null): Found {
  const store = storePath === null ? null : realPath(storePath);
  const found: Found = { paths: [], skipped: [] };
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(join(root, folder))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (isExcluded(entry.name) || DRAFT_NAME.test(entry.name) || selection.excludes(path))
        continue;
      if (entry.isFile()) {
        if (selection.fits(path)) found.paths.push(path);
      } else if (!entry.isDirectory()) {
        if (isMissed(join(root, path), path, selection)) found.skipped.push(path);
      } else if (selection.mayContain(path)) {
        const isStore = store !== null && realPath(join(root, path)) === store;
        if (!isStore) folders.push(path);
      }
    }
  }
  return found;
}

/** Null if it does not exist. */
function realPath(path: string): string | null {
  return nullIfThrows(() => realpathSync(path));
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** True if a link, a pipe or a device fits, or if it is a link to a folder in which files could fit. */
function isMissed(location: string, path: string, { fits, mayContain }: Selection): boolean {
  if (fits(path)) return true;
  return mayContain(path) && nullIfThrows(() => statSync(location).isDirectory()) === true;
}

function fileOf(root: string, path: string): FileSource {
  const location = join(root, path);
  try {
    const problem = pathProblem(path);
    if (problem !== null) throw new UnsupportedFile(problem);
    const { size, mode } = lstatSync(location);
    return {
      path,
      bytes: size,
      mode: mode & 0o777,
      read: pieceReader(location),
    };
  } catch (error) {
    // node lists a name that is not UTF-8 with this character, and then does not find the file.
    const unknown = errorCode(error) === "ENOENT" && path.includes("\uFFFD");
    throw unreadable(location, unknown ? new UnsupportedFile("its name is not UTF-8") : error);
  }
}
