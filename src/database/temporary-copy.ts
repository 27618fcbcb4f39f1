/**
 * A temporary copy of a database for trials. Only its owner may read it, because it contains the database's data.
 * d1ops deletes it when the process exits. After SIGKILL it remains, until a command that makes a copy finds it a day later.
 * @module
 */
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { OpsError } from "../report/error.ts";
import { nullIfThrows } from "../files/null-if-throws.ts";
import { reasonOf } from "../files/reason.ts";
import type { Target } from "../report/report.ts";
import type { Durable } from "./connection.ts";
import { translateFileError } from "./file-error.ts";
import { COPY_NEEDS, translateLoadError } from "./load-errors.ts";
import { openLocal } from "./local.ts";
import type { Database } from "./port.ts";
import { isSqliteError } from "./sqlite-error.ts";

export interface Copy {
  /** The SQLite file. Files that belong to it are in the same folder. */
  readonly path: string;
  remove(): void;
}

/** Creates an empty copy, and removes those that killed processes left. @throws OpsError FILE_UNWRITABLE */
export function emptyCopy(): Copy {
  removeOldCopies();
  const folder = makeFolder();
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", remove);
  const path = join(folder, FILE);
  // SQLite gives the files that it creates beside a database the database's permissions.
  closeSync(openSync(path, "wx", 0o600));
  return { path, remove };
}

const FOLDER = "d1ops-copy-";
const FILE = "copy.sqlite";

/** No process works with a copy for so long without a write. */
const OLD_COPY_MS = 24 * 60 * 60 * 1000;

/** Only those of this user, because others may be in use. */
function removeOldCopies(): void {
  const names = nullIfThrows(() => readdirSync(tmpdir())) ?? [];
  for (const name of names.filter((one) => one.startsWith(FOLDER))) {
    const folder = join(tmpdir(), name);
    const written = nullIfThrows(() => lastWriteOf(folder));
    if (written === null || Date.now() - written < OLD_COPY_MS) continue;
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // It only needs space, and the next command tries again.
    }
  }
}

/** In milliseconds since 1970. Null if it is not a folder of this user. */
function lastWriteOf(folder: string): number | null {
  const found = lstatSync(folder);
  const isOwn = found.isDirectory() && found.uid === (process.geteuid?.() ?? found.uid);
  if (!isOwn) return null;
  const file = lstatSync(join(folder, FILE), { throwIfNoEntry: false });
  return Math.max(found.mtimeMs, file?.mtimeMs ?? 0);
}

function makeFolder(): string {
  const path = join(tmpdir(), FOLDER);
  try {
    return mkdtempSync(path);
  } catch (error) {
    const reason = reasonOf(error);
    const message = `d1ops cannot create a folder for the copy in ${tmpdir()}: ${reason}.`;
    const hint = "Set TMPDIR to another folder, and run the same command again.";
    throw new OpsError("FILE_UNWRITABLE", { path, reason }, { message, hint }, { cause: error });
  }
}

/**
 * SQLite's backup makes the copy, so it is consistent while other processes write. If the database does not exist, the copy is empty.
 * @throws OpsError FILE_UNWRITABLE, and those of the database
 */
export async function copyLocal(path: string): Promise<Copy> {
  const copy = emptyCopy();
  const started = performance.now();
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
    throw isFull(error)
      ? translateLoadError(error, copy.path, COPY_NEEDS)
      : translateFileError(error, path, Math.round(performance.now() - started));
  }
}

/** Only the copy is written. */
function isFull(error: unknown): boolean {
  return isSqliteError(error) && (error.errcode & 0xff) === 13;
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
