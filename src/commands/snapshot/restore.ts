/**
 * `snapshot restore ID`: puts a database and the files back into the state of a snapshot. It proves all that it needs before it
 * changes anything, and takes a snapshot of the present first.
 * @module
 */
import { requireUninterrupted } from "../../project/interruption.ts";
import {
  type Project,
  type ProjectBody,
  withProject,
  withWritingProject,
} from "../../project/project.ts";
import { projectAt } from "../../project/project-at.ts";
import { withWayBack } from "../../project/way-back.ts";
import type { Report } from "../../report/report.ts";
import { readCatalog } from "../../snapshots/store/catalog.ts";
import { changesDatabase, changesOf } from "../../snapshots/restore/restore-plan.ts";
import { restoreReport } from "../../snapshots/report/restore-report.ts";
import { carryOut } from "./carry-out.ts";
import { confirmed } from "./confirm-restore.ts";
import { findRestore, type FoundRestore } from "./find-restore.ts";
import { openLocalTables } from "./local-tables.ts";
import { openLocalTarget } from "./local-target.ts";
import { openRemoteTables } from "./remote-tables.ts";
import { openRemoteTarget } from "./remote-target.ts";
import { readRestore, type SnapshotRestoreOptions } from "./restore-options.ts";
import { placeOfRestore } from "./restore-place.ts";
import type { RestoreTarget } from "./restore-target.ts";
import { openStore, type OpenStore } from "./unlock-store.ts";

export type { SnapshotRestoreOptions } from "./restore-options.ts";

/**
 * Outcome `changed`, or `ok` if the present equals the snapshot already. `partial` (exit 4): the database is restored, but not every file.
 * If it is killed, run it again.
 * @throws OpsError SNAPSHOT_UNKNOWN, SNAPSHOT_LOCKED, SNAPSHOT_DAMAGED, NOT_CONFIRMED if rows or files would be lost; then nothing was changed
 */
export async function snapshotRestore(given: SnapshotRestoreOptions): Promise<Report> {
  const { options, file } = placeOfRestore(readRestore(given));
  if (file === null) return withWritingProject("snapshot restore", options, restore);
  return withProject("snapshot restore", options, async (project) =>
    restore(await projectAt(project, file)),
  );
}

async function restore(project: Project<SnapshotRestoreOptions>): Promise<ProjectBody> {
  const opened = await openStore(project);
  const { tables } = project.options;
  const target = await project.byPlace({
    local: async () =>
      tables === undefined ? openLocalTarget(project) : openLocalTables(project, opened, tables),
    remote: async () =>
      tables === undefined
        ? openRemoteTarget(project, opened)
        : openRemoteTables(project, opened, tables),
  })();
  try {
    return await restoreTo(project, opened, target);
  } finally {
    target.close();
  }
}

async function restoreTo(
  project: Project<SnapshotRestoreOptions>,
  opened: OpenStore,
  to: RestoreTarget,
): Promise<ProjectBody> {
  const { options } = project;
  const { target } = to;
  const catalog = await readCatalog(opened.store, opened.codec);
  const plan = async (): Promise<FoundRestore> => findRestore(project, opened, catalog, to);
  const first = await plan();
  if (options.dryRun === true && !isNothing(first)) {
    return { ...restoreReport(first, { kind: "dry run" }), target };
  }
  const found = isNothing(first) ? first : await confirmed(project, first, plan);
  if (isNothing(found)) return { ...restoreReport(found, { kind: "nothing to do" }), target };
  requireUninterrupted(project);
  if (found.lostRuns !== null) await to.putBackRuns(found.lostRuns);
  if (isEqual(found)) return { ...restoreReport(found, { kind: "runs put back" }), target };
  const applied = await carryOut(project, opened, to, { found, catalog });
  const body = restoreReport(found, { kind: "restored", ...applied });
  return { ...withWayBack(body, project, target, applied.bookmark), target };
}

function isNothing(found: FoundRestore): boolean {
  return isEqual(found) && found.lostRuns === null;
}

function isEqual({ plan }: FoundRestore): boolean {
  return !changesDatabase(plan) && changesOf(plan).files.length === 0;
}
