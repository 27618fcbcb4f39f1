/** @module Reads and proves all that a restore of a remote database needs, and restores it: by Time Travel, else in batches. */
import type { Database } from "../../database/port.ts";
import type { Lease } from "../../lease/lease.ts";
import type { Project } from "../../project/project.ts";
import { OpsError } from "../../report/error.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import type { Wanted } from "../../snapshots/restore/wanted.ts";
import type { Scope } from "../../snapshots/restore/write-plan.ts";
import { type Reading, stageFiles } from "./file-sources.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";
import type { Changes, Prepared, Stop } from "./restore-target.ts";
import { type Progress, writeUnderLease } from "./write-remote.ts";

export interface OpenRemote {
  readonly database: Database;
  /** What the database should contain, read and proven once. */
  readonly wanted: (snapshot: Snapshot) => Promise<Wanted>;
  /** See {@link Scope}. */
  readonly only: Scope["only"];
  /** True if Time Travel has brought the wanted state back. */
  readonly travel: (lease: Lease, manifest: Manifest) => Promise<boolean>;
}

/** @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_INCOMPLETE, FILE_UNWRITABLE, INTERRUPTED: then nothing was changed */
export async function prepareRemote(
  project: Project<SnapshotRestoreOptions>,
  remote: OpenRemote,
  reading: Reading,
  { snapshot, ...files }: Changes,
): Promise<Prepared> {
  const restored = await stageFiles(project, reading, files);
  if (snapshot !== null) await remote.wanted(snapshot);
  return {
    async apply(_, backup) {
      const done = new Set<string>();
      const progress: Progress = { changed: false, bookmark: null, end: null };
      try {
        if (snapshot !== null) {
          await writeUnderLease(project, {
            database: remote.database,
            codec: reading.codec,
            wanted: async () => remote.wanted(snapshot),
            backup,
            only: remote.only,
            travel: async (lease) => remote.travel(lease, snapshot.manifest),
            progress,
          });
        }
        await restored((path) => done.add(path));
        return { stop: null, remote: progress.end, bookmark: progress.bookmark };
      } catch (error) {
        const isChanged = progress.changed || done.size > 0;
        if (!isChanged || !(error instanceof OpsError)) throw error;
        const isWhole = snapshot === null || progress.end !== null;
        const stop: Stop = { error, files: done, database: isWhole ? "restored" : "in part" };
        return { stop, remote: progress.end, bookmark: progress.bookmark };
      }
    },
  };
}
