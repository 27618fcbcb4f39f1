/** @module The module type in a project's package.json. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * True if the nearest package.json has `"type": "commonjs"`, as the one of `npm init` has. node then takes `.js` and `.ts` for CommonJS.
 * Without a type, node decides by the syntax of the file. `path` is the absolute path of a file in the package, which need not exist.
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
