import fs, { truncateSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openLocal } from "../../src/database/local.ts";
import type { Database } from "../../src/database/port.ts";
import { folderForEach, openWal, target } from "./folder.ts";
import { recordSyncs } from "./record-syncs.ts";

const folder = folderForEach();

function toWrite(durable: "commit" | "close"): Database {
  return openLocal(folder.file, target, { mode: "write", durable });
}

/** `PRAGMA synchronous`: SQLite syncs a log before a checkpoint, and at no commit (https://sqlite.org/pragma.html#pragma_synchronous). */
const NORMAL = 1;

const INSERT = "INSERT INTO t VALUES (4)";

describe("a local database with durable: close", () => {
  test("syncs its log once, when it is closed, even if a reader prevents a checkpoint", async () => {
    const reader = openWal(folder.file);
    reader.exec("BEGIN; SELECT * FROM t");
    const { synced } = recordSyncs();
    const database = toWrite("close");
    await database.d1.prepare(INSERT).run();
    await database.d1.prepare(INSERT).run();
    expect(synced).toEqual([]);
    database.close();
    expect(synced).toEqual(["example.sqlite-wal"]);
    reader.close();
  });

  test("begins to sync in another thread after 32 commits, without a wait", async () => {
    openWal(folder.file).close();
    const { synced, begun } = recordSyncs();
    const database = toWrite("close");
    for (let commit = 0; commit < 31; commit += 1) await database.d1.prepare(INSERT).run();
    await database.d1.prepare("SELECT * FROM t").run();
    expect(begun).toEqual([]);
    await database.d1.prepare(INSERT).run();
    expect(begun.map(({ name }) => name)).toEqual(["example.sqlite-wal"]);
    expect(synced).toEqual([]);
    database.close();
    expect(synced).toEqual(["example.sqlite-wal"]);
  });

  test("opens the log for the last sync before the first one, because a failure is reported to open files only", async () => {
    openWal(folder.file).close();
    const { begun, opened } = recordSyncs();
    const last = vi.spyOn(fs, "fdatasyncSync");
    const database = toWrite("close");
    for (let commit = 0; commit < 32; commit += 1) await database.d1.prepare(INSERT).run();
    const [first, second] = opened;
    expect(begun).toEqual([{ name: "example.sqlite-wal", file: second }]);
    database.close();
    expect(last).toHaveBeenCalledExactlyOnceWith(first);
  });

  test("commits although the log cannot be opened for a sync: the end reports it", async () => {
    openWal(folder.file).close();
    const opening = vi.spyOn(fs, "openSync").mockImplementation(() => {
      throw Object.assign(new Error("EMFILE: too many open files, open"), {
        code: "EMFILE",
        syscall: "open",
      });
    });
    syncBuiltinESMExports();
    onTestFinished(() => {
      opening.mockRestore();
      syncBuiltinESMExports();
    });
    const database = toWrite("close");
    for (let commit = 0; commit < 40; commit += 1) await database.d1.prepare(INSERT).run();
    expect(() => database.close()).toThrow(
      expect.objectContaining({ code: "DATABASE_NOT_SYNCED" }),
    );
  });

  test("moves the log into the file when it is closed, while another program has the file open", async () => {
    const other = openWal(folder.file);
    const database = toWrite("close");
    await database.d1.prepare(INSERT).run();
    database.close();
    const file = new URL(`file://${folder.file}?immutable=1`);
    const alone = new DatabaseSync(file, { readOnly: true });
    expect(alone.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 4 });
    alone.close();
    other.close();
  });

  test("reports a failed sync as DATABASE_NOT_SYNCED, and releases the file", async () => {
    openWal(folder.file).close();
    recordSyncs(
      Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO", syscall: "fdatasync" }),
    );
    const database = toWrite("close");
    await database.d1.prepare(INSERT).run();
    expect(() => database.close()).toThrow(
      expect.objectContaining({
        code: "DATABASE_NOT_SYNCED",
        message: `The local database ${folder.file} was changed, but the disk did not confirm it: EIO: i/o error, fdatasync.`,
      }),
    );
    expect(folder.list()).toEqual(["example.sqlite"]);
  });

  test("reports a log that cannot be moved into the file as DATABASE_NOT_SYNCED, for its changes were committed", async () => {
    openWal(folder.file).close();
    const database = toWrite("close");
    await database.d1.prepare(INSERT).run();
    truncateSync(`${folder.file}-wal`, 100);
    expect(() => database.close()).toThrow(
      expect.objectContaining({
        code: "DATABASE_NOT_SYNCED",
        details: { path: folder.file, reason: "disk I/O error" },
      }),
    );
  });

  test("is closed without an error if the disk is full when the log is moved, because the log is synced", async () => {
    openWal(folder.file).close();
    const { synced } = recordSyncs();
    const database = toWrite("close");
    await database.d1.prepare(INSERT).run();
    const { exec } = DatabaseSync.prototype;
    const moving = vi.spyOn(DatabaseSync.prototype, "exec");
    onTestFinished(() => moving.mockRestore());
    moving.mockImplementation(function (this: DatabaseSync) {
      exec.call(this, "PRAGMA max_page_count = 1; CREATE TABLE more(a)");
    });
    expect(() => database.close()).not.toThrow();
    expect(moving).toHaveBeenCalledExactlyOnceWith("PRAGMA wal_checkpoint(PASSIVE)");
    expect(synced).toEqual(["example.sqlite-wal"]);
  });

  test("makes SQLite sync at no commit, but before a checkpoint", async () => {
    openWal(folder.file).close();
    const exec = vi.spyOn(DatabaseSync.prototype, "exec");
    onTestFinished(() => exec.mockRestore());
    const database = toWrite("close");
    await database.d1.prepare(INSERT).run();
    const connections = exec.mock.contexts.filter((db) => db instanceof DatabaseSync);
    const settings = connections.map((db) => db.prepare("PRAGMA synchronous").get());
    database.close();
    expect(settings).toEqual([{ synchronous: NORMAL }]);
  });

  test("may be closed if it was never written", () => {
    openWal(folder.file).close();
    const { synced } = recordSyncs();
    toWrite("close").close();
    expect(synced).toEqual([]);
  });

  test("syncs no empty log", async () => {
    openWal(folder.file).close();
    const { synced } = recordSyncs();
    const database = toWrite("close");
    await database.d1.prepare("SELECT * FROM t").run();
    expect(folder.list()).toContain("example.sqlite-wal");
    database.close();
    expect(synced).toEqual([]);
  });
});

test("a local database with durable: commit leaves each sync to SQLite", async () => {
  openWal(folder.file).close();
  const { synced } = recordSyncs();
  const database = toWrite("commit");
  await database.d1.prepare(INSERT).run();
  database.close();
  expect(synced).toEqual([]);
});
