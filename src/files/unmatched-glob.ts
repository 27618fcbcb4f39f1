/** @module The error of globs that match no file of the project: what the user probably meant. */
import { type Dirent, readdirSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { OpsError } from "../report/error.ts";
import { nearest } from "../report/nearest.ts";
import { nullIfThrows } from "./null-if-throws.ts";
import { EXCLUDED_FOLDERS, isExcluded } from "./snapshot-path.ts";

/** `globs`: those that match nothing. */
export function noFiles(projectPath: string, globs: readonly string[]): OpsError<"FILES_NONE"> {
  const message = globs.map((glob) => `No file in ${projectPath} matches ${glob}.`).join("\n");
  const hint = globs.map((glob) => hintFor(projectPath, glob)).join("\n");
  return new OpsError("FILES_NONE", { path: projectPath, globs: [...globs] }, { message, hint });
}

function hintFor(projectPath: string, glob: string): string {
  if (glob.startsWith("!")) return 'Add a glob that includes files, such as "**".';
  const names = glob.replace(/^(?:\.\/)+/, "").split("/");
  if (names[0] === ".." || isAbsolute(glob)) {
    return `A snapshot has only files below ${projectPath}, the folder of the wrangler config. Copy other files there first, or leave ${glob} out.`;
  }
  if (names[0] === "" || names.includes("..") || glob.includes("\\")) {
    return `Write the glob ${glob} relative to ${projectPath}, with forward slashes.`;
  }
  if (names.some(isExcluded))
    return `A snapshot never has files of ${EXCLUDED_FOLDERS.join(", ")}.`;
  return wordedHint(glob, guess(projectPath, names));
}

function wordedHint(glob: string, guessed: string | null): string {
  return guessed === null
    ? `Check ${glob}, and the globs that begin with "!".`
    : `Did you mean ${guessed}?`;
}

const MAGIC = /[*?[\]{}()]/;

/** The glob with its first name that does not exist corrected, or `folder/**` for a folder. Null if nothing is near. */
function guess(projectPath: string, names: readonly string[]): string | null {
  const literal = names.findIndex((name) => MAGIC.test(name));
  let folder = projectPath;
  for (const [at, name] of names.slice(0, literal === -1 ? names.length : literal).entries()) {
    const entries = entriesOf(folder).filter((entry) => !isExcluded(entry.name));
    const found = entries.find((entry) => entry.name === name);
    const isLast = at === names.length - 1 || names[at + 1] === "";
    if (found === undefined) {
      const near = nearest(
        name,
        entries.map((entry) => entry.name),
      );
      if (near === null) return null;
      const below = isLast && entries.some((one) => one.name === near && one.isDirectory());
      return [...names.slice(0, at), near, ...(below ? ["**"] : names.slice(at + 1))].join("/");
    }
    if (isLast && found.isDirectory()) return [...names.slice(0, at + 1), "**"].join("/");
    folder = join(folder, name);
  }
  return null;
}

function entriesOf(folder: string): Dirent[] {
  return nullIfThrows(() => readdirSync(folder, { withFileTypes: true })) ?? [];
}
