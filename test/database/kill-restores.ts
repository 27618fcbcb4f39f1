import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import { restoreInto } from "../../src/database/restore-into.ts";
import { until } from "../until.ts";
import { source, startChild } from "./child.ts";
import { scratchFile } from "./scratch-file.ts";

const SMALL = 3000;
const LARGE = 9000;

/**
 * Restores two databases in turn in another process, kills it at a random size of the log, and checks what is left. `during`: how many
 * kills found a transaction that was not complete or not yet moved into the file.
 */
export async function killRestores(folder: string, times: number): Promise<{ during: number }> {
  const live = join(folder, "killed.sqlite");
  const small = await scratchFile(join(folder, "small.sqlite"), SMALL);
  const large = await scratchFile(join(folder, "large.sqlite"), LARGE);
  const most = statSync(large).size;
  const log = (): number => statSync(`${live}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  let during = 0;
  for (let i = 0; i < times; i += 1) {
    const child = startChild(`
      const { restoreInto } = await import(${source("database/restore-into.ts")});
      const files = ${JSON.stringify([small, large])};
      console.log("starting");
      for (let i = 0; ; i += 1) await restoreInto(${JSON.stringify(live)}, files[i % 2]);`);
    await child.said;
    const limit = Math.random() * most;
    await until(() => log() > limit);
    await child.kill();
    if (log() > 0) during += 1;
    expectWhole(live, [0, SMALL, LARGE]);
  }
  await restoreInto(live, small);
  expectWhole(live, [SMALL]);
  return { during };
}

/** 0 rows: the file was created, and nothing was restored yet. */
function expectWhole(path: string, counts: readonly number[]): void {
  using db = new DatabaseSync(path);
  expect(db.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  const isEmpty = db.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
  const rows = isEmpty ? 0 : db.prepare("SELECT count(*) AS n FROM restored").get()?.["n"];
  expect(counts).toContain(rows);
}
