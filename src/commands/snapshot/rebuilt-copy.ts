/** @module The database of a snapshot, rebuilt in a temporary file. */
import { type Copy, emptyCopy } from "../../database/temporary-copy.ts";
import { rebuild } from "../../database/rebuild.ts";
import { pageSizeOf } from "../../database/restore-into.ts";
import { localPath } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { chunkText } from "../../snapshots/rows/chunk-text.ts";
import type { SnapshotDatabase } from "../../snapshots/store/manifest.ts";
import type { ReadChunk } from "../../snapshots/rows/read-chunk.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";

/** Reads and proves all of it. @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_INCOMPLETE, FILE_UNWRITABLE, INTERRUPTED */
export async function rebuilt(
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
