import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { pageSizeOf, restoreInto } from "../../src/database/restore-into.ts";
import { NO_PLAIN_USER, PLAIN_USER } from "../plain-user.ts";
import { source, startChild } from "./child.ts";
import { folderForEach, openWal } from "./folder.ts";
import { killRestores } from "./kill-restores.ts";
import { scratchFile } from "./scratch-file.ts";

const folder = folderForEach();

const scratch = (rows = 3, pageSize = 4096): Promise<string> =>
  scratchFile(join(folder.path, "scratch", "copy.sqlite"), rows, pageSize);

function sizeOf(name: string): number {
  return statSync(join(folder.path, name)).size;
}

function query(sql: string): unknown[] {
  using db = new DatabaseSync(folder.file);
  db.exec(sql);
  return db.prepare(sql).all();
}

const NAMES = "SELECT name FROM sqlite_schema ORDER BY rowid";

describe("restoreInto", () => {
  test("shows the restored database to a process that has the file open, with the statements that it has prepared", async () => {
    using live = openWal(folder.file);
    const count = live.prepare("SELECT count(*) AS n FROM t");
    const names = live.prepare(NAMES);
    expect(count.get()).toEqual({ n: 3 });
    await restoreInto(folder.file, await scratch());
    expect(names.all()).toEqual([{ name: "restored" }]);
    expect(() => count.get()).toThrow("no such table: t");
    live.exec("INSERT INTO restored VALUES('new')");
    expect(query("SELECT rowid FROM restored")).toEqual([0, 3, 6, 7].map((rowid) => ({ rowid })));
  });

  test("lets a reader finish with the old database", async () => {
    using live = openWal(folder.file);
    live.exec("BEGIN; SELECT * FROM t");
    await restoreInto(folder.file, await scratch());
    expect(live.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 3 });
    live.exec("COMMIT");
    expect(live.prepare(NAMES).all()).toEqual([{ name: "restored" }]);
  });

  test("creates the file and its folders, in WAL mode and without other files", async () => {
    const path = join(folder.path, "state", "v3", "d1", "new.sqlite");
    await restoreInto(path, await scratch());
    using db = new DatabaseSync(path);
    expect(db.prepare(NAMES).all()).toEqual([{ name: "restored" }]);
    expect(db.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  });

  test("keeps the tables of Cloudflare's platform as they are in the live file", async () => {
    using live = openWal(folder.file);
    live.exec(
      "CREATE TABLE _cf_METADATA(key INTEGER PRIMARY KEY, value BLOB); INSERT INTO _cf_METADATA VALUES (1, x'00ff')",
    );
    const file = await scratch();
    await restoreInto(folder.file, file);
    await restoreInto(folder.file, file);
    expect(live.prepare("SELECT key, hex(value) AS value FROM _cf_METADATA").all()).toEqual([
      { key: 1, value: "00FF" },
    ]);
  });

  test.each([512, 65_536])("restores into a file with pages of %i bytes", async (size) => {
    using live = new DatabaseSync(folder.file);
    live.exec(`PRAGMA page_size = ${size}; PRAGMA journal_mode = WAL; CREATE TABLE t(a)`);
    expect(pageSizeOf(folder.file)).toBe(size);
    await restoreInto(folder.file, await scratch(3, pageSizeOf(folder.file)));
    expect(live.prepare("SELECT rowid FROM restored").all()).toHaveLength(3);
  });

  test("leaves a log of no bytes beside a file that another process has open", async () => {
    using live = openWal(folder.file);
    await restoreInto(folder.file, await scratch(1000));
    live.exec("SELECT 1");
    expect(folder.list()).toContain("example.sqlite-wal");
    expect(sizeOf("example.sqlite-wal")).toBe(0);
    expect(sizeOf("example.sqlite")).toBeGreaterThan(200_000);
  });

  test("waits for a lock, and then reports who holds it", async () => {
    using live = openWal(folder.file);
    live.exec("BEGIN IMMEDIATE");
    const restored = restoreInto(folder.file, await scratch(), { busyTimeoutMs: 20 });
    await expect(restored).rejects.toMatchObject({
      code: "DATABASE_BUSY",
      message: expect.stringContaining(folder.file),
    });
    live.exec("ROLLBACK");
    expect(live.prepare(NAMES).all()).toEqual([{ name: "t" }]);
    await restoreInto(folder.file, join(folder.path, "scratch", "copy.sqlite"));
    expect(live.prepare(NAMES).all()).toEqual([{ name: "restored" }]);
  });

  test("continues when another process releases its lock", async () => {
    openWal(folder.file).close();
    const child = startChild(`
      import { DatabaseSync } from "node:sqlite";
      const db = new DatabaseSync(${JSON.stringify(folder.file)});
      db.exec("BEGIN IMMEDIATE");
      console.log("locked");
      setTimeout(() => db.close(), 200);`);
    await child.said;
    await restoreInto(folder.file, await scratch(), { busyTimeoutMs: 600_000 });
    expect(query(NAMES)).toEqual([{ name: "restored" }]);
  });

  test("succeeds while another process writes all the time", async () => {
    openWal(folder.file).close();
    const child = startChild(`
      import { DatabaseSync } from "node:sqlite";
      const db = new DatabaseSync(${JSON.stringify(folder.file)}, { timeout: 600_000 });
      for (let i = 0; ; i += 1) {
        db.exec("BEGIN IMMEDIATE; INSERT INTO t SELECT value FROM json_each('[1,2,3]'); COMMIT");
        if (i === 0) console.log("writing");
      }`);
    await child.said;
    await restoreInto(folder.file, await scratch(), { busyTimeoutMs: 600_000 });
    await child.gone;
    expect(query(NAMES)).toEqual([{ name: "restored" }]);
  });

  test("replaces a database whose schema is damaged", async () => {
    openWal(folder.file).close();
    // All of the first page but the file's header.
    overwrite(100, 3996);
    expect(() => query(NAMES)).toThrow("malformed");
    await restoreInto(folder.file, await scratch());
    expect(query(NAMES)).toEqual([{ name: "restored" }]);
    expect(query("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });

  test("leaves a file that is not a database, and says to move it away", async () => {
    writeFileSync(folder.file, "this is not a database, whatever its name suggests".repeat(100));
    await expect(restoreInto(folder.file, await scratch())).rejects.toMatchObject({
      code: "DATABASE_NOT_SQLITE",
      hint: expect.stringContaining("move the file away"),
    });
    expect(sizeOf("example.sqlite")).toBe(5000);
  });

  test("leaves a file that is cut off, and says to move it away", async () => {
    const live = openWal(folder.file);
    live.exec("INSERT INTO t VALUES (zeroblob(100000))");
    live.close();
    truncateSync(folder.file, 5000);
    await expect(restoreInto(folder.file, await scratch())).rejects.toMatchObject({
      code: "DATABASE_UNREADABLE",
      hint: expect.stringContaining("move the file away"),
    });
    expect(sizeOf("example.sqlite")).toBe(5000);
  });

  test.skipIf(PLAIN_USER === null)(
    `reports a folder without permission to write as DATABASE_READ_ONLY${PLAIN_USER === null ? `, ${NO_PLAIN_USER}` : ""}`,
    async () => {
      openWal(folder.file).close();
      const file = await scratch();
      chmodSync(join(folder.path, "scratch"), 0o777);
      chmodSync(file, 0o666);
      chmodSync(folder.file, 0o444);
      chmodSync(folder.path, 0o555);
      const child = startChild(restoring(folder.file, file), "anybody");
      expect(JSON.parse(await child.said)).toMatchObject({ code: "DATABASE_READ_ONLY" });
      await child.gone;
      chmodSync(folder.path, 0o755);
      expect(query(NAMES)).toEqual([{ name: "t" }]);
    },
  );

  test.skipIf(spawnSync("unshare", ["-rm", "true"]).status !== 0)(
    "reports a full disk as DATABASE_FULL, changes nothing, and gives back the space",
    async () => {
      const file = await scratch(10_000);
      const room = join(folder.path, "room");
      mkdirSync(room);
      const live = join(room, "live.sqlite");
      const script = `
        import { DatabaseSync } from "node:sqlite";
        import { statSync } from "node:fs";
        const live = new DatabaseSync(${JSON.stringify(live)});
        live.exec("PRAGMA journal_mode = WAL; CREATE TABLE t(a)");
        ${restoring(live, file)}
        console.log(JSON.stringify(live.prepare(${JSON.stringify(NAMES)}).all()));
        console.log(statSync(${JSON.stringify(`${live}-wal`)}).size);`;
      const shell = `mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"`;
      const node = [process.execPath, "--input-type=module", "--eval", script];
      const { stdout, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", shell, room, ...node], {
        encoding: "utf8",
      });
      const [error = "", names, bytes] = stdout.split("\n");
      expect(JSON.parse(error), stderr).toMatchObject({ code: "DATABASE_FULL" });
      expect(names).toBe('[{"name":"t"}]');
      expect(bytes).toBe("0");
    },
  );

  test("leaves the old or the new database when it is killed, and the next run restores it", async () => {
    const { during } = await killRestores(folder.path, 12);
    expect(during).toBeGreaterThan(0);
  });
});

/** A script that prints the error, or null. */
function restoring(live: string, file: string): string {
  return `
    const { restoreInto } = await import(${source("database/restore-into.ts")});
    console.log(JSON.stringify(
      await restoreInto(${JSON.stringify(live)}, ${JSON.stringify(file)}).then(() => null, ({ code, message }) => ({ code, message }))));`;
}

function overwrite(at: number, bytes: number): void {
  const file = openSync(folder.file, "r+");
  writeSync(file, Buffer.alloc(bytes, 0xab), 0, bytes, at);
  closeSync(file);
}
