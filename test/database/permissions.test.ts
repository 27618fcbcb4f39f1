import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { NO_PLAIN_USER, PLAIN_USER } from "../plain-user.ts";
import { source, startChild } from "./child.ts";
import { folderForEach, openWal, target } from "./folder.ts";

const folder = folderForEach();

/** Runs one statement as a user without root's rights, and returns its result. */
async function tryAs(mode: "read" | "write", path: string, sql: string): Promise<unknown> {
  const child = startChild(
    `
    import { openLocal } from ${source("database/local.ts")};
    const database = openLocal(${JSON.stringify(path)}, ${JSON.stringify(target)}, { mode: ${JSON.stringify(mode)}, durable: "close" });
    const { d1 } = database;
    try {
      const rows = await d1.prepare(${JSON.stringify(sql)}).raw();
      database.close();
      console.log(JSON.stringify(rows));
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, message: error.message }));
    }
    database.close();`,
    "anybody",
  );
  return JSON.parse(await child.said);
}

/** No user may write here. */
function forbidWriting(...files: string[]): void {
  for (const file of files) chmodSync(file, 0o444);
  chmodSync(folder.path, 0o555);
}

describe.skipIf(process.platform === "win32")("with restricted permissions", () => {
  beforeEach(({ skip }) => skip(PLAIN_USER === null, NO_PLAIN_USER));

  test("a database in a read-only folder can be read, and a write fails with DATABASE_READ_ONLY", async () => {
    openWal(folder.file).close();
    forbidWriting(folder.file);
    expect(await tryAs("read", folder.file, "SELECT a FROM t")).toEqual([[1], [2], [3]]);
    expect(await tryAs("write", folder.file, "INSERT INTO t VALUES(4)")).toMatchObject({
      code: "DATABASE_READ_ONLY",
    });
    expect(folder.list()).toEqual(["example.sqlite"]);
    expect(await tryAs("read", folder.file, "SELECT count(*) FROM t")).toEqual([[3]]);
  });

  test("a database in a read-only folder can be read if its data is in the -wal", async () => {
    const other = openWal(join(folder.path, "other.sqlite"));
    for (const end of ["", "-wal", "-shm"]) {
      copyFileSync(join(folder.path, `other.sqlite${end}`), `${folder.file}${end}`);
    }
    other.close();
    forbidWriting(folder.file, `${folder.file}-wal`, `${folder.file}-shm`);
    expect(await tryAs("read", folder.file, "SELECT a FROM t")).toEqual([[1], [2], [3]]);
    expect(await tryAs("write", folder.file, "INSERT INTO t VALUES(4)")).toMatchObject({
      code: "DATABASE_READ_ONLY",
    });
  });

  test("a database of another user, who has it open, can be read and closed with durable: close", async () => {
    const other = openWal(folder.file);
    forbidWriting(folder.file, `${folder.file}-wal`, `${folder.file}-shm`);
    expect(await tryAs("write", folder.file, "SELECT a FROM t")).toEqual([[1], [2], [3]]);
    other.close();
  });

  test("a new file in a read-only folder fails with DATABASE_READ_ONLY", async () => {
    forbidWriting();
    for (const path of [folder.file, join(folder.path, "new", "example.sqlite")]) {
      expect(await tryAs("write", path, "CREATE TABLE t(a)")).toMatchObject({
        code: "DATABASE_READ_ONLY",
      });
    }
    expect(folder.list()).toEqual([]);
  });

  test("a file without read permission fails with DATABASE_UNREADABLE", async () => {
    openWal(folder.file).close();
    chmodSync(folder.path, 0o755);
    chmodSync(folder.file, 0o000);
    for (const mode of ["read", "write"] as const) {
      expect(await tryAs(mode, folder.file, "SELECT 1")).toMatchObject({
        code: "DATABASE_UNREADABLE",
      });
    }
  });

  test("a folder that cannot be entered fails with DATABASE_UNREADABLE", async () => {
    const closed = join(folder.path, "closed");
    chmodSync(folder.path, 0o755);
    mkdirSync(closed);
    openWal(join(closed, "example.sqlite")).close();
    chmodSync(closed, 0o000);
    expect(await tryAs("read", join(closed, "example.sqlite"), "SELECT 1")).toMatchObject({
      code: "DATABASE_UNREADABLE",
    });
    chmodSync(closed, 0o755);
  });
});
