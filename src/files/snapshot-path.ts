/** @module The paths that a file of a snapshot may have. Taking and restoring use the same rules, so what was taken can be restored. */
import { platform } from "node:os";

/**
 * Folders whose files are never part of a snapshot: git and npm make them again, and a snapshot has the databases of `.wrangler` already.
 * Restoring into `.git` could also make git run a program.
 */
export const EXCLUDED_FOLDERS: readonly string[] = [".git", "node_modules", ".wrangler"];

/** File systems of macOS and Windows ignore the case of names. */
export function isExcluded(name: string): boolean {
  return EXCLUDED_FOLDERS.includes(name.toLowerCase());
}

/** Characters and endings that Windows removes or reads in another way: `..` and a space is `..` there. */
const WINDOWS = /[:<>"|?*]|[. ]$/;

/** Null if the path is relative, with forward slashes, and inside the project. Else the reason; it continues a sentence about the file. */
export function pathProblem(path: string): string | null {
  const names = path.split("/");
  if (names.some((name) => name === "" || name === "." || name === "..")) {
    return "its path does not lead to a file inside the project";
  }
  // Windows takes a backslash for a slash.
  if (/[\\\0]/.test(path)) return "its path contains a backslash or a NUL";
  if (names.some(isExcluded)) {
    return `d1ops keeps no files of ${EXCLUDED_FOLDERS.join(", ")} in snapshots`;
  }
  const foreign = platform() === "win32" && names.some((name) => WINDOWS.test(name));
  return foreign ? "Windows does not allow its name" : null;
}
