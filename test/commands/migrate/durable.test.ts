import { expect, test } from "vitest";
import { migrateApply } from "../../../src/index.ts";
import { recordSyncs } from "../../database/record-syncs.ts";
import { countingMigrations } from "../../project/remote.ts";
import { makeProject } from "../../project.ts";

test("a local apply syncs all its migrations to the disk at once, before it reports", async () => {
  const project = makeProject(countingMigrations(3));
  const { synced } = recordSyncs();
  const before: number[] = [];
  const { outcome } = await migrateApply({
    cwd: project.dir,
    variables: {},
    place: "local",
    onProgress: () => void before.push(synced.length),
  });
  expect({ outcome, before }).toEqual({ outcome: "changed", before: [0, 0, 0] });
  expect(synced).toEqual([expect.stringMatching(/\.sqlite-wal$/)]);
});

test("a local apply fails if the sync fails, although the migrations are in the file", async () => {
  const project = makeProject(countingMigrations(3));
  recordSyncs(
    Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO", syscall: "fdatasync" }),
  );
  const run = migrateApply({ cwd: project.dir, variables: {}, place: "local" });
  await expect(run).rejects.toMatchObject({ code: "DATABASE_NOT_SYNCED" });
  const db = project.open();
  expect(db.prepare("SELECT count(*) AS n FROM d1_migrations").get()).toEqual({ n: 3 });
  db.close();
});
