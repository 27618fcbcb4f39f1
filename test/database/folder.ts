import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach } from "vitest";
import type { Target } from "../../src/report/report.ts";

export const target: Target = { place: "local", database: "example", id: "example", env: null };

/** A folder for each test, and what is in it. */
export interface Folder {
  /** Where the database would be. */
  readonly file: string;
  readonly path: string;
  list(): string[];
}

/** Makes a folder before each test and removes it afterwards. */
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

/** A WAL database with one table `t(a)` of three rows; open until the caller closes it. */
export function openWal(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1),(2),(3)");
  return db;
}
