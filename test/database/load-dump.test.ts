import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { type Loaded, loadDump, type LoadOptions } from "../../src/database/load-dump.ts";
import { OpsError } from "../../src/report/error.ts";
import { folderForEach } from "./folder.ts";

const folder = folderForEach();

async function load(dump: string, options: LoadOptions = {}): Promise<Loaded> {
  const path = join(folder.path, "dump.sql");
  writeFileSync(path, dump);
  return loadDump(path, folder.file, options);
}

function rows(sql: string): unknown[] {
  const db = new DatabaseSync(folder.file, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

async function errorOf(work: Promise<unknown>): Promise<OpsError> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof OpsError)) throw new TypeError(`not an OpsError: ${String(error)}`);
  return error;
}

describe("loadDump", () => {
  test("loads rows, indexes, triggers, views and counters, and the rows fire no trigger", async () => {
    const { statements, orphans } = await load(`PRAGMA defer_foreign_keys=TRUE;
CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, n DEFAULT "none");
INSERT INTO "t" ("id","n") VALUES(7,replace('a\\nb;','\\n',char(10)));
CREATE TABLE log(id);
DELETE FROM sqlite_sequence;
INSERT INTO "sqlite_sequence" ("name","seq") VALUES('t',70);
CREATE INDEX by_n ON t(n);
CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.id); SELECT 1; END;
CREATE VIEW v AS SELECT n FROM t;`);
    expect({ statements, orphans }).toEqual({ statements: 9, orphans: [] });
    expect(rows("SELECT t.id, v.n, seq FROM t, v, sqlite_sequence")).toEqual([
      { id: 7, n: "a\nb;", seq: 70 },
    ]);
    expect(rows("SELECT * FROM log")).toEqual([]);
    expect(rows("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });

  test("loads children before their parents, and reports the rows without a parent", async () => {
    const child = "CREATE TABLE child(id INTEGER PRIMARY KEY, p NOT NULL REFERENCES parent(id));";
    const { orphans } = await load(`${child}
INSERT INTO "child" ("id","p") VALUES(1,10);
INSERT INTO "child" ("id","p") VALUES(2,99);
CREATE TABLE parent(id INTEGER PRIMARY KEY);
INSERT INTO "parent" ("id") VALUES(10);`);
    expect(orphans).toEqual([{ table: "child", rows: 1 }]);
    expect(rows("SELECT count(*) AS n FROM child")).toEqual([{ n: 2 }]);
  });

  test("reports no orphans if the parent columns of a key have no unique index", async () => {
    const { orphans } = await load(
      "CREATE TABLE parent(id); CREATE TABLE child(p REFERENCES parent(id)); INSERT INTO child VALUES(1);",
    );
    expect(orphans).toBeNull();
  });

  test("loads infinity, and a text that says Infinity", async () => {
    await load(`CREATE TABLE t(a, b, c);
INSERT INTO "t" ("a","b","c") VALUES(Infinity,-Infinity,'Infinity');`);
    expect(rows("SELECT a = 9e999 AS a, b = -9e999 AS b, c, typeof(a) AS type FROM t")).toEqual([
      { a: 1, b: 1, c: "Infinity", type: "real" },
    ]);
  });

  test("loads statements that exceed D1's limit and span several pieces", async () => {
    const hex = "ab".repeat(3_000_000);
    await load(`CREATE TABLE t(a, é);\nINSERT INTO "t" ("a","é") VALUES(X'${hex}','é');`);
    expect(rows("SELECT length(a) AS n, é AS e FROM t")).toEqual([{ n: 3_000_000, e: "é" }]);
  });

  test("reports progress in bytes", async () => {
    const told: number[][] = [];
    await load("CREATE TABLE é(a);", { onBytes: (bytes, total) => told.push([bytes, total]) });
    expect(told).toEqual([[19, 19]]);
  });

  test("keeps the permissions of an existing file, also for the files that SQLite creates beside it", async () => {
    writeFileSync(folder.file, "", { mode: 0o600 });
    await load("CREATE TABLE t(a);");
    expect(statSync(folder.file).mode & 0o777).toBe(0o600);
    using db = new DatabaseSync(folder.file);
    db.exec("INSERT INTO t VALUES (1)");
    const files = folder.list().filter((name) => name.startsWith("example.sqlite"));
    expect(files).toEqual(["example.sqlite", "example.sqlite-shm", "example.sqlite-wal"]);
    for (const name of files) expect(statSync(join(folder.path, name)).mode & 0o777).toBe(0o600);
  });
});

describe("loadDump of a wrong dump", () => {
  test("fails and names the statement without its values if the export made two keys equal", async () => {
    const error = await errorOf(
      load(`CREATE TABLE t(id INTEGER PRIMARY KEY, name);
INSERT INTO "t" ("id","name") VALUES(9007199254740992,'Nia');
INSERT INTO "t" ("id","name") VALUES(9007199254740992,'Omar');`),
    );
    expect(error).toMatchObject({ code: "TRANSFER_FAILED" });
    expect(error.message).toContain(
      'statement 3 (INSERT INTO "t" ("id","name") VALUES …): UNIQUE constraint failed: t.id.',
    );
    expect(error.hint).toContain("2^53");
  });

  test.each([
    ["a missing end", "CREATE TABLE t(a);\nINSERT INTO t VALUES('x", /statement 2/],
    ["a NUL", "CREATE TABLE t(a);\nINSERT INTO t VALUES('x\0y');", /NUL character/],
    ["an ATTACH of another file", "ATTACH '/tmp/elsewhere.sqlite' AS x;", /statement 1 .*attach/i],
    ["a text that is not SQL", "<html></html>", /statement 1 .*syntax error/],
  ])("fails with TRANSFER_FAILED and the statement: %s", async (_, dump, message) => {
    const error = await errorOf(load(dump));
    expect(error.code).toBe("TRANSFER_FAILED");
    expect(error.message).toMatch(message);
  });

  test("ends with INTERRUPTED if it is interrupted", async () => {
    const dump = `CREATE TABLE t(a);\n${"INSERT INTO t VALUES(1);\n".repeat(100_000)}`;
    const interruption = new AbortController();
    const error = await errorOf(
      load(dump, { signal: interruption.signal, onBytes: () => interruption.abort() }),
    );
    expect(error.code).toBe("INTERRUPTED");
  });
});

describe("loadDump of a dump of SQLite's command line", () => {
  const DUMP = `PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','f','f',0,'CREATE VIRTUAL TABLE f USING fts5(a)');
CREATE TABLE 'f_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO f_data VALUES(1,X'0001');
INSERT INTO f_data VALUES(10,X'00000000010101000101010102');
INSERT INTO f_data VALUES(137438953473,X'0000001004307265640102020101');
CREATE TABLE 'f_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO f_idx VALUES(1,X'',2);
CREATE TABLE 'f_content'(id INTEGER PRIMARY KEY, c0);
INSERT INTO f_content VALUES(1,'red');
CREATE TABLE 'f_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
INSERT INTO f_docsize VALUES(1,X'01');
CREATE TABLE 'f_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO f_config VALUES('version',4);
PRAGMA writable_schema=OFF;
COMMIT;
`;

  test("loads virtual tables", async () => {
    await load(DUMP, { format: "sqlite3" });
    expect(rows("SELECT a FROM f")).toEqual([{ a: "red" }]);
  });

  test.each([
    ["without its end", DUMP.replace("COMMIT;\n", "")],
    [
      "of a database that SQLite could not read",
      DUMP.replace("COMMIT;", "ROLLBACK; -- due to errors"),
    ],
  ])("refuses one %s", async (_, dump) => {
    expect(await errorOf(load(dump, { format: "sqlite3" }))).toMatchObject({
      code: "TRANSFER_FAILED",
    });
  });

  test("does not write to the schema for a dump in Cloudflare's format", async () => {
    const dump = DUMP.replace("BEGIN TRANSACTION;\n", "").replace("COMMIT;\n", "");
    expect(await errorOf(load(dump))).toMatchObject({ code: "TRANSFER_FAILED" });
  });
});
