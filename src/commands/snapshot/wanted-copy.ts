/** @module The database of a snapshot, rebuilt in a temporary file, to be written elsewhere. */
import { openFrozen } from "../../database/frozen.ts";
import type { Project } from "../../project/project.ts";
import type { SnapshotDatabase } from "../../snapshots/store/manifest.ts";
import type { ReadChunk } from "../../snapshots/rows/read-chunk.ts";
import { snapshotSide } from "../../snapshots/rows/side.ts";
import type { Wanted } from "../../snapshots/restore/wanted.ts";
import { rebuilt } from "./rebuilt-copy.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";

export interface WantedCopy extends Wanted {
  /** Removes the file. */
  readonly close: () => void;
}

/** Reads and proves all chunks. @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_INCOMPLETE, FILE_UNWRITABLE, INTERRUPTED */
export async function openWanted(
  project: Project<SnapshotRestoreOptions>,
  chunks: ReadChunk,
  database: SnapshotDatabase,
): Promise<WantedCopy> {
  const file = await rebuilt(project, chunks, database);
  const opened = openFrozen(file.path, database.source);
  const { reader } = snapshotSide({ database, files: [], globs: [] }, chunks);
  return {
    what: "snapshot",
    database,
    reader,
    copy: opened.d1,
    close() {
      opened.close();
      file.remove();
    },
  };
}
