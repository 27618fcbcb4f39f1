import { copyFileSync, utimesSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openFrozen } from "../../src/database/frozen.ts";
import type { D1Database } from "../../src/database/port.ts";
import { startChild } from "./child.ts";
import { folderForEach, openWal, target } from "./folder.ts";

const folder = folderForEach();

async function rowsOf(d1: D1Database): Promise<number | null> {
  return d1.prepare("SELECT count(*) AS n FROM t").first<number>("n");
}

/** Another process that has the file open and adds rows without end, and prints how often it failed. */
const WRITER = (file: string): string => `
  import { DatabaseSync } from "node:sqlite";
  const db = new DatabaseSync(${JSON.stringify(file)}, { timeout: 5000 });
  db.exec("INSERT INTO t VALUES (0)");
  console.log("writing");
  setInterval(() => db.exec("INSERT INTO t VALUES (1)"), 1);
`;

describe("a frozen local database", () => {
  test("answers every query from the state of the first one, while another process goes on writing", async () => {
    const mine = openWal(folder.file);
    mine.exec("PRAGMA busy_timeout = 5000");
    const writer = startChild(WRITER(folder.file));
    await writer.said;
    const database = openFrozen(folder.file, target);
    const first = await rowsOf(database.d1);
    const rows = mine.prepare("SELECT count(*) AS n FROM t");
    while (Number(rows.get()?.["n"]) < Number(first) + 20) await new Promise(setImmediate);
    mine.exec("CREATE TABLE later(a)");
    expect(await rowsOf(database.d1)).toBe(first);
    await expect(database.d1.prepare("SELECT * FROM later").all()).rejects.toThrow("no such table");
    expect(await rowsOf(database.d1)).toBe(first);
    database.close();
    const again = openFrozen(folder.file, target);
    expect(await rowsOf(again.d1)).toBeGreaterThanOrEqual(Number(first) + 20);
    again.close();
    await writer.kill();
    mine.close();
  });

  test("creates no file beside a database that no process has open", async () => {
    openWal(folder.file).close();
    const database = openFrozen(folder.file, target);
    expect(await rowsOf(database.d1)).toBe(3);
    expect(folder.list()).toEqual(["example.sqlite"]);
    database.close();
    expect(folder.list()).toEqual(["example.sqlite"]);
  });

  test("reads on while a process that came later writes to its log, and fails when that process changes the file itself", async () => {
    openWal(folder.file).close();
    const database = openFrozen(folder.file, target);
    expect(await rowsOf(database.d1)).toBe(3);
    const later = new DatabaseSync(folder.file);
    later.exec("INSERT INTO t VALUES (4)");
    expect(await rowsOf(database.d1)).toBe(3);
    later.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    await expect(rowsOf(database.d1)).rejects.toMatchObject({
      code: "DATABASE_UNREADABLE",
      details: { reason: "another process changed it while it was read" },
    });
    database.close();
    later.close();
  });

  test("rejects a statement that writes, and stays in its state", async () => {
    const mine = openWal(folder.file);
    const database = openFrozen(folder.file, target);
    await expect(database.d1.prepare("DELETE FROM t").run()).rejects.toMatchObject({
      code: "DATABASE_READ_ONLY",
    });
    mine.exec("DELETE FROM t");
    expect(await rowsOf(database.d1)).toBe(3);
    database.close();
    mine.close();
  });

  test("reads a file that was copied with its log but without the log's index", async () => {
    const mine = openWal(folder.file);
    const copy = `${folder.path}/copy.sqlite`;
    copyFileSync(folder.file, copy);
    copyFileSync(`${folder.file}-wal`, `${copy}-wal`);
    mine.close();
    const database = openFrozen(copy, target);
    expect(await rowsOf(database.d1)).toBe(3);
    utimesSync(copy, 1, 1);
    expect(await rowsOf(database.d1)).toBe(3);
    database.close();
    expect(folder.list()).toEqual(["copy.sqlite", "copy.sqlite-wal", "example.sqlite"]);
  });

  test("is empty if the file does not exist, and stays empty when it appears", async () => {
    const database = openFrozen(folder.file, target);
    const tables = database.d1.prepare("SELECT count(*) AS n FROM sqlite_schema");
    expect(await tables.first("n")).toBe(0);
    openWal(folder.file).close();
    expect(await tables.first("n")).toBe(0);
    database.close();
  });
});
