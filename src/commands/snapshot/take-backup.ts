/** @module Takes the snapshot of the present before a restore: the way back. */
import { readGitState } from "../../files/git-state.ts";
import { toolName } from "../../project/envelope.ts";
import type { Project } from "../../project/project.ts";
import type { Catalog } from "../../snapshots/catalog.ts";
import { previousOf } from "../../snapshots/previous.ts";
import type { Restore } from "../../snapshots/restore-report.ts";
import { shortIds } from "../../snapshots/snapshot-words.ts";
import { takeSnapshot } from "../../snapshots/take.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";
import { presentFiles } from "./file-sources.ts";
import { progressOf, sourceOf } from "./sources.ts";
import type { OpenStore } from "./unlock-store.ts";

export interface Backup {
  readonly id: string;
  readonly short: string;
}

/** Contains what the restore concerns. The present may have changed since the plan, so this reads it again. */
export async function takeBackup(
  project: Project<SnapshotRestoreOptions>,
  { store, codec }: OpenStore,
  { snapshots, unreadable }: Catalog,
  { snapshot, short, plan }: Restore,
): Promise<Backup> {
  const { settings, options } = project;
  const database = plan.database === null ? null : await sourceOf(project);
  const { files, globs } =
    options.databaseOnly === true ? { files: [], globs: [] } : snapshot.manifest;
  const { id } = await takeSnapshot({
    store,
    codec,
    database,
    files: await presentFiles(project, { files, globs }, store),
    globs,
    previous: previousOf(snapshots, database?.source ?? null),
    about: {
      tool: toolName(),
      takenAt: project.startedAt.toISOString(),
      label: `before the restore of ${short}`,
      wayBackFrom: snapshot.id,
      git: await readGitState(settings.projectPath),
    },
    now: project.date,
    onProgress: progressOf(options, database),
  });
  return { id, short: shortIds([id, ...[...snapshots, ...unreadable].map((one) => one.id)])(id) };
}
