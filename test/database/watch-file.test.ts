import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { restoreInto } from "../../src/database/restore-into.ts";
import { watchFile, WrittenMeanwhile } from "../../src/database/watch-file.ts";
import { folderForEach, openWal } from "./folder.ts";
import { scratchFile } from "./scratch-file.ts";

const folder = folderForEach();

const scratch = (): Promise<string> =>
  scratchFile(join(folder.path, "scratch", "copy.sqlite"), 3, 4096);

function names(): unknown[] {
  using db = new DatabaseSync(folder.file);
  return db.prepare("SELECT name FROM sqlite_schema").all();
}

describe("a watched database", () => {
  test("is not replaced after another connection has written", async () => {
    using live = openWal(folder.file);
    const { requireUnchanged, close } = watchFile(folder.file);
    live.exec("INSERT INTO t VALUES (1)");
    const restored = restoreInto(folder.file, await scratch(), { requireUnchanged });
    await expect(restored).rejects.toThrow(WrittenMeanwhile);
    close();
    expect(names()).toEqual([{ name: "t" }]);
  });

  test("is replaced if others only read, open and close it", async () => {
    using live = openWal(folder.file);
    live.exec("INSERT INTO t VALUES (1)");
    const { requireUnchanged, close } = watchFile(folder.file);
    live.prepare("SELECT * FROM t").all();
    names();
    await restoreInto(folder.file, await scratch(), { requireUnchanged });
    close();
    expect(names()).toEqual([{ name: "restored" }]);
  });

  test("is created by the restore if it is missing, unless another process has created it", async () => {
    const { requireUnchanged } = watchFile(folder.file);
    expect(existsSync(folder.file)).toBe(false);
    await restoreInto(folder.file, await scratch(), { requireUnchanged });
    expect(names()).toEqual([{ name: "restored" }]);
    expect(requireUnchanged).toThrow(WrittenMeanwhile);
  });
});
