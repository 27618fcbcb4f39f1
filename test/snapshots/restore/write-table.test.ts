import { expect, test } from "vitest";
import { openLocal } from "../../../src/database/local.ts";
import { snapshotCodec as codec } from "../../../src/files/snapshot-codec.ts";
import { writeDatabase } from "../../../src/snapshots/restore/write-database.ts";
import { folderForEach, target } from "../../database/folder.ts";
import { memoryStore } from "../../database/round-trip/memory-store.ts";
import { restore, run, takeFrom } from "../../database/round-trip/round-trip.ts";
import { writing } from "./written-databases.ts";

const folder = folderForEach();

test("CHECK applies again after D1 refused a batch for which it was switched off", async () => {
  const table = "CREATE TABLE t(id INTEGER PRIMARY KEY, n CHECK (n > 0))";
  const [source, live, copy] = ["source", "live", "copy"].map(
    (name) => `${folder.path}/${name}`,
  ) as [string, string, string];
  run(source, [table, "INSERT INTO t VALUES (1, -1)"]);
  run(live, [table]);
  const store = memoryStore();
  const from = openLocal(source, target, { mode: "read" });
  const snapshot = await takeFrom(from.d1, store, null);
  from.close();
  await restore(store, snapshot, copy);
  const rebuilt = openLocal(copy, target, { mode: "read" });
  const { d1, close } = openLocal(live, target, { mode: "write" });
  const request = writing(d1, { store, snapshot, copy: rebuilt.d1 });
  const refused = writeDatabase({
    ...request,
    codec,
    async send(what, statements) {
      const late = d1.prepare("SELECT json('refused')");
      const isWithoutChecks = statements.length > 3;
      await request.send(what, isWithoutChecks ? statements.toSpliced(-1, 0, late) : statements);
    },
  });
  await expect(refused).rejects.toThrow("malformed JSON");
  await expect(d1.prepare("INSERT INTO t VALUES (2, -2)").run()).rejects.toThrow("CHECK");
  rebuilt.close();
  close();
});
