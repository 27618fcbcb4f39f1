/**
 * What a project's package.json says of its modules.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * True if the nearest package.json says `"type": "commonjs"`, as the one of `npm init` does: then node takes `.js` and `.ts` for
 * CommonJS. Without a type it looks at the file's syntax. `path`: absolute, of a file in the package, which need not exist.
 */
export function isCommonJs(path: string): boolean {
  const folder = dirname(path);
  const file = join(folder, "package.json");
  if (!existsSync(file)) return folder !== path && isCommonJs(folder);
  try {
    const read: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof read === "object" && read !== null && "type" in read && read.type === "commonjs";
  } catch {
    return false;
  }
}
