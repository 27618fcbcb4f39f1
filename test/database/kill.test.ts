import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { openLocal } from "../../src/database/local.ts";
import { source, startChild } from "./child.ts";
import { folderForEach, openWal, target } from "./folder.ts";

const folder = folderForEach();

test("SIGKILL during a batch leaves none of its changes and a usable file", async () => {
  openWal(folder.file).close();
  const child = startChild(`
    import { openLocal } from ${source("database/local.ts")};
    const { d1 } = openLocal(${JSON.stringify(folder.file)}, ${JSON.stringify(target)}, { mode: "write" });
    console.log("starting");
    await d1.batch([
      d1.prepare("CREATE TABLE made(a)"),
      d1.prepare("INSERT INTO t VALUES(4)"),
      d1.prepare("DELETE FROM t WHERE a=1"),
      d1.prepare("WITH RECURSIVE forever(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM forever) SELECT count(*) FROM forever"),
    ]);`);
  await child.said;
  await untilLocked(folder.file);
  await pause(200); // Time for the statements before the last one, which never ends.
  await child.kill();

  const database = openLocal(folder.file, target, { mode: "write" });
  const { d1 } = database;
  expect(await d1.prepare("SELECT name FROM sqlite_master").raw()).toEqual([["t"]]);
  expect(await d1.prepare("SELECT a FROM t ORDER BY a").raw()).toEqual([[1], [2], [3]]);
  expect(await d1.prepare("PRAGMA quick_check").raw()).toEqual([["ok"]]);
  await d1.prepare("INSERT INTO t VALUES(5)").run();
  database.close();
});

async function untilLocked(path: string): Promise<void> {
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    for (;;) {
      db.exec("BEGIN IMMEDIATE; ROLLBACK");
      await pause(5);
    }
  } catch {
    // The lock shows that the batch is running.
  } finally {
    db.close();
  }
}
