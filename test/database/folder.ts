import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach } from "vitest";
import type { Target } from "../../src/report/report.ts";

export const target: Target = { place: "local", database: "example", id: "example", env: null };

/** A folder for each test. */
export interface Folder {
  /** The path of the database, which need not exist. */
  readonly file: string;
  readonly path: string;
  list(): string[];
}

/** Creates a folder before each test and removes it afterwards. */
export function folderForEach(): Folder {
  let path = "";
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "database-"));
  });
  afterEach(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return {
    get path() {
      return path;
    },
    get file() {
      return join(path, "example.sqlite");
    },
    list: () => readdirSync(path).sort(),
  };
}

/** Opens a WAL database with a table `t(a)` of three rows. The caller closes it. */
export function openWal(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1),(2),(3)");
  return db;
}
