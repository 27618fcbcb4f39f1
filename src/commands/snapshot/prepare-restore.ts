/** @module Reads and proves all that a restore needs, before it changes anything. */
import { type Copy, emptyCopy } from "../../database/temporary-copy.ts";
import { rebuild } from "../../database/rebuild.ts";
import { pageSizeOf, restoreInto } from "../../database/restore-into.ts";
import { localPath } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { hasCode, OpsError } from "../../report/error.ts";
import { chunkText } from "../../snapshots/chunk-text.ts";
import type { SnapshotDatabase } from "../../snapshots/manifest.ts";
import type { ReadChunk } from "../../snapshots/read-chunk.ts";
import { type FileChanges, type Reading, stageFiles } from "./file-sources.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";

/** What is to be changed. */
export interface Content extends FileChanges {
  readonly database: SnapshotDatabase | null;
}

/** Why a restore ended after a part of its changes. */
export interface Stop {
  readonly error: OpsError;
  /** The paths of the files that were written or removed before. */
  readonly files: ReadonlySet<string>;
}

export interface Prepared {
  /**
   * Replaces the database in one transaction, then each file. Returns what stopped it after its first change, or null.
   * `requireUnchanged` is called just before.
   * @throws OpsError, and what `requireUnchanged` throws, if it has changed nothing
   */
  apply(requireUnchanged?: () => void): Promise<Stop | null>;
  /** Removes temporary files. */
  discard(): void;
}

/** @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_INCOMPLETE, FILE_UNWRITABLE, INTERRUPTED: then nothing was changed */
export async function prepareRestore(
  project: Project<SnapshotRestoreOptions>,
  reading: Reading,
  { database, ...files }: Content,
): Promise<Prepared> {
  const { settings } = project;
  const live = localPath(settings, settings.database);
  const restored = await stageFiles(project, reading, files);
  const copy = database === null ? null : await rebuilt(project, reading.chunks, database);
  return {
    async apply(requireUnchanged) {
      const done = new Set<string>();
      let isReplaced = false;
      try {
        if (copy !== null) await restoreInto(live, copy.path, { requireUnchanged });
        isReplaced = copy !== null;
        await restored((path) => done.add(path));
        return null;
      } catch (error) {
        const isChanged = isReplaced || done.size > 0 || hasCode(error, "DATABASE_NOT_SYNCED");
        if (!isChanged || !(error instanceof OpsError)) throw error;
        return { error, files: done };
      }
    },
    discard: () => copy?.remove(),
  };
}

async function rebuilt(
  { settings, options }: Project<SnapshotRestoreOptions>,
  read: ReadChunk,
  database: SnapshotDatabase,
): Promise<Copy> {
  const { onProgress, signal } = options;
  const copy = emptyCopy();
  try {
    await rebuild(database, chunkText(read), copy.path, {
      pageSize: pageSizeOf(localPath(settings, settings.database)),
      onRows: (done, total) => onProgress?.(done, total, "rebuilding", { unit: "rows" }),
      ...(signal !== undefined && { signal }),
    });
    return copy;
  } catch (error) {
    copy.remove();
    throw error;
  }
}
