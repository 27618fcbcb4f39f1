/** @module Builds the clone in a temporary file, reads it again, and searches it for originals of masked values. */
import { type Copy, emptyCopy } from "../../database/temporary-copy.ts";
import { openFrozen } from "../../database/frozen.ts";
import { rebuild } from "../../database/rebuild.ts";
import { pageSizeOf } from "../../database/restore-into.ts";
import { runStatements } from "../../database/run-statements.ts";
import { snapshotCodec } from "../../files/snapshot-codec.ts";
import { interruptibleDatabase } from "../../project/interruptible.ts";
import { localPath } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { withText } from "../../report/error-class.ts";
import type { Target } from "../../report/report.ts";
import { isIncomplete } from "../../snapshots/errors.ts";
import { LeakSearch } from "../../clones/leak-search.ts";
import { LeakTally } from "../../clones/leak-tally.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";
import type { MaskPlan } from "../../clones/mask-plan.ts";
import { RowMasker } from "../../clones/mask-rows.ts";
import { measure } from "../../snapshots/take/measure.ts";
import type { CloneOptions } from "./options.ts";
import type { Masking } from "./read-masks.ts";
import type { CloneSource } from "./clone-source.ts";

export interface Prepared {
  readonly copy: Copy;
  /** What a snapshot of the clone would have. */
  readonly manifest: Manifest;
  readonly masker: RowMasker;
  readonly leaks: LeakTally;
}

/** `project` is at the database that is replaced. @throws OpsError SNAPSHOT_INCOMPLETE, FILE_UNWRITABLE, INTERRUPTED; then nothing was changed */
export async function prepareClone(
  project: Project<CloneOptions>,
  source: CloneSource,
  { plan, masker: values, searchedAs }: Masking,
): Promise<Prepared> {
  const { settings, options } = project;
  const { onProgress, signal } = options;
  const search = new LeakSearch();
  const masker = new RowMasker(plan, values, (original, kind) => search.add(original, kind));
  const copy = emptyCopy();
  try {
    const { database, read } = await source.read(masker, copy);
    await rebuild(database, read, copy.path, {
      pageSize: pageSizeOf(localPath(settings, settings.database)),
      onRows: (done, total) => onProgress?.(done, total, "building", { unit: "rows" }),
      ...(signal !== undefined && { signal }),
    }).catch((error: unknown) => {
      throw explained(error, plan);
    });
    runStatements(copy.path, plan.reindex);
    const leaks = new LeakTally(search, searchedAs);
    return { copy, masker, leaks, manifest: await readAgain(project, copy, source.target, leaks) };
  } catch (error) {
    copy.remove();
    throw error;
  }
}

async function readAgain(
  project: Project<CloneOptions>,
  { path }: Copy,
  target: Target,
  leaks: LeakTally,
): Promise<Manifest> {
  const clone = openFrozen(path, target);
  try {
    return await measure({
      codec: snapshotCodec,
      database: {
        d1: interruptibleDatabase(clone.d1, project),
        source: target,
        bookmark: null,
        migration: null,
        rewrite: (shape) => leaks.reader(shape.name, shape.columns),
      },
      files: [],
      onProgress: (done, total, unit) =>
        project.options.onProgress?.(done, total, "checking", { unit }),
    });
  } finally {
    clone.close();
  }
}

/** Two masked values of a column may be equal, if its kind has few of them. */
function explained(error: unknown, { tables }: MaskPlan): unknown {
  if (!isIncomplete(error) || tables.size === 0 || !/UNIQUE/.test(error.message)) return error;
  const hint =
    'Two masked values are equal. "hash" and "email" have 128 bits or more, "name" and "phone" fewer: use another kind, or another key in D1OPS_MASK_KEY.';
  return withText(error, { message: error.message, hint });
}
