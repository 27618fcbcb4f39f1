import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openLocal } from "../../src/database/local.ts";
import { OpsError } from "../../src/report/error.ts";
import { folderForEach, openWal, target } from "./folder.ts";

const folder = folderForEach();
const rows = "SELECT a FROM t ORDER BY a";

const toRead = (path = folder.file) => openLocal(path, target, { mode: "read" });
const toWrite = (path = folder.file) => openLocal(path, target, { mode: "write" });

describe("openLocal for reading, which creates and changes no file,", () => {
  test("reads a missing file as an empty database", async () => {
    const database = toRead(join(folder.path, "no", "such.sqlite"));
    const { d1 } = database;
    expect(await d1.prepare("SELECT count(*) AS n FROM sqlite_master").first("n")).toBe(0);
    await expect(d1.prepare(rows).all()).rejects.toThrow(
      "D1_ERROR: no such table: t: SQLITE_ERROR",
    );
    database.close();
    expect(folder.list()).toEqual([]);
  });

  test("reads a WAL database that no process has open", async () => {
    openWal(folder.file).close();
    const before = readFileSync(folder.file);
    const database = toRead();
    const { d1 } = database;
    expect(await d1.prepare(rows).raw()).toEqual([[1], [2], [3]]);
    expect(folder.list()).toEqual(["example.sqlite"]);
    database.close();
    expect(folder.list()).toEqual(["example.sqlite"]);
    expect(readFileSync(folder.file)).toEqual(before);
  });

  test("reads a database that another connection has open, with all data in the -wal", async () => {
    const other = openWal(folder.file);
    const files = folder.list();
    const database = toRead();
    const { d1 } = database;
    expect(await d1.prepare(rows).raw()).toEqual([[1], [2], [3]]);
    other.exec("INSERT INTO t VALUES(4)");
    expect(await d1.prepare("SELECT count(*) AS n FROM t").first("n")).toBe(4);
    database.close();
    expect(folder.list()).toEqual(files);
    other.close();
  });

  test("reads a -wal without its -shm, as after copying", async () => {
    const other = openWal(folder.file);
    const copy = join(folder.path, "copy.sqlite");
    copyFileSync(folder.file, copy);
    copyFileSync(`${folder.file}-wal`, `${copy}-wal`);
    other.close();
    const database = toRead(copy);
    const { d1 } = database;
    expect(await d1.prepare(rows).raw()).toEqual([[1], [2], [3]]);
    database.close();
    expect(folder.list()).toEqual(["copy.sqlite", "copy.sqlite-wal", "example.sqlite"]);
  });

  test.each([
    ["a database in rollback mode", "CREATE TABLE t(a); INSERT INTO t VALUES(1),(2),(3)"],
    [
      "a database with small pages",
      "PRAGMA page_size=1024; CREATE TABLE t(a); INSERT INTO t VALUES(1),(2),(3)",
    ],
    [
      "a database in UTF-16",
      "PRAGMA encoding='UTF-16'; CREATE TABLE t(a); INSERT INTO t VALUES(1),(2),(3)",
    ],
  ])("reads %s", async (_name, sql) => {
    const db = new DatabaseSync(folder.file);
    db.exec(sql);
    db.close();
    const database = toRead();
    const { d1 } = database;
    expect(await d1.prepare(rows).raw()).toEqual([[1], [2], [3]]);
    database.close();
    expect(folder.list()).toEqual(["example.sqlite"]);
  });

  test("reads an empty file as an empty database", async () => {
    writeFileSync(folder.file, "");
    const database = toRead();
    const { d1 } = database;
    expect(await d1.prepare("SELECT 1 AS one").first("one")).toBe(1);
    database.close();
    expect(statSync(folder.file).size).toBe(0);
  });

  test("rejects a statement that writes, whether the file exists or not", async () => {
    for (const there of [false, true]) {
      if (there) openWal(folder.file).close();
      const database = toRead();
      const { d1 } = database;
      for (const sql of [
        "CREATE TABLE x(a)",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
        "ANALYZE",
        "PRAGMA optimize",
      ]) {
        if (sql.startsWith("WITH") && !there) continue;
        await expect(d1.prepare(sql).run()).rejects.toMatchObject({ code: "DATABASE_READ_ONLY" });
        await expect(d1.batch([d1.prepare("SELECT 1"), d1.prepare(sql)])).rejects.toMatchObject({
          code: "DATABASE_READ_ONLY",
        });
      }
      database.close();
    }
    expect(folder.list()).toEqual(["example.sqlite"]);
  });
});

describe("a reader", () => {
  test("reads the current file after it was created, changed and replaced", async () => {
    const database = toRead();
    const { d1 } = database;
    const names = () =>
      d1.prepare("SELECT group_concat(name) AS names FROM sqlite_master").first("names");
    expect(await names()).toBeNull();
    openWal(folder.file).close();
    expect(await names()).toBe("t");
    const other = new DatabaseSync(folder.file);
    other.exec("CREATE TABLE u(b)");
    expect(await names()).toBe("t,u");
    other.close();
    expect(await names()).toBe("t,u");
    const next = join(folder.path, "next.sqlite");
    const db = new DatabaseSync(next);
    db.exec("CREATE TABLE v(c)");
    db.close();
    // SQLite would apply the old file's -wal to the new file.
    for (const end of ["-wal", "-shm"]) rmSync(`${folder.file}${end}`, { force: true });
    renameSync(next, folder.file);
    expect(await names()).toBe("v");
    database.close();
  });
});

describe("openLocal for writing", () => {
  test("creates the folders and the file with the first write", async () => {
    const path = join(folder.path, "state", "d1", "example.sqlite");
    const database = toWrite(path);
    const { d1 } = database;
    expect(await d1.prepare("SELECT 1 AS one").first("one")).toBe(1);
    await expect(d1.prepare("SELEC").run()).rejects.toThrow("syntax error");
    await expect(d1.prepare("INSERT INTO t VALUES(1)").run()).rejects.toThrow("no such table");
    expect(folder.list()).toEqual([]);
    await d1.batch([
      d1.prepare("SELECT 1"),
      d1.prepare("CREATE TABLE t(a)"),
      d1.prepare("INSERT INTO t VALUES(1)"),
    ]);
    expect(await d1.prepare(rows).raw()).toEqual([[1]]);
    database.close();
    expect(existsSync(path)).toBe(true);
  });

  test("creates a file in WAL mode with pages of 4096 bytes and full synchronisation, as workerd does", async () => {
    const database = toWrite();
    const { d1 } = database;
    await d1.prepare("CREATE TABLE t(a)").run();
    expect(folder.list()).toEqual(["example.sqlite", "example.sqlite-shm", "example.sqlite-wal"]);
    database.close();
    const db = new DatabaseSync(folder.file);
    expect({ ...db.prepare("PRAGMA journal_mode").get() }).toEqual({ journal_mode: "wal" });
    expect({ ...db.prepare("PRAGMA page_size").get() }).toEqual({ page_size: 4096 });
    db.close();
  });

  test("reads without a lock while another connection writes, and blocks no later writer", async () => {
    const other = openWal(folder.file);
    const database = openLocal(folder.file, target, { mode: "write", busyTimeoutMs: 0 });
    const { d1 } = database;
    other.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES(4)");
    expect(await d1.prepare("SELECT count(*) AS n FROM t").first("n")).toBe(3);
    expect(
      await d1.prepare("WITH x AS (SELECT a FROM t) SELECT count(*) AS n FROM x").first("n"),
    ).toBe(3);
    other.exec("COMMIT");
    expect(await d1.prepare("SELECT count(*) AS n FROM t").first("n")).toBe(4);
    other.exec("BEGIN EXCLUSIVE; COMMIT");
    database.close();
    other.close();
  });

  test.each([
    ["begins with a read", ["SELECT 1", "INSERT INTO t VALUES(9)"]],
    ["begins with WITH", ["WITH x AS (SELECT 9 AS a) INSERT INTO t SELECT a FROM x"]],
    ["begins with a comment", ["-- c\nINSERT INTO t VALUES(9)"]],
    ["has the write behind a semicolon", ["SELECT 1; INSERT INTO t VALUES(9)"]],
    [
      "begins with EXPLAIN",
      ["EXPLAIN QUERY PLAN SELECT 1", "PRAGMA optimize", "INSERT INTO t VALUES(9)"],
    ],
  ])("commits a batch that %s", async (_name, texts) => {
    openWal(folder.file).close();
    const database = toWrite();
    const { d1 } = database;
    await d1.batch(texts.map((sql) => d1.prepare(sql)));
    expect(await d1.prepare(rows).raw()).toEqual([[1], [2], [3], [9]]);
    database.close();
  });

  test("uses a schema that another connection has changed", async () => {
    const other = openWal(folder.file);
    const database = toWrite();
    const { d1 } = database;
    const select = d1.prepare("SELECT * FROM t LIMIT 1");
    expect(await select.all()).toMatchObject({ results: [{ a: 1 }] });
    other.exec("ALTER TABLE t ADD COLUMN b DEFAULT 'new'");
    expect(await select.all()).toMatchObject({ results: [{ a: 1, b: "new" }] });
    other.exec("DROP TABLE t; CREATE TABLE t(c); INSERT INTO t VALUES(7)");
    expect(await d1.prepare("UPDATE t SET c=8 RETURNING *").all()).toMatchObject({
      results: [{ c: 8 }],
    });
    database.close();
    other.close();
  });

  test("writes to the new file after the file was replaced", async () => {
    openWal(folder.file).close();
    const database = toWrite();
    const { d1 } = database;
    await d1.prepare("INSERT INTO t VALUES(4)").run();
    const next = join(folder.path, "next.sqlite");
    openWal(next).close();
    for (const end of ["-wal", "-shm"]) renameSync(`${folder.file}${end}`, `${next}.old${end}`);
    renameSync(next, folder.file);
    await d1.prepare("INSERT INTO t VALUES(5)").run();
    database.close();
    const db = new DatabaseSync(folder.file);
    expect(
      db
        .prepare(rows)
        .all()
        .map((row) => row["a"]),
    ).toEqual([1, 2, 3, 5]);
    db.close();
  });

  test("may be closed twice", () => {
    const database = toWrite();
    database.close();
    expect(() => {
      database.close();
    }).not.toThrow();
  });
});

describe("a file that is not a database", () => {
  const failing = async (mode: "read" | "write", sql: string): Promise<OpsError> => {
    const database = openLocal(folder.file, target, { mode });
    const { d1 } = database;
    try {
      await d1.prepare(sql).all();
    } catch (error) {
      if (error instanceof OpsError) return error;
      throw error;
    } finally {
      database.close();
    }
    throw new Error("nothing was thrown");
  };

  test.each([
    ["read", "SELECT 1"],
    ["write", "SELECT 1"],
    ["write", "CREATE TABLE t(a)"],
  ] as const)(
    "is DATABASE_NOT_SQLITE and stays unchanged if it is a text file, opened to %s with %s",
    async (mode, sql) => {
      const text = "This is not a database, and it is longer than SQLite's header. ".repeat(40);
      writeFileSync(folder.file, text);
      const error = await failing(mode, sql);
      expect(error).toMatchObject({ code: "DATABASE_NOT_SQLITE", details: { path: folder.file } });
      expect(error.hint).not.toBe("");
      expect(readFileSync(folder.file, "utf8")).toBe(text);
      expect(folder.list()).toEqual(["example.sqlite"]);
    },
  );

  test.each(["read", "write"] as const)(
    "is DATABASE_UNREADABLE if it is a folder, opened to %s",
    async (mode) => {
      mkdirSync(folder.file);
      expect(await failing(mode, "SELECT 1")).toMatchObject({ code: "DATABASE_UNREADABLE" });
    },
  );

  test("is DATABASE_UNREADABLE if a file is in place of its parent folder", async () => {
    writeFileSync(folder.file, "");
    const database = toWrite(join(folder.file, "example.sqlite"));
    const { d1 } = database;
    await expect(d1.prepare("CREATE TABLE t(a)").run()).rejects.toMatchObject({
      code: "DATABASE_UNREADABLE",
    });
    database.close();
  });

  test("is DATABASE_UNREADABLE if its pages are damaged", async () => {
    openWal(folder.file).close();
    const bytes = readFileSync(folder.file);
    bytes.fill(0xff, 4096);
    writeFileSync(folder.file, bytes);
    expect(await failing("read", rows)).toMatchObject({ code: "DATABASE_UNREADABLE" });
  });
});
