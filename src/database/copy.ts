/**
 * A copy of a database, to try something on. It holds what the database holds, so it is for its owner's eyes, and goes
 * when the process does, however that ends. Only where the process is killed outright does it stay.
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
  /** Of the SQLite file. What else belongs to it may lie in the same folder. */
  readonly path: string;
  remove(): void;
}

/** With nothing in it yet. @throws OpsError FILE_UNWRITABLE */
export function emptyCopy(): Copy {
  const folder = makeFolder();
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", remove);
  const path = join(folder, "copy.sqlite");
  // SQLite gives what it makes beside a file the permissions of that file.
  closeSync(openSync(path, "wx", 0o600));
  return { path, remove };
}

function makeFolder(): string {
  const path = join(tmpdir(), "d1ops-copy-");
  try {
    return mkdtempSync(path);
  } catch (error) {
    const reason = reasonOf(error);
    const message = `A folder for the copy cannot be made in ${tmpdir()}: ${reason}.`;
    const hint = "TMPDIR names another place for it.";
    throw new OpsError("FILE_UNWRITABLE", { path, reason }, { message, hint }, { cause: error });
  }
}

/** Made by SQLite itself, so that it is whole also while others write. Of a database that is not there yet: an empty one. */
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

/** It is removed when it is closed. Its id says that it is none that anybody else could open. */
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
