/**
 * Writing a file so that it is there whole or not at all.
 * @module
 */
import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OpsError } from "../report/error.ts";
import { makeFolders } from "./make-folders.ts";
import { errorCode, reasonOf } from "./reason.ts";
import { offer, shellPath } from "../report/command.ts";

/** File systems without hard links answer with one of these. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Never overwrites, also when two do it at once. Makes the folder if need be. UTF-8, as given.
 * @throws OpsError MIGRATION_EXISTS, FILE_UNWRITABLE
 */
export function writeNewFile(path: string, text: string): void {
  // Hidden, so that a leftover of a kill is no migration.
  const draft = join(dirname(path), `.${randomUUID()}.tmp`);
  makeFolder(path);
  try {
    writeExclusive(draft, text);
    try {
      // Unlike a rename, a link fails where the name is taken.
      linkSync(draft, path);
    } catch (error) {
      if (!NO_LINKS.has(errorCode(error) ?? "")) throw error;
      writeExclusive(path, text);
    }
  } catch (error) {
    throw explain(path, error);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes what it began if it cannot end it. */
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

function explain(path: string, error: unknown): OpsError {
  if (errorCode(error) !== "EEXIST") return unwritable(path, error);
  return new OpsError(
    "MIGRATION_EXISTS",
    { path },
    {
      message: `${path} exists already, and is left as it is.`,
      hint: "Give the new one another name.",
    },
    { cause: error },
  );
}

function unwritable(path: string, error: unknown): OpsError {
  const reason = reasonOf(error);
  const folder = dirname(path);
  const message = `${path} cannot be written: ${reason}.`;
  const hint = offer("Look at its folder", `ls -ld ${shellPath(folder)}; df ${shellPath(folder)}`);
  return new OpsError("FILE_UNWRITABLE", { path, reason }, { message, hint }, { cause: error });
}
