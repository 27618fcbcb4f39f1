/** @module Carries out the plan of a restore: prepares all that it needs, takes the way back, and writes. */
import { requireUninterrupted } from "../../project/interruption.ts";
import type { Project } from "../../project/project.ts";
import type { WayBack } from "../../snapshots/report/replacement-findings.ts";
import { changesDatabase, changesOf } from "../../snapshots/restore/restore-plan.ts";
import { chunkReader } from "../../snapshots/rows/read-chunk.ts";
import type { Catalog } from "../../snapshots/store/catalog.ts";
import type { FoundRestore } from "./find-restore.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";
import type { Applied, Prepared, RestoreTarget } from "./restore-target.ts";
import { applyWithBackup, type BackupRequest } from "./take-backup.ts";
import type { OpenStore } from "./unlock-store.ts";

/** `backup`: null without a way back. @throws as {@link RestoreTarget.prepare} and {@link applyWithBackup} */
export async function carryOut(
  project: Project<SnapshotRestoreOptions>,
  opened: OpenStore,
  to: RestoreTarget,
  { found, catalog }: { readonly found: FoundRestore; readonly catalog: Catalog },
): Promise<Applied & { readonly backup: WayBack | null }> {
  const { apply } = await prepare(opened, to, found);
  requireUninterrupted(project);
  return project.options.withoutBackup === true || found.into === "new file"
    ? { backup: null, ...(await apply(undefined, null)) }
    : applyWithBackup(project, opened, backupOf(found, catalog, to), apply);
}

async function prepare(
  { store, codec }: OpenStore,
  to: RestoreTarget,
  { snapshot, plan }: FoundRestore,
): Promise<Prepared> {
  const { files } = changesOf(plan);
  const changed = new Set(files.map(({ path }) => path));
  return to.prepare(
    { store, codec, chunks: chunkReader(store, codec, snapshot.manifest) },
    {
      snapshot: changesDatabase(plan) ? snapshot : null,
      files: snapshot.manifest.files.filter(({ path }) => changed.has(path)),
      removed: files.filter(({ change }) => change === "removed").map(({ path }) => path),
    },
  );
}

function backupOf(
  { snapshot: { id }, short, plan, wanted }: FoundRestore,
  catalog: Catalog,
  { watch, busy }: RestoreTarget,
): BackupRequest {
  return {
    catalog,
    watch,
    busy,
    hasDatabase: plan.database !== null,
    files: wanted,
    about: { label: `before the restore of ${short}`, wayBackFrom: id },
  };
}
