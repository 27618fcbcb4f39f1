/**
 * `snapshot restore ID --local`: puts the database and the files back into the state of a snapshot. It proves all that it needs before it
 * changes anything, and takes a snapshot of the present first.
 * @module
 */
import { requireUninterrupted } from "../../project/interruption.ts";
import { type Project, type ProjectBody, withWritingProject } from "../../project/project.ts";
import { requireLocal } from "../../project/require-local.ts";
import type { Report } from "../../report/report.ts";
import { type Catalog, readCatalog } from "../../snapshots/catalog.ts";
import { chunkReader } from "../../snapshots/read-chunk.ts";
import { changesDatabase, changesOf } from "../../snapshots/restore-plan.ts";
import { type Restore, restoreReport } from "../../snapshots/restore-report.ts";
import { confirmed } from "./confirm-restore.ts";
import { findRestore } from "./find-restore.ts";
import { prepareRestore } from "./prepare-restore.ts";
import { readRestore, type SnapshotRestoreOptions } from "./restore-options.ts";
import { applyWithBackup, type BackupRequest } from "./take-backup.ts";
import { openStore } from "./unlock-store.ts";

export type { SnapshotRestoreOptions } from "./restore-options.ts";

/**
 * Outcome `changed`, or `ok` if the present equals the snapshot already. `partial` (exit 4): the database is restored, but not every file.
 * If it is killed, run it again.
 * @throws OpsError SNAPSHOT_UNKNOWN, SNAPSHOT_LOCKED, SNAPSHOT_DAMAGED, NOT_CONFIRMED if rows or files would be lost; then nothing was changed
 */
export async function snapshotRestore(given: SnapshotRestoreOptions): Promise<Report> {
  return withWritingProject("snapshot restore", readRestore(given), restore);
}

async function restore(project: Project<SnapshotRestoreOptions>): Promise<ProjectBody> {
  requireLocal(project);
  const { options } = project;
  const opened = await openStore(project);
  const { store, codec } = opened;
  const catalog = await readCatalog(store, codec);
  const plan = async (): Promise<Restore> => findRestore(project, opened, catalog);
  const first = await plan();
  const { target } = first;
  if (options.dryRun === true && !isNothing(first)) {
    return { ...restoreReport(first, { kind: "dry run" }), target };
  }
  const found = isNothing(first) ? first : await confirmed(project, first, plan);
  if (isNothing(found)) return { ...restoreReport(found, { kind: "nothing to do" }), target };
  const { snapshot } = found;
  const database = changesDatabase(found.plan) ? snapshot.manifest.database : null;
  const { files } = changesOf(found.plan);
  const chunks = chunkReader(store, codec, snapshot.manifest);
  const removed = files.filter(({ change }) => change === "removed").map(({ path }) => path);
  const changed = new Set(files.map(({ path }) => path));
  const prepared = await prepareRestore(
    project,
    { store, codec, chunks },
    {
      database,
      files: snapshot.manifest.files.filter(({ path }) => changed.has(path)),
      removed,
    },
  );
  try {
    requireUninterrupted(project);
    const applied =
      options.withoutBackup === true
        ? { backup: null, stop: await prepared.apply() }
        : await applyWithBackup(
            project,
            opened,
            backupOf(found, catalog, options),
            async (requireUnchanged) => prepared.apply(requireUnchanged),
          );
    return { ...restoreReport(found, { kind: "restored", ...applied }), target };
  } finally {
    prepared.discard();
  }
}

function backupOf(
  { snapshot: { id, manifest }, short, plan }: Restore,
  catalog: Catalog,
  { databaseOnly }: SnapshotRestoreOptions,
): BackupRequest {
  return {
    catalog,
    hasDatabase: plan.database !== null,
    files: databaseOnly === true ? { files: [], globs: [] } : manifest,
    about: { label: `before the restore of ${short}`, wayBackFrom: id },
  };
}

function isNothing({ plan }: Restore): boolean {
  return !changesDatabase(plan) && changesOf(plan).files.length === 0;
}
