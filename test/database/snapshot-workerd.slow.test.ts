import { join } from "node:path";
import { sample } from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { restoreInto } from "../../src/database/restore-into.ts";
import { anyNumbers, Tape } from "../schema/tape.ts";
import { folderForEach } from "./folder.ts";
import { anyDatabase } from "./round-trip/any-database.ts";
import { contentOf } from "./round-trip/content-of.ts";
import { memoryStore } from "./round-trip/memory-store.ts";
import { restore, run, takeFrom } from "./round-trip/round-trip.ts";
import { startWorkerd, stopWorkerds } from "./running-workerd.ts";
import { scratchFile } from "./scratch-file.ts";

const folder = folderForEach();
afterEach(stopWorkerds);

const COUNT = "SELECT count(*) AS n FROM restored";

describe("a running workerd", () => {
  test("sees a restored database at once, keeps its own table and continues to write", async () => {
    const { binding, file } = await startWorkerd(folder.path);
    const session = binding.withSession();
    await session.prepare("INSERT INTO t VALUES (1)").run();
    const scratch = await scratchFile(join(folder.path, "scratch.sqlite"), 500);
    await restoreInto(file, scratch);
    expect(await binding.prepare(COUNT).first("n")).toBe(500);
    await expect(binding.prepare("SELECT * FROM t").all()).rejects.toThrow("no such table: t");
    await binding.prepare("INSERT INTO restored VALUES ('new')").run();
    expect(await session.prepare(COUNT).first("n")).toBe(501);
    await session.prepare("INSERT INTO restored VALUES ('newer')").run();
    expect(session.getBookmark()).toMatch(/^[-0-9a-f]+$/);
    expect(await binding.withSession().prepare(COUNT).first("n")).toBe(502);
    expect(await binding.prepare("PRAGMA quick_check").first("quick_check")).toBe("ok");
  });

  // With each database, workerd replaces the one before it.
  test("gives a snapshot through its binding that has everything of the database", async () => {
    const { binding, file } = await startWorkerd(folder.path);
    const tapes = sample(anyNumbers(3000, 1500), { seed: 20_261_130, numRuns: 4 });
    for (const [i, numbers] of tapes.entries()) {
      const { statements } = anyDatabase(new Tape(numbers));
      const source = join(folder.path, `source${i}.sqlite`);
      const copy = join(folder.path, `copy${i}.sqlite`);
      run(source, statements);
      const content = contentOf(source);
      await restoreInto(file, source);
      const store = memoryStore();
      await restore(store, await takeFrom(binding, store, null), copy);
      expect(contentOf(copy), statements.join(";\n")).toEqual(content);
    }
  });
});
