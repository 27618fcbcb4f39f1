import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openLocal } from "../../src/database/local.ts";
import { startChild } from "./child.ts";
import { folderForEach, openWal, target } from "./folder.ts";

const folder = folderForEach();

/** A script that takes the write lock, prints `held`, and keeps the lock until it is killed. */
const lockingScript = (path: string): string => `
  import { DatabaseSync } from "node:sqlite";
  const db = new DatabaseSync(${JSON.stringify(path)});
  db.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES(99)");
  console.log("held");
  setInterval(() => {}, 1000);`;

describe("openLocal on a file that another process locks beyond the timeout", () => {
  test.each(["wal", "delete"])(
    "fails in %s mode with DATABASE_BUSY and the name of the process, changes nothing, and can write after the unlock",
    async (mode) => {
      const db = openWal(folder.file);
      db.exec(`PRAGMA journal_mode=${mode}`);
      db.close();
      const holder = startChild(lockingScript(folder.file));
      const database = openLocal(folder.file, target, { mode: "write", busyTimeoutMs: 50 });
      const { d1 } = database;
      try {
        expect(await holder.said).toBe("held");
        const write = d1.batch([
          d1.prepare("INSERT INTO t VALUES(4)"),
          d1.prepare("INSERT INTO t VALUES(5)"),
        ]);
        const error: unknown = await write.catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: "DATABASE_BUSY", details: { path: folder.file } });
        if (process.platform === "linux") {
          const named: unknown = expect.stringContaining(`process ${holder.pid} (`);
          expect(error).toMatchObject({ details: { holders: [named] }, message: named });
        }
        const hint: unknown = expect.stringContaining("wrangler dev");
        expect(error).toMatchObject({ hint });
        expect(await d1.prepare("SELECT count(*) AS n FROM t").first("n")).toBe(3);
      } finally {
        await holder.kill();
      }
      await d1.prepare("INSERT INTO t VALUES(4)").run();
      expect(await d1.prepare("SELECT a FROM t ORDER BY a").raw()).toEqual([[1], [2], [3], [4]]);
      database.close();
    },
  );

  test("openLocal waits for a lock that is released within the timeout", async () => {
    const other = openWal(folder.file);
    other.close();
    const holder = startChild(`
      import { DatabaseSync } from "node:sqlite";
      const db = new DatabaseSync(${JSON.stringify(folder.file)});
      db.exec("BEGIN IMMEDIATE");
      console.log("held");
      setTimeout(() => { db.exec("COMMIT"); db.close(); }, 100);`);
    await holder.said;
    const database = openLocal(folder.file, target, { mode: "write" });
    const { d1 } = database;
    await d1.prepare("INSERT INTO t VALUES(4)").run();
    await holder.gone;
    expect(await d1.prepare("SELECT count(*) AS n FROM t").first("n")).toBe(4);
    database.close();
  });
});

test("openLocal loses no write when two processes create the same file", async () => {
  const script = `
    import { openLocal } from ${JSON.stringify(new URL("../../src/database/local.ts", import.meta.url).href)};
    const { d1 } = openLocal(${JSON.stringify(folder.file)}, ${JSON.stringify(target)}, { mode: "write" });
    await d1.prepare("CREATE TABLE IF NOT EXISTS t(a)").run();
    for (let i = 0; i < 20; i++) await d1.prepare("INSERT INTO t VALUES(?)").bind(i).run();
    console.log("done");`;
  const children = Array.from({ length: 3 }, () => startChild(script));
  expect(await Promise.all(children.map(({ said }) => said))).toEqual(["done", "done", "done"]);
  await Promise.all(children.map(({ gone }) => gone));
  const db = new DatabaseSync(folder.file);
  expect({ ...db.prepare("SELECT count(*) AS n FROM t").get() }).toEqual({ n: 60 });
  db.close();
});
