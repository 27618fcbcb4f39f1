/** @module The path of a file relative to a folder. */
import { relative } from "node:path";

/** With forward slashes. Null if the file is outside of the folder. */
export function pathInside(folder: string, file: string): string | null {
  const inside = relative(folder, file).replaceAll("\\", "/");
  return inside.startsWith("../") ? null : inside;
}
