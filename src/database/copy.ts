/**
 * A copy of a local database, to try something on. Made by SQLite itself, so that it is whole also while others write.
 * @module
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";

export interface Copy {
  readonly path: string;
  remove(): void;
}

/** Of a database that is not there yet: an empty one. */
export async function copyLocal(path: string): Promise<Copy> {
  const folder = mkdtempSync(join(tmpdir(), "d1ops-copy-"));
  const copy = join(folder, "copy.sqlite");
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    if (existsSync(path)) {
      const db = new DatabaseSync(path, { readOnly: true });
      try {
        await backup(db, copy);
      } finally {
        db.close();
      }
    }
    return { path: copy, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
