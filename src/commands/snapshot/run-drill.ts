/** @module The drill: rebuilds the database of a snapshot in a temporary file, and proves that it is the same database. */
import { emptyCopy } from "../../database/temporary-copy.ts";
import { examineFile } from "../../database/examine-file.ts";
import { openFrozen } from "../../database/frozen.ts";
import { rebuild } from "../../database/rebuild.ts";
import { interruptibleDatabase } from "../../project/interruptible.ts";
import type { AnyProject } from "../../project/project.ts";
import type { OnProgress } from "../../report/progress.ts";
import { differencesBetween, type Drill } from "../../snapshots/verify/drill.ts";
import type { SnapshotDatabase } from "../../snapshots/store/manifest.ts";
import { isIncomplete } from "../../snapshots/errors.ts";
import { measure } from "../../snapshots/take/measure.ts";
import { chunkText } from "../../snapshots/rows/chunk-text.ts";
import type { Reading } from "./file-sources.ts";
import type { SnapshotOptions } from "./snapshot-options.ts";

type Drilling = AnyProject<SnapshotOptions & { readonly onProgress?: OnProgress }>;

/** @throws OpsError FILE_UNWRITABLE, INTERRUPTED, and those of the store */
export async function runDrill(
  project: Drilling,
  database: SnapshotDatabase,
  { chunks, codec }: Pick<Reading, "chunks" | "codec">,
): Promise<Drill> {
  const { onProgress, signal } = project.options;
  const copy = emptyCopy();
  try {
    await rebuild(database, chunkText(chunks), copy.path, {
      onRows: (done, total) => onProgress?.(done, total, "rebuilding", { unit: "rows" }),
      ...(signal !== undefined && { signal }),
    });
    const { problems, orphans } = examineFile(copy.path);
    const rebuilt = openFrozen(copy.path, database.source);
    try {
      const { source, migration } = database;
      const d1 = interruptibleDatabase(rebuilt.d1, project);
      const found = await measure({
        codec,
        database: { d1, source, bookmark: null, migration },
        files: [],
        onProgress: (done, total, unit) => onProgress?.(done, total, "comparing", { unit }),
      });
      const differences =
        found.database === null ? [] : differencesBetween(database, found.database);
      return { failure: null, problems, orphans, differences };
    } finally {
      rebuilt.close();
    }
  } catch (error) {
    if (!isIncomplete(error)) throw error;
    return { failure: error.message, problems: [], orphans: null, differences: [] };
  } finally {
    copy.remove();
  }
}
