/**
 * A temporary copy of a database for trials. Only its owner may read it, because it contains the database's data.
 * d1ops deletes it when the process exits; it remains only if the process is killed with SIGKILL.
 * @module
 */
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { OpsError } from "../report/error.ts";
import { reasonOf } from "../files/reason.ts";
import type { Target } from "../report/report.ts";
import type { Durable } from "./connection.ts";
import { openLocal } from "./local.ts";
import type { Database } from "./port.ts";

export interface Copy {
  /** The SQLite file. Files that belong to it are in the same folder. */
  readonly path: string;
  remove(): void;
}

/** Creates an empty copy. @throws OpsError FILE_UNWRITABLE */
export function emptyCopy(): Copy {
  const folder = makeFolder();
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", remove);
  const path = join(folder, "copy.sqlite");
  // SQLite gives the files that it creates beside a database the database's permissions.
  closeSync(openSync(path, "wx", 0o600));
  return { path, remove };
}

function makeFolder(): string {
  const path = join(tmpdir(), "d1ops-copy-");
  try {
    return mkdtempSync(path);
  } catch (error) {
    const reason = reasonOf(error);
    const message = `d1ops cannot create a folder for the copy in ${tmpdir()}: ${reason}.`;
    const hint = "Set TMPDIR to another folder, and run the same command again.";
    throw new OpsError("FILE_UNWRITABLE", { path, reason }, { message, hint }, { cause: error });
  }
}

/** SQLite's backup makes the copy, so it is consistent while other processes write. If the database does not exist, the copy is empty. */
export async function copyLocal(path: string): Promise<Copy> {
  const copy = emptyCopy();
  try {
    if (existsSync(path)) {
      const db = new DatabaseSync(path, { readOnly: true });
      try {
        await backup(db, copy.path);
      } finally {
        db.close();
      }
    }
    return copy;
  } catch (error) {
    copy.remove();
    throw error;
  }
}

/** Opens the copy; closing it removes the copy. Its id `copy` marks it as temporary. */
export function openCopy(copy: Copy, target: Target, durable: Durable = "commit"): Database {
  const database = openLocal(copy.path, { ...target, id: "copy" }, { mode: "write", durable });
  return {
    ...database,
    close() {
      database.close();
      copy.remove();
    },
  };
}
